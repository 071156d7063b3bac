"""Options of [consoleauth]."""

from typing import Any

from oslo_config import cfg

GROUP = "consoleauth"
OPTS = [
    cfg.IntOpt(
        "token_ttl",
        default=600,
        min=1,
        help="Seconds for which the address of a console can be looked at.",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
