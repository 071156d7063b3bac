"""Options of [memcache]."""

from typing import Any

from oslo_config import cfg

GROUP = "memcache"
OPTS = [
    cfg.ListOpt(
        "servers",
        default=["127.0.0.1:11211"],
        help="host:port of the memcached that keeps the service group; for [servicegroup] driver "
        "= mc. All programs must name the same one first: with several the first is used, and "
        "the others are not, as members on different servers would not see each other.",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
