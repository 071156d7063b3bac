"""Options of [zookeeper]."""

from typing import Any

from oslo_config import cfg

GROUP = "zookeeper"
OPTS = [
    cfg.StrOpt(
        "address",
        default="127.0.0.1:2181",
        help="The servers of the ensemble, host:port,host:port,...; for [servicegroup] driver = "
        "zk. Quotes around it do no harm.",
    ),
    cfg.IntOpt(
        "recv_timeout",
        min=100,
        help="The session's time-out in milliseconds, where it should be shorter than the time "
        "after which a service is down ([servicegroup] service_down_time_s), which it is by "
        "default. The server keeps it within 2 and 20 of its ticks.",
    ),
    cfg.StrOpt(
        "sg_prefix",
        default="/tooz",
        help="The node under which the groups are; it is made when it is missing.",
    ),
    cfg.FloatOpt(
        "sg_retry_interval",
        default=1.0,
        min=0.05,
        help="Seconds after which joining is tried again when the servers could not be reached.",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
