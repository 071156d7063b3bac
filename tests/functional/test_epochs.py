"""What a host says in an older epoch is refused, and nothing else in the same message."""

from typing import Any

import pytest

from minicloud.db import enlisting, hosts, services
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from minicloud.errors import PeerTooOld
from minicloud.instance_states import Power, Task
from minicloud.rpc.conductor import ConductorClient, HostReport, Sighting
from minicloud.rpc.direct import DirectLine
from minicloud.rpc.line import Address
from minicloud.runtime import owner
from minicloud.servicegroup.base import COMPUTE
from minicloud.servicegroup.drivers.db import DbDriver
from tests.contract.db.rows import add_host, add_instances, all_instances, instance, node
from tests.functional.over_books import Call, call, database
from tests.options import defaults
from tests.statements import statements
from tools.bench.answering import serve

__all__ = ["call", "database"]  # fixtures

AGENT, MANY = "agent", [f"n{number}" for number in range(100)]


class OldLine(DirectLine):
    """Who answers is of the release before: it refuses what asks for a later version."""

    speaks = (1, 3)

    def call(self, to: Address, context: Any, method: str, **arguments: Any) -> Any:
        if tuple(int(part) for part in to.version.split(".")) > self.speaks:
            raise PeerTooOld(method, to.topic, to.version)
        return super().call(to, context, method, **arguments)


@pytest.fixture
def line(database: Database) -> OldLine:
    conf, made = defaults(), OldLine()
    serve(conf, database, made, DbDriver(conf, database))
    return made


@pytest.fixture
def conductor(line: OldLine) -> ConductorClient:
    return ConductorClient(line)


@pytest.fixture
def spawning(database: Database) -> list[str]:
    """A server that node1 is to make, and one for node2."""
    made = []
    for host in ("node1", "node2"):
        add_host(database, host)
        where = {"host": host, "node": host, "task_host": host}
        made += add_instances(database, [instance(task_state=str(Task.SPAWNING), **where)])
    return made


def _enlist(conductor: ConductorClient, *names: str) -> dict[str, int]:
    return conductor.enlist(AGENT, names or ["node1", "node2"], owner.this_process("test"))


def _fence(database: Database, *names: str) -> None:
    database.write(lambda db: enlisting.fence(db, names, database.now()))


def _done(uuid: str) -> Sighting:
    return Sighting(uuid, 1, int(Power.RUNNING), done=True)


def _both(uuids: list[str]) -> list[HostReport]:
    hosts_ = ("node1", "node2")
    return [HostReport(h, [_done(uuid)]) for h, uuid in zip(hosts_, uuids, strict=True)]


def _states(database: Database) -> list[tuple[str, str | None]]:
    return [(row.vm_state, row.task_state) for row in all_instances(database)]


def _last_seen(database: Database, host: str) -> Any:
    (row,) = database.read(lambda db: services.of_group(db, COMPUTE, host))
    return row.last_seen_up


def test_of_a_report_only_the_host_of_an_older_epoch_is_not_heard(
    database: Database, conductor: ConductorClient, spawning: list[str]
) -> None:
    mine = _enlist(conductor)
    _fence(database, "node1")

    answer = conductor.report(AGENT, _both(spawning), mine)

    assert answer.stale == {"node1": 2}
    assert _states(database) == [("building", "spawning"), ("active", None)]


def test_what_a_host_says_in_its_own_epoch_is_heard(
    database: Database, conductor: ConductorClient, spawning: list[str]
) -> None:
    mine = _enlist(conductor)

    answer = conductor.report(AGENT, _both(spawning), mine)

    assert not answer.stale
    assert _states(database) == [("active", None), ("active", None)]


def test_a_host_that_speaks_in_an_older_epoch_is_not_alive_by_that(
    database: Database, conductor: ConductorClient
) -> None:
    mine = _enlist(conductor, "node9", "node8")
    _fence(database, "node9")

    conductor.report(AGENT, [HostReport("node9"), HostReport("node8")], mine)

    group = DbDriver(defaults(), database)
    assert "node9" not in group.get_all(COMPUTE)


def test_a_host_of_an_older_epoch_is_told_nothing_of_what_it_has_to_do(
    database: Database, conductor: ConductorClient, spawning: list[str]
) -> None:
    mine = _enlist(conductor)
    _fence(database, "node1")

    orders = conductor.assignments(AGENT, ["node1", "node2"], everything=True, epochs=mine)

    assert orders.stale == {"node1": 2}
    assert list(orders.of) == ["node2"]


