"""Keeps the table of hosts fresh: what changed since the last look, all of it now and then."""

import threading
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.db import aggregates, hosts, services
from minicloud.db.engine import Database
from minicloud.db.models import ComputeNode
from minicloud.scheduler.columns import NUMBERS
from minicloud.scheduler.hosts import HostFacts, HostTable
from minicloud.scheduler.stock import Stock
from minicloud.servicegroup.base import COMPUTE, ServiceGroup

_KIND = (
    *("hypervisor_type", "hypervisor_version", "cpu_info", "supported_instances"),
    *("cpu_allocation_ratio", "ram_allocation_ratio", "disk_allocation_ratio"),
)
_Found = tuple[list[ComputeNode], list[str], aggregates.Groups | None]
_OVERLAP = timedelta(seconds=2)  # what was written before the last look and committed after it
_SETTLED = timedelta(seconds=120)  # longer than any transaction: what is older was seen
_PER_HOST_S = 0.01  # between two readings of everything, for each host there is
_MOST_DOUBTED = 500  # hosts that are read again by name


@dataclass(frozen=True)
class _Look:
    """What is read: everything (`since` is None), or what changed and some hosts besides.

    `is_sure`: nothing that was committed before can have been missed.
    """

    since: datetime | None
    besides: frozenset[str] = frozenset()
    is_sure: bool = True


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
        self._reload_s: float = conf.filter_scheduler.reload_interval_s
        self._read_at: datetime | None = None
        self._reload_at: float | None = None  # monotonic; None: at the next look
        self._aggregates: aggregates.Marks | None = None  # as they were read; None: not yet
        self._doubted: set[str] = set()
        self._counted: Counter[str] = Counter()  # of picks that are not claimed yet
        self._closely = False
        self._stock = Stock(wants_contents)
        self.lock = threading.Lock()  # hold it while the table is used
        default_zone: str = conf.filter_scheduler.default_availability_zone
        self.table = HostTable(default_zone, self._stock.contents)

    def count(self, hosts: Iterable[str]) -> None:
        """Something was counted on these that may not happen; the caller holds the lock."""
        self._counted.update(hosts)

    def settle(self, hosts: Collection[str], in_vain: Collection[str]) -> None:
        """It happened, or did not: read these again at the next look."""
        with self.lock:
            self._counted.subtract(hosts)
            self._counted = +self._counted
            self._doubted.update(in_vain)
            if not in_vain:
                return
            if len(self._doubted) > _MOST_DOUBTED or self._stock.contents.is_kept:
                self._reload_at = None

    def distrust(self) -> None:
        """Nobody knows what was counted: read all again; the caller holds the lock."""
        self._reload_at = None

    def look_closely(self) -> None:
        """Let the next look be sure."""
        with self.lock:
            self._closely = True
            if self._stock.contents.is_kept:
                self._reload_at = None

    def refresh(self) -> bool:
        """Bring the table up to date; the caller holds the lock.

        Whether that is sure: whatever was committed before is in the table.
        """
        now, moment = self._database.now(), self._database.monotonic()
        look = self._look(now, moment)
        whole = look.since is None
        last = None if self._read_at is None else self._read_at - _OVERLAP
        known = None if whole else self._aggregates

        def work(db: Session) -> _Found:
            found = _read(db, look, known)
            if self._stock.contents.is_kept:
                self._stock.refresh(db, last)
            if self._stock.contents.is_kept and whole:
                self._stock.check(db, {node.host: node.num_instances for node in found[0]})
            return found

        nodes, disabled, groups = self._database.read(work)
        self._take_over(nodes, look)
        if whole:
            self._reload_at = moment + max(self._reload_s, _PER_HOST_S * len(self.table))
        if groups is not None:
            self._aggregates = groups.marks
            self.table.set_aggregates(groups.metadata, groups.of_hosts, groups.names)
        # After the nodes: who is down before its epoch was read is seen to be, and on one that is
        # called down after it, no claim in that epoch succeeds.
        self.table.set_alive(self._group.get_all(COMPUTE), disabled)
        if look.is_sure:  # only what is sure is told
            self.table.set_lately(self._group.lately(COMPUTE))
        self._read_at, self._closely = now, False
        self._doubted.clear()
        return look.is_sure

    def _look(self, now: datetime, moment: float) -> _Look:
        """Everything at first, now and then, and where time has gone back."""
        if self._read_at is None or self._reload_at is None:
            return _Look(None)
        if moment >= self._reload_at or now < self._read_at:
            return _Look(None)
        if self._closely:
            besides = self._doubted | self._counted.keys()
            return _Look(self._read_at - _SETTLED, frozenset(besides))
        return _Look(self._read_at - _OVERLAP, frozenset(self._doubted), is_sure=False)

    def _take_over(self, nodes: Sequence[ComputeNode], look: _Look) -> None:
        found = {node.host for node in nodes}
        if look.since is None:
            self.table.keep_only(found)
        elif not look.besides <= found:
            gone = look.besides - found
            self.table.keep_only({name for name in self.table.names if name not in gone})
        self.table.update(facts_of(node) for node in nodes)


def _read(db: Session, look: _Look, known: aggregates.Marks | None) -> _Found:
    if look.since is None:
        nodes = hosts.all_nodes(db)
    else:
        nodes = hosts.changed_since(db, look.since, look.besides)
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
        node.epoch,
    )
