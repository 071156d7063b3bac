"""A request that is sent a hundred times at once under one key is done once, and counts once."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.conf import network
from minicloud.context import RequestContext
from minicloud.db import flavors, quotas
from minicloud.db.engine import Database
from minicloud.db.models import IdempotencyKey
from minicloud.zones.base import NewServers, Once
from minicloud.zones.local import create
from tests.contract.db.rows import NOW, all_instances, together

_LIMITS = {
    "instances": 10,
    "cores": -1,
    "ram": -1,
    "metadata_items": 128,
    "server_group_members": 10,
}
_TERMS = create.Terms(
    quotas.Usual(_LIMITS), (network.parsed("private:10.0.0.0/8"),), look_again_s=3.0
)
_SENT = 100


def _post(database: Database, key: str, project: str = "p1") -> tuple[str, bool]:
    """The server, and whether it was there."""
    context = RequestContext(
        user_id="alice", project_id=project, roles=["member"], overwrite=False
    )
    wanted = NewServers(name="vm", flavor="1", image=None, once=Once(key, "0" * 64))

    def work(db: Session) -> tuple[str, bool]:
        _reservation, rows, replayed = create.write(db, context, wanted, _TERMS, NOW)
        return rows[0].uuid, replayed

    return database.write(work)


def test_of_a_hundred_equal_requests_at_once_one_makes_a_server(database: Database) -> None:
    database.write(lambda db: flavors.add_devstack(db, NOW))

    answers = together(_SENT, lambda _number: _post(database, "key"))

    assert len({server for server, _replayed in answers}) == 1
    assert sorted(replayed for _server, replayed in answers) == [False] + [True] * (_SENT - 1)
    assert len(all_instances(database)) == 1
    assert database.read(lambda db: quotas.usage(db, "p1"))[0] == 1


def test_keys_of_different_projects_and_cases_are_different(database: Database) -> None:
    database.write(lambda db: flavors.add_devstack(db, NOW))

    made = together(4, lambda number: _post(database, "kK"[number % 2], f"p{number // 2}"))

    assert len({server for server, _replayed in made}) == 4
    assert not any(replayed for _server, replayed in made)


def test_expired_keys_are_swept_by_many_at_once(database: Database) -> None:
    database.write(lambda db: flavors.add_devstack(db, NOW))
    for number in range(5):
        _post(database, f"old{number}", "p0")
    aged = sa.update(IdempotencyKey).values(expires_at=NOW)
    database.write(lambda db: db.execute(aged))

    together(8, lambda number: _post(database, "new", f"q{number}"))

    rows = database.read(lambda db: list(db.scalars(sa.select(IdempotencyKey.project_id))))
    assert sorted(rows) == [f"q{number}" for number in range(8)]
