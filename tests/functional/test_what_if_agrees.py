"""A dry run says what the boot then does: over real books, in a thousand clouds made by chance."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
import sqlalchemy as sa

from minicloud.conductor.service import Conductor
from minicloud.conf.servicegroup import down_time_s
from minicloud.context import RequestContext
from minicloud.db import aggregates, flavors, schema, services
from minicloud.db.engine import Database
from minicloud.db.models import ComputeNode, Instance
from minicloud.rpc import conductor as conductor_rpc
from minicloud.rpc import scheduler as scheduler_rpc
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.direct import DirectLine
from minicloud.rpc.scheduler import SchedulerClient, Verdict, Wanted
from minicloud.runtime import dice
from minicloud.scheduler.service import Scheduler
from minicloud.servicegroup.base import COMPUTE
from minicloud.servicegroup.drivers.db import DbDriver
from minicloud.servicegroup.election import DutyElection
from minicloud.zones.base import NewServers
from minicloud.zones.local import LocalZone
from minicloud.zones.wakes import Wakes
from tests.contract.db.rows import add_host
from tests.options import defaults

_HOSTS: Final = tuple(f"node{n}" for n in range(1, 7))
_FILTERS: Final = (
    *("RetryFilter", "AvailabilityZoneFilter", "ComputeFilter", "RamFilter", "CoreFilter"),
    *("DiskFilter", "ServerGroupAntiAffinityFilter", "ServerGroupAffinityFilter", "JsonFilter"),
    *("SameHostFilter", "DifferentHostFilter", "AggregateNumInstancesFilter", "IoOpsFilter"),
    *("AggregateTypeAffinityFilter", "GroupAntiAffinityFilter"),
)
_POLICIES: Final = ("affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity")
_QUERIES: Final = ('[">=","$free_ram_mb",20000]', '["<","$num_io_ops",3]', '["=","$nothing",1]')
_TOLD: Final = ("hosts", "counts", "waiting", "sentence")  # of a refusal
_ALICE: Final = RequestContext(
    user_id="alice", project_id="p1", roles=["member"], is_admin=False, overwrite=False
)


class _Heard(SchedulerClient):
    """What the scheduler says to the conductor of real boots."""

    def __init__(self, line: DirectLine) -> None:
        super().__init__(line)
        self.verdicts: dict[str, Verdict] = {}

    def select_destinations(
        self, context: RequestContext, wanted: Sequence[Wanted]
    ) -> list[Verdict]:
        found = super().select_destinations(context, wanted)
        self.verdicts.update((verdict.uuid, verdict) for verdict in found)
        return found


class _Control:
    """API, conductor and scheduler in this thread; nothing happens of its own accord."""

    def __init__(self, directory: Path) -> None:
        conf = defaults()
        conf.set_override("state_path", str(directory))
        conf.set_override("enabled_filters", list(_FILTERS), "filter_scheduler")
        conf.set_override("service_down_time_s", 100_000.0, "servicegroup")
        for name in ("instances", "cores", "ram", "server_group_members", "server_groups"):
            conf.set_override(name, -1, "quota")
        self.books = Database(f"sqlite:///{directory / 'books.sqlite'}")
        schema.create(self.books)
        self.books.write(lambda db: flavors.add_devstack(db, self.books.now()))
        self.books.write(lambda db: services.seen(db, COMPUTE, _HOSTS[1:], self.books.now()))
        for host in _HOSTS:
            add_host(self.books, host)
        self.books.write(self._make_zone)
        group, line = DbDriver(conf, self.books), DirectLine()
        self.heard, compute = _Heard(line), ComputeClient(line)
        scheduler = Scheduler(conf, self.books, group, compute, dice.new(1))
        asked = scheduler_rpc.SchedulerEndpoint(scheduler)
        line.serve(scheduler_rpc.TOPIC, scheduler_rpc.VERSION, "control", asked)
        election = DutyElection(self.books, "control", down_time_s(conf))
        self.conductor = Conductor(conf, self.books, group, self.heard, compute, election)
        told = conductor_rpc.ConductorEndpoint(self.conductor)
        line.serve(conductor_rpc.TOPIC, conductor_rpc.VERSION, "control", told)
        self.wakes = Wakes(conductor_rpc.ConductorClient(line), compute)
        self.zone = LocalZone(conf, self.books, group, self.wakes, compute)
        policies: list[tuple[str, dict[str, int]]] = [(policy, {}) for policy in _POLICIES]
        policies.append(("anti-affinity", {"max_server_per_host": 2}))
        self.groups = [
            self.zone.server_groups.create(_ALICE, "g", policy, rules).row.uuid
            for policy, rules in policies
        ]

    def boot(self, wanted: NewServers) -> list[Verdict]:
        """What the scheduler said of the servers, which are then there."""
        made = self.zone.servers.create(_ALICE, wanted)
        self.wakes.step()
        self.conductor.step()
        return [self.heard.verdicts[row.uuid] for row in made.servers]

    def scramble(self, chance: Random) -> None:
        """Other numbers on every host, other aggregates, and only a few of the servers."""

        def work(db: Any) -> None:
            db.execute(sa.update(ComputeNode), [self._numbers(n + 1, chance) for n in range(6)])
            gone = [ref for ref in db.scalars(sa.select(Instance.id)) if chance.random() < 0.5]
            db.execute(sa.delete(Instance).where(Instance.id.in_(gone)))
            if chance.random() < 0.9:
                return
            for row in aggregates.all_of_them(db)[1:]:
                db.delete(row)
            db.flush()
            self._aggregate(db, chance)

        self.books.write(work)

    def _numbers(self, ref: int, chance: Random) -> dict[str, Any]:
        return {
            "id": ref,
            "vcpus_used": chance.choice([85, 90, 97, 100]),
            "memory_mb_used": chance.choice([0, 60_000, 90_000, 102_000]),
            "disk_gb_used": chance.choice([0, 500, 930, 990]),
            "num_instances": chance.randrange(6),
            "num_io_ops": chance.randrange(10),
            "changed_at": self.books.now(),
        }

    def _make_zone(self, db: Any) -> None:
        row = aggregates.add(db, "zone", {"availability_zone": "zone1"}, self.books.now())
        for host in _HOSTS[:3]:
            aggregates.add_host(db, row, host, self.books.now())

    def _aggregate(self, db: Any, chance: Random) -> None:
        metas = [
            {"max_instances_per_host": chance.choice(["1", "4"])},
            {"instance_type": "m1.small,m1.tiny"},
        ]
        for number, meta in enumerate(metas):
            row = aggregates.add(db, f"a{number}", meta, self.books.now())
            for host in chance.sample(_HOSTS, chance.randrange(4)):
                aggregates.add_host(db, row, host, self.books.now())

    def servers(self) -> list[str]:
        query = sa.select(Instance.uuid).where(Instance.deleted == 0).order_by(Instance.id)
        return self.books.read(lambda db: list(db.scalars(query)))


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Control]:
    made = _Control(tmp_path_factory.mktemp("agrees"))
    yield made
    made.books.dispose()


def _wanted(control: _Control, chance: Random) -> NewServers:
    where: dict[str, Any] = {}
    if chance.random() < 0.2:
        where["availability_zone"] = chance.choice(["zone1", "nova"])
    if chance.random() < 0.15:
        where["force_host"] = chance.choice([*_HOSTS, "nowhere"])
    elif chance.random() < 0.15:
        where["requested_host"] = chance.choice(_HOSTS)
    count = chance.choice([1, 1, 1, 2, 3])
    flavor = chance.choice(["1", "2", "3", "4", "5"])
    hints = _hints(control, chance)
    return NewServers("vm", flavor, None, count, count, hints=hints, **where)


def _hints(control: _Control, chance: Random) -> Mapping[str, Any]:
    hints: dict[str, Any] = {}
    if chance.random() < 0.4:
        hints["group"] = chance.choice(control.groups)
    if chance.random() < 0.2:
        hints["query"] = chance.choice(_QUERIES)
    for name in ("same_host", "different_host"):
        if chance.random() < 0.15 and (servers := control.servers()):
            hints[name] = chance.sample(servers, min(2, len(servers)))
    return hints


@pytest.mark.parametrize("seed", range(10))
def test_the_dry_run_and_the_boot_agree_in_a_hundred_cases(control: _Control, seed: int) -> None:
    chance = Random(seed)
    for case in range(100):
        control.scramble(chance)
        wanted, before = _wanted(control, chance), control.books.writes

        told = control.zone.scheduling.what_if(_ALICE, wanted, 1).told

        assert control.books.writes == before
        _agree(told, control.boot(wanted), f"seed {seed}, case {case}: {wanted}")


def _told(refused: Mapping[str, Any]) -> dict[str, Any]:
    return {key: refused[key] for key in _TOLD}


def _agree(told: Mapping[str, Any], verdicts: Sequence[Verdict], said: str) -> None:
    if told["refused"]:
        assert told["hosts"] == [], said
        for verdict in verdicts:
            assert verdict.refused is not None, said
            assert _told(verdict.refused) == _told(told["refused"]), said
    else:
        assert all(verdict.host for verdict in verdicts), (said, verdicts)
        assert verdicts[0].host in told["best"], said
        assert len(told["hosts"]) == len(verdicts), said
