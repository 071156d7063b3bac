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
    etcd,
    fake,
    identity,
    image,
    keystone_authtoken,
    memcache,
    metrics,
    network,
    quota,
    ratelimit,
    redis,
    rpc,
    scheduler,
    servicegroup,
    zookeeper,
)

_MODULES = (
    default,
    api,
    compute,
    conductor,
    consoleauth,
    database,
    etcd,
    fake,
    identity,
    image,
    memcache,
    metrics,
    network,
    quota,
    ratelimit,
    redis,
    rpc,
    scheduler,
    servicegroup,
    zookeeper,
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
