"""Where a service group is kept, as the configuration of a program says."""

from dataclasses import dataclass

from oslo_config import cfg

from tests.options import defaults

DRIVERS = ("redis", "mc", "etcd", "zk", "db")
TTL_S = 2.0


@dataclass(frozen=True)
class Place:
    """`url` for tooz, or `db`; `database_url` has the rows of services."""

    url: str
    database_url: str
    ttl_s: float = TTL_S

    def conf(self) -> cfg.ConfigOpts:
        conf = defaults()
        conf.set_override("driver", self.url, "servicegroup")
        conf.set_override("report_interval_s", self.ttl_s / 4, "servicegroup")
        conf.set_override("service_down_time_s", self.ttl_s, "servicegroup")
        conf.set_override("connection", self.database_url, "database")
        return conf
