"""Why an action got no host is kept with it, as it was told, and not with what lists read."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.conductor.ledger import Delays, Ledger
from minicloud.db import actions
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from minicloud.errors import NoSchedulerAnswered, NoValidHost
from tests.contract.db.rows import NOW, add_instances, instance

_WHO = {"request_id": "req-1", "user_id": "alice", "project_id": "p1"}
_HOST = {"host": "h\u20ac", "node": "n", "reason": "Ram", "wanted": "2 MB", "available": "1 MB"}
_WHY: dict[str, Any] = {
    "hosts": 100,
    "counts": {"Ram": 100},
    "explanation": {"hosts": 100, "accepted": 0, "counts": {}, "refused": [_HOST] * 100},
}


def _begun(database: Database) -> tuple[str, int]:
    """A server that waits for a host, and its action."""
    (uuid,) = add_instances(database, [instance()])

    def work(db: Session) -> int:
        action_id = actions.start(db, [uuid], "create", _WHO, NOW)[uuid]
        db.execute(sa.update(Instance).where(Instance.uuid == uuid).values(action_id=action_id))
        return action_id

    return uuid, database.write(work)


def _refuse(database: Database, uuid: str, *why: Any) -> None:
    def work(db: Session) -> None:
        ledger = Ledger(db, NOW, Delays())
        for row in ledger.lock([uuid]):
            ledger.refuse(row, *why)
        ledger.write()

    database.write(work)


def test_a_refusal_is_kept_whole_with_the_action_and_in_numbers_in_the_fault(
    database: Database,
) -> None:
    uuid, action_id = _begun(database)

    _refuse(database, uuid, NoValidHost("Not one."), _WHY)

    told = {"code": "NO_VALID_HOST", "message": "No valid host was found. Not one."}
    assert database.read(lambda db: actions.decision(db, action_id)) == told | _WHY
    fault = database.read(lambda db: actions.latest_faults(db, [uuid]))[uuid]
    assert fault.details == {"hosts": 100, "counts": {"Ram": 100}}
    assert fault.action_id == action_id


def test_a_refusal_without_numbers_is_kept_too(database: Database) -> None:
    uuid, action_id = _begun(database)

    _refuse(database, uuid, NoSchedulerAnswered(uuid))

    kept = database.read(lambda db: actions.decision(db, action_id)) or {}
    assert (kept["code"], "hosts" in kept) == ("NO_SCHEDULER", False)
    assert database.read(lambda db: actions.latest_faults(db, [uuid]))[uuid].details is None


def test_the_last_action_that_wanted_a_host_is_found(database: Database) -> None:
    uuid, action_id = _begun(database)
    _refuse(database, uuid, NoValidHost("Not one."), _WHY)

    def later(db: Session) -> int:
        actions.start(db, [uuid], "stop", _WHO, NOW)
        return actions.start(db, [uuid], "resize", _WHO, NOW)[uuid]

    moved = database.write(later)

    def last(*names: str) -> tuple[int, bool] | None:
        found = database.read(lambda db: actions.last_of(db, uuid, names))
        return (found.id, found.decision is None) if found else None

    assert last("create", "resize") == (moved, True)
    assert last("create") == (action_id, False)
    assert last("evacuate") is None


def test_an_action_that_was_not_refused_has_no_decision(database: Database) -> None:
    _uuid, action_id = _begun(database)

    assert database.read(lambda db: actions.decision(db, action_id)) is None
    assert database.read(lambda db: actions.decision(db, action_id + 1)) is None
