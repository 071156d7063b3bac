"""Options of [ratelimit]."""

from typing import Any

from oslo_config import cfg

GROUP = "ratelimit"
OPTS = [
    cfg.BoolOpt(
        "enabled",
        default=False,
        help="Whether requests are limited at all. Off it costs nothing, and no limits are read.",
    ),
    cfg.StrOpt(
        "limits_file",
        default="limits.yaml",
        help="The limits: a file name, looked up in the configuration directories, or a path; "
        "without such a file, the limits as shipped. With a Redis, what one that has none begins "
        "with.",
    ),
    cfg.StrOpt(
        "store",
        default="memory",
        help="Where levels are kept: memory, for one API process (several would each allow the "
        "whole limit), or the URL of a Redis that all of them share: redis://host:6379/0, "
        "rediss:// with TLS.",
        secret=True,
    ),
    cfg.StrOpt(
        "key_prefix",
        default="minicloud",
        regex=r"^[A-Za-z0-9_.:-]{1,64}$",
        help="What the keys in Redis begin with, in braces: a cluster keeps them together. "
        "Two deployments in one Redis need two.",
    ),
    cfg.StrOpt(
        "control_channel",
        default="control",
        regex=r"^[A-Za-z0-9_.-]{1,64}$",
        help="The channel of Redis on which API processes hear what `minicloud-manage limits` "
        "says. Two deployments in one Redis need two.",
    ),
    cfg.FloatOpt(
        "reload_spread_s",
        default=0.0,
        min=0,
        max=3600,
        help="Seconds over which processes that are told to reload spread it, each by chance. "
        "Raise it where hundreds would ask Redis at once.",
    ),
    cfg.StrOpt(
        "store_failure",
        default="open",
        choices=[
            ("open", "allow every request"),
            ("closed", "refuse every request that comes under a limit, with 503"),
        ],
        help="What to do while Redis cannot be reached.",
    ),
    cfg.FloatOpt(
        "store_timeout_s",
        default=0.25,
        min=0.01,
        help="Seconds that Redis has for an answer, and for a connection. A request is held up "
        "so long at most, and only the first: see store_pause_s.",
    ),
    cfg.FloatOpt(
        "store_pause_s",
        default=1.0,
        min=0.05,
        help="Seconds for which a Redis that did not answer is asked nothing.",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
