"""Options of [servicegroup]."""

from typing import Any

from oslo_config import cfg

GROUP = "servicegroup"
OPTS = [
    cfg.StrOpt(
        "driver",
        default="db",
        deprecated_name="servicegroup_driver",
        deprecated_group="DEFAULT",
        secret=True,
        help="Who knows which services live: db (the database), zk (ZooKeeper, see [zookeeper]), "
        "mc (memcached, [memcache]), redis ([redis]), etcd ([etcd]), or the URL of one of these "
        "as tooz has it: zookeeper://h1:2181,h2:2181, memcached://host:11211, "
        "redis://:password@host:6379, etcd3+http://host:2379. All programs of a deployment need "
        "the same. An entry point of minicloud.servicegroup.drivers.",
    ),
    cfg.FloatOpt(
        "report_interval_s",
        default=5.0,
        min=0.05,
        help="Seconds between two reports of a service. Driver db: a conductor writes what it "
        "heard for all services together, once a second, or five times an interval where the "
        "interval is less than 5 s.",
    ),
    cfg.FloatOpt(
        "service_down_time_s",
        default=20.0,
        min=0.1,
        help="Seconds without a report after which a "
        "service counts as down. At least 2.5 times the report interval.",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]


def down_time_s(conf: cfg.ConfigOpts) -> float:
    """Seconds without a report after which a service is down; never less than 2.5 intervals."""
    options = conf[GROUP]
    return float(max(options.service_down_time_s, 2.5 * options.report_interval_s))


def flush_interval_s(conf: cfg.ConfigOpts) -> float:
    """Seconds between two statements that renew members in the database.

    Two and a half of them is half a report interval: servicegroup/drivers/renewals.py.
    """
    return min(1.0, float(conf[GROUP].report_interval_s) / 5)
