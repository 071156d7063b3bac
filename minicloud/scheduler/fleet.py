"""Keeps the table of hosts fresh: what changed since the last look, all of it now and then."""

import threading
from datetime import datetime, timedelta

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.db import aggregates, hosts, services
from minicloud.db.engine import Database
from minicloud.db.models import ComputeNode
from minicloud.scheduler.hosts import NUMBERS, HostFacts, HostTable
from minicloud.scheduler.stock import Stock
from minicloud.servicegroup.base import COMPUTE, ServiceGroup

_KIND = (
    *("hypervisor_type", "hypervisor_version", "cpu_info", "supported_instances"),
    *("cpu_allocation_ratio", "ram_allocation_ratio", "disk_allocation_ratio"),
)
_Found = tuple[list[ComputeNode], list[str], aggregates.Groups | None]
_OVERLAP = timedelta(seconds=2)  # longer than a transaction: what was written before and seen late


class Fleet:
    """The table may be a little old: a claim that the books refuse is simply chosen again.

    `wants_contents`: what runs on the hosts is read as well.
    """

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        database: Database,
        group: ServiceGroup,
        wants_contents: bool = False,
    ) -> None:
        self._database, self._group = database, group
        self._default_zone: str = conf.filter_scheduler.default_availability_zone
        self._reload_s: float = conf.filter_scheduler.reload_interval_s
        self._read_at: datetime | None = None
        self._reload_at: float | None = None  # monotonic; None: at the next look
        self._aggregates: aggregates.Marks | None = None  # as they were read; None: not yet
        self._stock = Stock(wants_contents)
        self.lock = threading.Lock()  # hold it while the table is used
        self.table = self._new_table()

    def doubt(self) -> None:
        """Something was counted here that did not happen: read everything at the next look."""
        with self.lock:
            self._reload_at = None

    def refresh(self) -> bool:
        """Bring the table up to date; the caller holds the lock. Whether all of it was read."""
        now, moment = self._database.now(), self._database.monotonic()
        whole = self._reload_at is None or self._read_at is None or moment >= self._reload_at
        last = None if self._read_at is None else self._read_at - _OVERLAP
        since, known = (None, None) if whole else (last, self._aggregates)

        def work(db: Session) -> _Found:
            found = _read(db, since, known)
            if self._stock.contents.is_kept:
                self._stock.refresh(db, last)
            if self._stock.contents.is_kept and whole:
                self._stock.check(db, {node.host: node.num_instances for node in found[0]})
            return found

        nodes, disabled, groups = self._database.read(work)
        if whole:
            self.table = self._new_table()
            self._reload_at = moment + self._reload_s
        self.table.update(facts_of(node) for node in nodes)
        if groups is not None:
            self._aggregates = groups.marks
            self.table.set_aggregates(groups.metadata, groups.of_hosts, groups.names)
        self.table.set_alive(self._group.get_all(COMPUTE), disabled)
        self.table.set_lately(self._group.lately(COMPUTE))
        self._read_at = now
        return whole

    def _new_table(self) -> HostTable:
        return HostTable(self._default_zone, self._stock.contents)


def _read(db: Session, since: datetime | None, known: aggregates.Marks | None) -> _Found:
    nodes = hosts.all_nodes(db) if since is None else hosts.changed_since(db, since)
    return nodes, services.disabled(db, COMPUTE), aggregates.changed_groups(db, known)


def facts_of(node: ComputeNode) -> HostFacts:
    return HostFacts(
        node.host,
        node.node,
        node.agent,
        {name: getattr(node, name) for name in NUMBERS},
        {name: getattr(node, name) for name in _KIND},
        node.host_ip,
        node.metrics,
        node.changed_at,
    )