def test_a_fence_between_the_two_looks_at_the_epoch_is_seen_by_the_second(
    database: Database,
    conductor: ConductorClient,
    spawning: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first saves the work; the one in the transaction that writes is what counts."""
    mine = _enlist(conductor)
    write = database.write

    def fenced_first(work: Any, name: str = "") -> Any:
        if name == "conductor.report":
            monkeypatch.setattr(database, "write", write)
            _fence(database, "node2")
        return write(work, name)

    monkeypatch.setattr(database, "write", fenced_first)

    answer = conductor.report(AGENT, _both(spawning), mine)

    assert answer.stale == {"node2": 2}
    assert _states(database) == [("active", None), ("building", "spawning")]


def test_an_agent_of_the_release_before_is_heard_as_it_was(
    database: Database, line: OldLine, spawning: list[str]
) -> None:
    _fence(database, "node1")
    reports = [
        {"host": "node1", "sightings": [vars(_done(spawning[0]))], "guests": [], "inventory": None}
    ]
    old = Address("conductor", "1.1")

    told = line.call(old, {}, "assignments", agent="a", hosts=["node1"], everything=True)
    answer = line.call(Address("conductor", "1.0"), {}, "report", agent="a", reports=reports)

    assert [one["uuid"] for one in told["node1"]] == spawning[:1]
    assert answer == {"gone": {}}
    assert _states(database)[0] == ("active", None)


def test_a_conductor_of_the_release_before_is_spoken_to_as_it_was(
    database: Database, conductor: ConductorClient, line: OldLine, spawning: list[str]
) -> None:
    mine = _enlist(conductor)
    line.speaks = (1, 2)

    orders = conductor.assignments(AGENT, ["node1"], everything=True, epochs=mine)
    answer = conductor.report(AGENT, _both(spawning), mine)

    assert [one.uuid for one in orders.of["node1"]] == spawning[:1]
    assert not answer.stale
    assert _states(database) == [("active", None), ("active", None)]
    with pytest.raises(PeerTooOld):
        _enlist(conductor)
    with pytest.raises(PeerTooOld):  # it would take a deaf agent for one that is reached
        conductor.report(AGENT, [], mine, deaf=True)


def _quiet(database: Database, host: str) -> Instance:
    """A server at rest, of which its host has nothing new to say."""
    facts = {"vm_state": "active", "task_state": None, "power_state": 1, "host": host}
    add_instances(database, [instance(**facts, task_host=None, due_at=None)])
    return all_instances(database)[-1]


def test_epochs_cost_a_report_one_look_and_one_more_where_something_is_written(
    database: Database, conductor: ConductorClient, spawning: list[str]
) -> None:
    mine = _enlist(conductor, *MANY, "node1", "node2")
    resting = _quiet(database, "n7")
    seen = Sighting(resting.uuid, resting.generation, 1, done=False)
    quiet = [HostReport(host, [seen] if host == "n7" else []) for host in MANY]

    def asked(reports: list[HostReport], epochs: dict[str, int]) -> list[str]:
        conductor.report(AGENT, reports, mine)  # whatever is done once is done
        with statements(database) as said:
            conductor.report(AGENT, reports, epochs)
        return said

    assert len(asked(quiet, mine)) == len(asked(quiet, {})) + 1
    with statements(database) as told:
        conductor.report(AGENT, _both(spawning)[:1], mine)
    with statements(database) as untold:
        conductor.report(AGENT, _both(spawning)[1:], {})
    assert len(told) == len(untold) + 2
    with statements(database) as said:
        conductor.assignments(AGENT, MANY, everything=False, epochs=mine)
    assert sum("FROM services" in one for one in said) == 1


def test_forced_down_ends_the_epoch_of_the_host_and_lifting_it_does_not(
    call: Call, database: Database
) -> None:
    add_host(database, "node1")
    ref = call("GET", "/os-services?host=node1", version=53)[1]["services"][0]["id"]

    def put(forced: bool) -> tuple[int, int]:
        call("PUT", f"/os-services/{ref}", {"forced_down": forced}, version=53)
        epoch = database.read(lambda db: enlisting.epochs(db, ["node1"]))["node1"]
        return epoch, node(database, "node1").epoch

    assert put(True) == (1, 1)
    assert put(False) == (1, 1)
    assert put(True) == (2, 2)


def test_the_first_inventory_of_a_host_knows_its_epoch(
    database: Database, conductor: ConductorClient
) -> None:
    mine = _enlist(conductor, "new")
    has = {"node": "new", "hypervisor_type": "fake", "hypervisor_version": 1, "cpu_info": {}}
    has |= {"supported_instances": []}
    has |= dict.fromkeys(("vcpus", "memory_mb", "disk_gb"), 8)
    has |= dict.fromkeys(("vcpus_limit", "memory_mb_limit", "disk_gb_limit"), 8)

    conductor.report(AGENT, [HostReport("new", inventory=has)], mine)

    assert node(database, "new").epoch == mine["new"] == 1
    assert database.read(lambda db: hosts.agents_of(db, ["new"])) == {"new": AGENT}
