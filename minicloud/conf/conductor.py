"""Options of [conductor]."""

from typing import Any

from oslo_config import cfg

GROUP = "conductor"
OPTS = [
    cfg.FloatOpt(
        "tick_s",
        default=1.0,
        min=0.05,
        help="Seconds between two sweeps for due work when nothing wakes the conductor.",
    ),
    cfg.FloatOpt(
        "lease_s",
        default=8.0,
        min=0.1,
        help="Seconds after which work that a conductor has "
        "begun and not finished is taken up again by any conductor.",
    ),
    cfg.IntOpt("batch", default=200, min=1, help="Instances handled in one sweep."),
    cfg.FloatOpt(
        "wait_for_hosts_s",
        default=15.0,
        min=0,
        help="Seconds for which a boot that no host takes waits while hosts are down: after a "
        "restart of everything they are back in a moment. 0: refuse at once.",
    ),
    cfg.FloatOpt(
        "gather_s",
        default=0.05,
        min=0,
        help="Seconds for which wakes gather once they come faster than they are "
        "followed; 0: never. Under load it makes one step do the work of many, and "
        "puts each boot off by as much.",
    ),
    cfg.FloatOpt(
        "pending_look_again_s",
        default=60.0,
        min=0.1,
        help="Seconds after which servers that wait for room (hint pending_timeout) are tried "
        "again although nothing told that there is more room. Lower it where filters judge by "
        "what does not show in the books.",
    ),
    cfg.FloatOpt(
        "audit_interval_s",
        default=600.0,
        min=0,
        help="Seconds between two audits of all hosts by the conductor that has the duty: claims "
        "are recounted and corrected, rows that do not fit one another are told in the log. "
        "Living hosts are audited with their inventories anyway. 0: none.",
    ),
    cfg.FloatOpt(
        "reclaim_interval_s",
        default=300.0,
        min=0,
        help="Seconds after which the conductor that has the duty forgets what has expired: "
        "tokens, console tokens, idempotency keys. 0: they stay until others of their kind are "
        "made.",
    ),
    cfg.IntOpt(
        "max_attempts", default=3, min=1, help="Hosts tried for one build; 1: no second try."
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
