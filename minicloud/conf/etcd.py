"""Options of [etcd]."""

from typing import Any

from oslo_config import cfg

GROUP = "etcd"
OPTS = [
    cfg.StrOpt(
        "url",
        default="http://127.0.0.1:2379",
        secret=True,
        help="The etcd that keeps the service group; for [servicegroup] driver = etcd: "
        "http://host:2379 or https://host:2379?ca_cert=/path. It is asked over its gateway for "
        "HTTP.",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
