"""Options of [rpc]."""

from typing import Any

from oslo_config import cfg

GROUP = "rpc"
OPTS = [
    cfg.FloatOpt(
        "call_timeout_s",
        default=10.0,
        min=0.1,
        help="Seconds to wait for an answer; then the "
        "work falls due again. Raise it where schedulers or conductors are that slow.",
    ),
    cfg.IntOpt(
        "threads", default=8, min=1, help="Calls answered at the same time by one process."
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
