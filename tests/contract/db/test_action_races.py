"""Actions at the same moment, by real threads: one wins, and nothing is taken twice."""

from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud import conf as options
from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import flavors, hosts, instances, migrations, placements, services
from minicloud.db.claims import Pick
from minicloud.db.engine import Database
from minicloud.db.hosts import Need
from minicloud.db.models import Instance, InstanceAction
from minicloud.db.placements import hold
from minicloud.instance_states import Task, VmState
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.conductor import ConductorClient
from minicloud.rpc.direct import DirectLine
from minicloud.servicegroup.base import COMPUTE
from minicloud.servicegroup.drivers.db import DbDriver
from minicloud.zones.local import LocalZone
from minicloud.zones.local.create import flavor_copy
from minicloud.zones.wakes import Wakes
from tests.contract.db.rows import (
    NOW,
    add_host,
    add_instances,
    claimed,
    counted,
    instance,
    together,
)

_WHO = {"user_id": "alice", "project_id": "p1"}
_SMALL, _LARGE = "1", "3"  # one processor, and two
_SERVERS, _ROOM = 20, 7


@pytest.fixture
def zone(database: Database) -> LocalZone:
    """Two hosts, both up."""
    database.write(lambda db: flavors.add_devstack(db, NOW))
    for host in ("h1", "h2"):
        add_host(database, host, vcpus=100)
    database.write(lambda db: services.seen(db, COMPUTE, ["h1", "h2"], database.now()))
    conf = options.register_opts(cfg.ConfigOpts())
    conf([])
    conf.set_override("instances", -1, "quota")
    conf.set_override("ram", -1, "quota")
    conf.set_override("cores", _SERVERS + _ROOM, "quota")
    compute = ComputeClient(DirectLine())
    wakes = Wakes(ConductorClient(DirectLine()), compute)
    return LocalZone(conf, database, DbDriver(conf, database), wakes, compute)


def _servers(database: Database, count: int, **more: Any) -> list[str]:
    """On h1, at rest, and counted there."""
    flavor = flavor_copy(database.read(lambda db: flavors.get(db, _SMALL)))
    facts: dict[str, Any] = {
        "flavor": flavor,
        "vcpus": flavor["vcpus"],
        "memory_mb": flavor["memory_mb"],
        "disk_gb": hosts.disk_gb(flavor),
        "host": "h1",
        "node": "h1",
        "launched_at": NOW,
        **instances.rest(VmState.ACTIVE, NOW),
        **more,
    }
    uuids = add_instances(database, [instance(**facts) for _ in range(count)])
    rows = database.read(lambda db: instances.rows_of(db, uuids))
    for row in rows.values():
        database.write(lambda db, row=row: hosts.claim(db, row.host, Need.of(row), NOW))  # type: ignore[misc]
    return uuids


def _act(zone: LocalZone, uuid: str, action: str, **wish: Any) -> str:
    """What the API would say: accepted, or the error's name."""
    who = RequestContext(
        user_id="root", project_id="p0", roles=["admin"], is_admin=True, overwrite=False
    )
    try:
        server = zone.servers.find(who, uuid, anywhere=True)
        if action == "delete":
            zone.acts.delete(who, server)
        else:
            zone.acts.act(who, server, action, wish)
    except errors.MinicloudError as error:
        return type(error).__name__
    return "accepted"


def _resized(database: Database) -> str:
    [uuid] = _servers(database, 1)

    def work(db: Session) -> None:
        row = db.scalar(sa.select(Instance).where(Instance.uuid == uuid))
        assert row is not None
        migrations.start(db, row, migrations.RESIZE, _WHO, NOW)
        move = migrations.open_of(db, [uuid])[uuid]
        there = {"status": "finished", "dest_compute": "h2", "dest_node": "h2"}
        migrations.change(db, [(move.id, there | hold("h1", Need.of(row)))], NOW)
        hosts.claim(db, "h2", Need.of(row), NOW)
        facts = {"host": "h2", "node": "h2", "old_vm_state": "active", "vm_state": "resized"}
        instances.rewrite(db, [(row, facts)])

    database.write(work)
    return uuid


