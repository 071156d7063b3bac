"""Options, one module per group. `conf` is passed in; only `cmd/` touches `cfg.CONF`."""

from typing import Any

from oslo_config import cfg

from minicloud.conf import (
    api,
    compute,
    conductor,
    consoleauth,
    database,
    default,
    fake,
    identity,
    image,
    keystone_authtoken,
    metrics,
    network,
    quota,
    ratelimit,
    rpc,
    scheduler,
    servicegroup,
)

_MODULES = (
    default,
    api,
    compute,
    conductor,
    consoleauth,
    database,
    fake,
    identity,
    image,
    metrics,
    network,
    quota,
    ratelimit,
    rpc,
    scheduler,
    servicegroup,
)


def register_opts(conf: cfg.ConfigOpts) -> cfg.ConfigOpts:
    for module in _MODULES:
        module.register_opts(conf)
    return conf


def own_opts() -> list[tuple[str | None, list[Any]]]:
    return [pair for module in _MODULES for pair in module.list_opts()]


def list_opts() -> list[tuple[str | None, list[Any]]]:
    """For oslo-config-generator (`tox -e genconfig`)."""
    return [*own_opts(), *keystone_authtoken.list_opts()]
