"""Options of [redis]."""

from typing import Any

from oslo_config import cfg

GROUP = "redis"
OPTS = [
    cfg.StrOpt(
        "url",
        default="redis://127.0.0.1:6379",
        secret=True,
        help="The Redis that keeps the service group; for [servicegroup] driver = redis: "
        "redis://:password@host:6379, rediss:// with TLS, "
        "redis://host:26379?sentinel=name through a sentinel.",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