def _logged(database: Database, uuid: str) -> int:
    counted = sa.select(sa.func.count()).where(InstanceAction.instance_uuid == uuid)
    return database.read(lambda db: db.scalar(counted)) or 0


def test_of_actions_at_one_moment_one_is_accepted(zone: LocalZone, database: Database) -> None:
    asked = ("stop", "pause", "suspend", "reboot", "rescue", "migrate", "shelve", "live_migrate")
    for uuid in _servers(database, 3):
        answers = together(len(asked), lambda n, u=uuid: _act(zone, u, asked[n]))  # type: ignore[misc]

        assert Counter(answers) == {"accepted": 1, "InvalidState": len(asked) - 1}
        assert _logged(database, uuid) == 1


def test_a_move_is_either_confirmed_or_reverted(zone: LocalZone, database: Database) -> None:
    asked = ("confirm_resize", "revert_resize") * 4
    for _ in range(3):
        uuid = _resized(database)

        answers = together(len(asked), lambda n, u=uuid: _act(zone, u, asked[n]))  # type: ignore[misc]

        assert Counter(answers) == {"accepted": 1, "InvalidState": len(asked) - 1}
        move = database.read(lambda db, u=uuid: migrations.open_of(db, [u]))[uuid]  # type: ignore[misc]
        row = database.read(lambda db, u=uuid: instances.rows_of(db, [u]))[uuid]  # type: ignore[misc]
        assert (row.task_state, move.status) in {
            ("resize_confirming", "confirming"),
            ("resize_reverting", "reverting"),
        }


def test_a_delete_wins_over_a_resize_whichever_comes_first(
    zone: LocalZone, database: Database
) -> None:
    for uuid in _servers(database, 5):
        answers = together(
            2,
            lambda n, u=uuid: (  # type: ignore[misc]
                _act(zone, u, "delete") if n else _act(zone, u, "resize", flavor=_LARGE)
            ),
        )

        assert answers[1] == "accepted"
        assert answers[0] in ("accepted", "InvalidState")
        row = database.read(lambda db, u=uuid: instances.rows_of(db, [u]))[uuid]  # type: ignore[misc]
        assert row.task_state == Task.DELETING
        assert database.read(lambda db, u=uuid: migrations.open_of(db, [u])) == {}  # type: ignore[misc]


def test_of_resizes_at_one_moment_as_many_are_accepted_as_the_quota_allows(
    zone: LocalZone, database: Database
) -> None:
    uuids = _servers(database, _SERVERS)

    answers = together(_SERVERS, lambda n: _act(zone, uuids[n], "resize", flavor=_LARGE))

    assert Counter(answers) == {"accepted": _ROOM, "QuotaExceeded": _SERVERS - _ROOM}


def test_of_resizes_at_one_moment_as_many_are_placed_as_there_is_room_for(
    zone: LocalZone, database: Database
) -> None:
    add_host(database, "h3", vcpus=2 * _ROOM)
    zone.acts._conf.set_override("cores", -1, "quota")
    uuids = _servers(database, _SERVERS)
    assert {_act(zone, uuid, "resize", flavor=_LARGE) for uuid in uuids} == {"accepted"}
    rows = database.read(lambda db: instances.rows_of(db, uuids))

    def place(number: int) -> int:
        row = rows[uuids[number]]
        picks = [Pick(row.uuid, row.generation, "h3", "h3", None)]
        return len(database.write(lambda db: placements.record(db, picks, NOW)).placed)

    placed = together(_SERVERS, place)

    assert sum(placed) == _ROOM
    for host in ("h1", "h3"):
        assert claimed(database, host) == counted(database, host)
    assert claimed(database, "h3").vcpus == 2 * _ROOM
