"""A move changes the places of an instance and of what it holds: nobody sees that half done."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from minicloud.conductor import report
from minicloud.db import hosts, migrations
from minicloud.db.engine import Database
from minicloud.db.hosts import Need
from minicloud.db.models import Instance, Migration
from minicloud.db.placements import hold
from minicloud.instance_states import VmState
from minicloud.rpc.conductor import HostReport
from tests.contract.db.rows import NOW, add_host, add_instances, claimed, instance

_NEED = Need(1, 1024, 10, 1)
_WHO = {"user_id": "alice", "project_id": "p1"}


@pytest.fixture(params=[("h1", "h2"), ("h2", "h1")], ids=["there", "back"])
def places(request: pytest.FixtureRequest) -> tuple[str, str]:
    """(where the instance is, what its move holds) at first; then they change."""
    place: tuple[str, str] = request.param
    return place


@pytest.fixture
def uuid(server_database: Database, places: tuple[str, str]) -> str:
    """An instance in the middle of a move between hosts that count it once each."""
    host, held = places
    for name in places:
        add_host(server_database, name)
        assert server_database.write(lambda db, n=name: hosts.claim(db, n, _NEED, NOW))  # type: ignore[misc]
    row = instance(host=host, node=host, vm_state=str(VmState.ACTIVE), task_state=None)
    [uuid] = add_instances(server_database, [row])

    def work(db: Any) -> None:
        own = db.scalar(sa.select(Instance).where(Instance.uuid == uuid))
        migrations.start(db, own, migrations.MIGRATION, _WHO, NOW)
        db.flush()
        [move] = migrations.open_of(db, [uuid]).values()
        migrations.change(db, [(move.id, hold(held, _NEED))], NOW)

    server_database.write(work)
    return uuid


@contextmanager
def _moved_after_first_look(
    database: Database, engine: sa.Engine, places: tuple[str, str]
) -> Iterator[None]:
    """The places change as soon as instances have been read once."""
    host, held = places
    done: list[bool] = []

    def move(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "FROM instances" not in statement or done:
            return
        done.append(True)
        with database.engine.begin() as other:
            other.execute(sa.update(Instance).values(host=held))
            other.execute(sa.update(Migration).values(held_host=host))

    sa.event.listen(engine, "after_cursor_execute", move)
    try:
        yield
    finally:
        sa.event.remove(engine, "after_cursor_execute", move)
    assert done


def test_no_guest_of_a_move_is_ever_a_stranger(
    server_database: Database, uuid: str, places: tuple[str, str]
) -> None:
    both = [HostReport(host, guests=[uuid]) for host in places]

    with _moved_after_first_look(server_database, server_database._reader, places):
        gone = server_database.read(lambda db: report.strangers(db, both))

    assert gone == {}


@pytest.mark.parametrize("host", ["h1", "h2"])
def test_an_audit_counts_what_moves_exactly_once(
    server_database: Database, uuid: str, places: tuple[str, str], host: str
) -> None:
    with _moved_after_first_look(server_database, server_database.engine, places):
        drift = server_database.write(lambda db: hosts.audit(db, host, NOW))

    assert drift is None
    assert claimed(server_database, host) == _NEED
