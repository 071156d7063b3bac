"""Options of [database]."""

from typing import Any

from oslo_config import cfg

GROUP = "database"
OPTS = [
    cfg.StrOpt(
        "connection",
        default="sqlite:////var/lib/minicloud/minicloud.sqlite",
        secret=True,
        help="SQLAlchemy URL: sqlite:///file, mariadb://user:password@host/name or "
        "postgresql://user:password@host/name.",
    ),
    cfg.IntOpt("pool_size", default=10, min=1, help="Connections kept open by one process."),
    cfg.IntOpt(
        "max_attempts",
        default=10,
        min=1,
        help="Times a transaction is tried after deadlocks, "
        "certification failures and lost connections.",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
