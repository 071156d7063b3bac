"""Keeps the table of hosts fresh: what changed since the last look, all of it now and then."""

import threading
from datetime import datetime, timedelta

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.db import aggregates, hosts, services
from minicloud.db.engine import Database
from minicloud.db.models import ComputeNode
from minicloud.scheduler.hosts import HostFacts, HostTable
from minicloud.servicegroup.base import COMPUTE, ServiceGroup

_OVERLAP = timedelta(seconds=2)  # longer than a transaction: what was written before and seen late


class Fleet:
    """The table may be a little old: a claim that the books refuse is simply chosen again."""

    def __init__(self, conf: cfg.ConfigOpts, database: Database, group: ServiceGroup) -> None:
        self._database, self._group = database, group
        self._default_zone: str = conf.filter_scheduler.default_availability_zone
        self._reload_s: float = conf.filter_scheduler.reload_interval_s
        self._read_at: datetime | None = None
        self._reload_at: float | None = None  # monotonic; None: at the next look
        self.lock = threading.Lock()  # hold it while the table is used
        self.table = HostTable(self._default_zone)

    def doubt(self) -> None:
        """Something was counted here that did not happen: read everything at the next look."""
        with self.lock:
            self._reload_at = None

    def refresh(self) -> bool:
        """Bring the table up to date; the caller holds the lock. Whether all of it was read."""
        now, moment = self._database.now(), self._database.monotonic()
        whole = self._reload_at is None or self._read_at is None or moment >= self._reload_at
        since = None if whole or self._read_at is None else self._read_at - _OVERLAP
        nodes, disabled, zones = self._database.read(lambda db: _read(db, since))
        if whole:
            self.table = HostTable(self._default_zone)
            self._reload_at = moment + self._reload_s
        self.table.update(_facts(node) for node in nodes)
        self.table.set_alive(self._group.get_all(COMPUTE), disabled)
        self.table.set_lately(self._group.lately(COMPUTE))
        self.table.set_zones(zones)
        self._read_at = now
        return whole


def _read(
    db: Session, since: datetime | None
) -> tuple[list[ComputeNode], list[str], dict[str, str]]:
    nodes = hosts.all_nodes(db) if since is None else hosts.changed_since(db, since)
    return nodes, services.disabled(db, COMPUTE), aggregates.zones(db)


def _facts(node: ComputeNode) -> HostFacts:
    numbers = {
        "vcpus_limit": node.vcpus_limit,
        "vcpus_used": node.vcpus_used,
        "memory_mb": node.memory_mb,
        "memory_mb_limit": node.memory_mb_limit,
        "memory_mb_used": node.memory_mb_used,
        "disk_gb_limit": node.disk_gb_limit,
        "disk_gb_used": node.disk_gb_used,
        "num_instances": node.num_instances,
        "num_io_ops": node.num_io_ops,
        "failed_builds": node.failed_builds,
    }
    return HostFacts(node.host, node.node, node.agent, numbers)
