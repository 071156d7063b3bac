"""Members of one server group, placed from many sides at once: its policy holds."""

import uuid as uuids
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
import sqlalchemy as sa
from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud import conf as options
from minicloud.conductor import groups
from minicloud.conductor.place import filter_properties, request_spec
from minicloud.context import for_service
from minicloud.db import flavors, hosts, instances, schema, server_groups
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
from tests.crash import rest
from tests.servers import Servers

HOSTS = 10


@pytest.fixture(params=["mariadb", "postgresql"])
def books(request: pytest.FixtureRequest, servers: Servers) -> Iterator[Database]:
    with ExitStack() as stack:
        url = stack.enter_context(servers.fresh_database(request.param))
        made = Database(url, pool_size=40)
        stack.callback(made.dispose)
        schema.create(made)
        yield made


@pytest.fixture
def client(books: Database) -> SchedulerClient:
    """Four schedulers over ten hosts."""
    conf = options.register_opts(cfg.ConfigOpts())
    conf([], default_config_files=[], default_config_dirs=[])
    _add_hosts(books, conf)
    line = DirectLine()
    for number in range(4):
        group = DbDriver(conf, books)
        scheduler = Scheduler(conf, books, group, ComputeClient(line), dice.new())
        line.serve("scheduler", "1.0", f"scheduler-{number}", SchedulerEndpoint(scheduler))
    return SchedulerClient(line)


@pytest.mark.parametrize(("rules", "most"), [({}, 1), ({"max_server_per_host": 2}, 2)])
def test_ten_hosts_take_as_many_of_an_anti_affinity_group_as_it_allows_and_no_more(
    books: Database, client: SchedulerClient, rules: dict[str, int], most: int
) -> None:
    wanted = _members(books, "anti-affinity", HOSTS * most + 2, rules)

    verdicts = _ask_at_once(client, wanted)

    where = Counter(_placed(books))
    assert len(where) == HOSTS
    assert set(where.values()) == {most}
    refused = [verdict.refused for verdict in verdicts if verdict.refused]
    assert [dict(r["counts"]) for r in refused] == [{"ServerGroupAntiAffinityFilter": HOSTS}] * 2
    assert books.read(rest.claims) == []


def test_ten_parallel_creates_of_an_anti_affinity_group_land_on_ten_hosts(
    books: Database, client: SchedulerClient
) -> None:
    verdicts = _ask_at_once(client, _members(books, "anti-affinity", HOSTS))

    assert len({verdict.host for verdict in verdicts}) == HOSTS
    assert len(set(_placed(books))) == HOSTS


def test_the_members_of_an_affinity_group_are_on_one_host(
    books: Database, client: SchedulerClient
) -> None:
    verdicts = _ask_at_once(client, _members(books, "affinity", 12))

    assert len({verdict.host for verdict in verdicts}) == 1
    assert len(_placed(books)) == 12


@pytest.mark.parametrize(("policy", "different"), [("anti-affinity", HOSTS), ("affinity", 1)])
def test_a_list_of_members_is_placed_in_one_go(
    books: Database, client: SchedulerClient, policy: str, different: int
) -> None:
    wanted = _members(books, policy, HOSTS)
    before = books.writes

    verdicts = client.select_destinations(for_service("test"), wanted)

    assert len({verdict.host for verdict in verdicts}) == different
    assert books.writes == before + 1  # each saw those before it: no claim was refused


def _ask_at_once(client: SchedulerClient, wanted: list[Wanted]) -> list[Verdict]:
    with ThreadPoolExecutor(len(wanted)) as pool:
        return list(pool.map(lambda one: _ask(client, one), wanted))


def _ask(client: SchedulerClient, one: Wanted) -> Verdict:
    """As a conductor does: again when a race was lost."""
    for _ in range(100):
        [verdict] = client.select_destinations(for_service("test"), [one])
        if verdict.host or verdict.refused:
            return verdict
    raise AssertionError(f"no verdict on {one.uuid}")


def _add_hosts(books: Database, conf: cfg.ConfigOpts) -> None:
    facts: dict[str, Any] = {
        "hypervisor_type": "fake",
        "hypervisor_version": 1,
        "cpu_info": {},
        "supported_instances": [],
    }
    facts |= dict.fromkeys(("vcpus", "memory_mb", "disk_gb"), 1 << 16)
    facts |= dict.fromkeys(("vcpus_limit", "memory_mb_limit", "disk_gb_limit"), 1 << 16)
    names = [f"node{number}" for number in range(HOSTS)]

    def work(db: Session) -> None:
        for name in names:
            hosts.record_inventory(db, name, "agent", {**facts, "node": name}, books.now())
        flavors.add_devstack(db, books.now())

    books.write(work)
    DbDriver(conf, books).renew(names, COMPUTE)


def _members(
    books: Database, policy: str, count: int, rules: dict[str, int] | None = None
) -> list[Wanted]:
    """So many new servers of one group, as a conductor asks for them."""
    now = books.now()
    facts = {
        "uuid": str(uuids.uuid4()),
        "project_id": "p",
        "user_id": "u",
        "name": "g",
        "policy": policy,
        "rules": rules or {},
    }
    names = [str(uuids.uuid4()) for _ in range(count)]

    def work(db: Session) -> None:
        group = server_groups.add(db, facts, now)
        common = {
            "project_id": "p",
            "user_id": "u",
            "reservation_id": "r-1",
            "display_name": "s",
            "hostname": "s",
            "flavor": flavor_copy(flavors.get(db, "42")),
            "vcpus": 1,
            "memory_mb": 128,
            "disk_gb": 1,
            "meta": {},
            "request": {"hints": {"group": group.uuid}},
            "vm_state": str(VmState.BUILDING),
            "created_at": now,
            **instances.begin(Task.SCHEDULING, now, look_again_s=0),
        }
        instances.insert(db, [{**common, "uuid": name} for name in names])
        server_groups.join(db, group, names)

    books.write(work)
    rows = [one.row for one in books.read(lambda db: instances.to_place(db, names))]
    told = books.read(lambda db: groups.facts(db, rows))
    return [
        Wanted(
            row.uuid,
            row.generation,
            None,
            request_spec(row, row.flavor),
            filter_properties(row, row.flavor, {}, 3) | told[row.uuid],
        )
        for row in rows
    ]


def _placed(books: Database) -> list[str]:
    query = sa.select(Instance.host).where(Instance.host.is_not(None))
    return books.read(lambda db: [str(host) for host in db.scalars(query)])
