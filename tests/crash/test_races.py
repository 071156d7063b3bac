"""More requests than room, from many sides at once: exactly what fits is placed."""

import uuid as uuids
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud import conf as options
from minicloud.conductor.place import filter_properties, request_spec
from minicloud.context import for_service
from minicloud.db import flavors, hosts, instances, schema
from minicloud.db.engine import Database
from minicloud.db.models import ComputeNode, Instance
from minicloud.instance_states import Task, VmState
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.direct import DirectLine
from minicloud.rpc.scheduler import SchedulerClient, SchedulerEndpoint, Wanted
from minicloud.runtime import dice
from minicloud.scheduler.service import Scheduler
from minicloud.servicegroup.base import COMPUTE
from minicloud.servicegroup.drivers.db import DbDriver
from minicloud.zones.local.create import flavor_copy
from tests.crash import rest
from tests.crash.deployment import FREE, Deployment
from tests.servers import Servers

PLACES, ASKED = 300, 500


def test_real_programs_place_exactly_what_fits(tmp_path: Path) -> None:
    """300 places on 6 hosts, 500 clients, four schedulers and two of the other programs."""
    deployment = Deployment(tmp_path)
    room = {"compute.cpu_allocation_ratio": "1", "fake.vcpus": "50", "fake.memory_mb": "999999"}
    sizes = ("--computes", "2", "--hosts", "3", "--api-workers", "2", "--conductors", "2")
    deployment.start(*sizes, "--schedulers", "4", options={**FREE, **room})
    try:
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(deployment.client.create, (f"s{n}" for n in range(ASKED))))
        assert {answer.status_code for answer in answers} == {202}
        deployment.wait_for_rest(120)

        assert _count(deployment.books) == {"active": PLACES, "error": ASKED - PLACES}
        assert _fullest(deployment.books) == 50
    finally:
        deployment.stop()


@pytest.fixture(params=["mariadb", "postgresql"])
def books(request: pytest.FixtureRequest, servers: Servers) -> Iterator[Database]:
    with ExitStack() as stack:
        url = stack.enter_context(servers.fresh_database(request.param))
        made = Database(url, pool_size=40)
        stack.callback(made.dispose)
        schema.create(made)
        yield made


@pytest.mark.parametrize("schedulers", [1, 2, 4])
def test_any_number_of_schedulers_place_exactly_what_fits(
    books: Database, schedulers: int
) -> None:
    conf = _conf()
    _six_hosts(books, conf)
    wanted = _five_hundred(books)
    line = DirectLine()
    for number in range(schedulers):
        group = DbDriver(conf, books)
        scheduler = Scheduler(conf, books, group, ComputeClient(line), dice.new())
        line.serve("scheduler", "1.0", f"scheduler-{number}", SchedulerEndpoint(scheduler))
    client = SchedulerClient(line)

    with ThreadPoolExecutor(20) as pool:
        verdicts = list(pool.map(lambda one: _ask(client, one), wanted))

    placed = [uuid for uuid, host in verdicts if host]
    assert len(placed) == PLACES
    assert len(set(placed)) == PLACES
    assert _placed(books) == {"spawning": PLACES, "scheduling": ASKED - PLACES}
    assert _fullest(books) == PLACES // 6
    assert books.read(rest.claims) == []


def _ask(client: SchedulerClient, one: Wanted) -> tuple[str, str | None]:
    """As a conductor does: again when a race was lost."""
    for _ in range(100):
        [verdict] = client.select_destinations(for_service("test"), [one])
        if verdict.host or verdict.refused:
            return verdict.uuid, verdict.host
    raise AssertionError(f"no verdict on {one.uuid}")


def _conf() -> cfg.ConfigOpts:
    conf = options.register_opts(cfg.ConfigOpts())
    conf([], default_config_files=[], default_config_dirs=[])
    return conf


def _six_hosts(books: Database, conf: cfg.ConfigOpts) -> None:
    limit = PLACES // 6
    facts: dict[str, Any] = {
        "hypervisor_type": "fake",
        "hypervisor_version": 1,
        "cpu_info": {},
        "supported_instances": [],
        "vcpus": limit,
        "memory_mb": 1 << 20,
        "disk_gb": 1 << 20,
        "vcpus_limit": limit,
        "memory_mb_limit": 1 << 20,
        "disk_gb_limit": 1 << 20,
    }
    names = [f"node{n}" for n in range(1, 7)]
    now = books.now()

    def work(db: Session) -> None:
        for name in names:
            hosts.record_inventory(db, name, "agent", {**facts, "node": name}, now)
        flavors.add_devstack(db, now)

    books.write(work)
    DbDriver(conf, books).renew(names, COMPUTE)


def _five_hundred(books: Database) -> list[Wanted]:
    now = books.now()

    def work(db: Session) -> None:
        flavor = flavors.get(db, "42")
        common = {
            "project_id": "p",
            "user_id": "u",
            "reservation_id": "r-1",
            "display_name": "s",
            "hostname": "s",
            "flavor": flavor_copy(flavor),
            "vcpus": 1,
            "memory_mb": 128,
            "disk_gb": 1,
            "meta": {},
            "request": {},
            "vm_state": str(VmState.BUILDING),
            "created_at": now,
            **instances.begin(Task.SCHEDULING, now, look_again_s=0),
        }
        instances.insert(db, [{**common, "uuid": str(uuids.uuid4())} for _ in range(ASKED)])

    books.write(work)
    every = books.read(lambda db: list(db.scalars(sa.select(Instance.uuid))))
    return [_wanted(one.row) for one in books.read(lambda db: instances.to_place(db, every))]


def _wanted(row: Instance) -> Wanted:
    spec = request_spec(row, row.flavor)
    properties = filter_properties(row, row.flavor, {}, 3)
    return Wanted(row.uuid, row.generation, None, spec, properties)


def _count(books: Database) -> dict[str, int]:
    return _tally(books, Instance.vm_state)


def _placed(books: Database) -> dict[str, int]:
    return _tally(books, Instance.task_state)


def _tally(books: Database, column: Any) -> dict[str, int]:
    query = sa.select(column, sa.func.count()).where(Instance.deleted == 0).group_by(column)
    return books.read(lambda db: {row[0]: row[1] for row in db.execute(query)})


def _fullest(books: Database) -> int:
    query = sa.select(sa.func.max(ComputeNode.vcpus_used))
    return books.read(lambda db: db.scalar(query)) or 0
