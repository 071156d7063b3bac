"""Schedulers on one real database that are asked from many sides at once."""

import uuid as uuids
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa
from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.conductor import groups
from minicloud.conductor.place import filter_properties, request_spec
from minicloud.context import for_service
from minicloud.db import flavors, hosts, instances, server_groups
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from minicloud.instance_states import Task, VmState
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.direct import DirectLine
from minicloud.rpc.scheduler import SchedulerClient, SchedulerEndpoint, Verdict, Wanted
from minicloud.runtime import dice
from minicloud.scheduler.service import Scheduler
from minicloud.servicegroup.base import COMPUTE
from minicloud.servicegroup.drivers.db import DbDriver
from minicloud.zones.local.create import flavor_copy
from tests.options import defaults

_PLENTY = 1 << 20


def usual_conf() -> cfg.ConfigOpts:
    return defaults()


class Race:
    """A cloud of so many hosts, each with room for `vcpus` servers, and so many schedulers."""

    def __init__(
        self,
        books: Database,
        count: int,
        vcpus: int = _PLENTY,
        schedulers: int = 4,
        conf: cfg.ConfigOpts | None = None,
    ) -> None:
        self.books, self._conf = books, conf or usual_conf()
        self._hosts = [f"node{number}" for number in range(count)]
        self._add_hosts(vcpus)
        self._line = DirectLine()
        for number in range(schedulers):
            group = DbDriver(self._conf, books)
            made = Scheduler(self._conf, books, group, ComputeClient(self._line), dice.new())
            self._line.serve("scheduler", "1.0", f"scheduler-{number}", SchedulerEndpoint(made))
        self.client = SchedulerClient(self._line)
        self._beat()

    def ask_at_once(self, calls: Sequence[Sequence[Wanted]], width: int = 20) -> list[Verdict]:
        """The verdicts on all of these lists, each asked for in one call."""
        self._beat()
        with ThreadPoolExecutor(width) as pool:
            return [verdict for found in pool.map(self._ask, calls) for verdict in found]

    def ask_each_at_once(self, wanted: Sequence[Wanted], width: int = 20) -> list[Verdict]:
        return self.ask_at_once([[one] for one in wanted], width)

    def _ask(self, wanted: Sequence[Wanted]) -> Sequence[Verdict]:
        """As a conductor does: again when a race was lost."""
        for _ in range(50):
            verdicts = self.client.select_destinations(for_service("test"), wanted)
            if all(verdict.host or verdict.refused for verdict in verdicts):
                return verdicts
        raise AssertionError(f"no verdict on {[one.uuid for one in wanted]}")

    def new(self, count: int, *, together: bool = False, **request: Any) -> list[Wanted]:
        """So many new servers as a conductor asks for them; `together`: of one create."""
        whole = {"num_instances": count} if together else {}
        return self._made([{**request, **whole}] * count)

    def members(
        self, policy: str, count: int, rules: Mapping[str, int] | None = None
    ) -> list[Wanted]:
        """New servers of one new group."""
        facts = {"project_id": "p", "user_id": "u", "name": "g", "policy": policy}
        facts |= {"uuid": str(uuids.uuid4())}
        made = self.books.write(
            lambda db: server_groups.add(db, {**facts, "rules": rules or {}}, self.books.now())
        )
        hints = {"hints": {"group": made.uuid}}
        return self._made([hints] * count, lambda db, names: server_groups.join(db, made, names))

    def places(self) -> tuple[Counter[str], Counter[str]]:
        """Servers by host, and by task."""
        query = sa.select(Instance.host, Instance.task_state).where(Instance.deleted == 0)
        rows = self.books.read(lambda db: db.execute(query).all())
        return Counter(str(r[0]) for r in rows if r[0]), Counter(str(r[1]) for r in rows)

    def _add_hosts(self, vcpus: int) -> None:
        facts: dict[str, Any] = {
            "hypervisor_type": "fake",
            "hypervisor_version": 1,
            "cpu_info": {},
            "supported_instances": [],
            **dict.fromkeys(("vcpus", "vcpus_limit"), vcpus),
            **dict.fromkeys(("memory_mb", "disk_gb"), _PLENTY),
            **dict.fromkeys(("memory_mb_limit", "disk_gb_limit"), _PLENTY),
        }

        def work(db: Session) -> None:
            for name in self._hosts:
                hosts.record_inventory(db, name, "agent", {**facts, "node": name}, now)
            flavors.add_devstack(db, now)

        now = self.books.now()
        self.books.write(work)

    def _beat(self) -> None:
        DbDriver(self._conf, self.books).renew(self._hosts, COMPUTE)

    def _made(
        self,
        requests: Sequence[Mapping[str, Any]],
        join: Callable[[Session, Sequence[str]], object] = lambda _db, _names: None,
    ) -> list[Wanted]:
        now = self.books.now()
        names = [str(uuids.uuid4()) for _ in requests]
        reservation = f"r-{uuids.uuid4().hex[:8]}"

        def work(db: Session) -> None:
            common = {
                "project_id": "p",
                "user_id": "u",
                "reservation_id": reservation,
                "display_name": "s",
                "hostname": "s",
                "flavor": flavor_copy(flavors.get(db, "42")),
                "vcpus": 1,
                "memory_mb": 128,
                "disk_gb": 1,
                "meta": {},
                "vm_state": str(VmState.BUILDING),
                "created_at": now,
                **instances.begin(Task.SCHEDULING, now, look_again_s=0),
            }
            rows = [
                {**common, "uuid": name, "request": dict(request)}
                for name, request in zip(names, requests, strict=True)
            ]
            instances.insert(db, rows)
            join(db, names)

        self.books.write(work)
        rows = [one.row for one in self.books.read(lambda db: instances.to_place(db, names))]
        told = self.books.read(lambda db: groups.facts(db, rows))
        return [
            Wanted(
                row.uuid,
                row.generation,
                None,
                request_spec(row, row.flavor),
                filter_properties(row, row.flavor, {}, 3) | told.get(row.uuid, {}),
            )
            for row in rows
        ]
