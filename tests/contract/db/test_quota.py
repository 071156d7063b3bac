"""The quota holds, however many ask at once."""

from collections import Counter

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import flavors, quotas
from minicloud.db.engine import Database
from minicloud.zones.base import NewServers
from minicloud.zones.local import create
from tests.contract.db.rows import NOW, all_instances, together

_ASKED, _ROOM = 200, 37
_LIMITS = {
    "instances": _ROOM,
    "cores": -1,
    "ram": -1,
    "metadata_items": 128,
    "key_pairs": 100,
    "server_groups": 10,
    "server_group_members": 10,
}


def _create(database: Database, count: int = 1) -> str:
    context = RequestContext(user_id="alice", project_id="p1", roles=["member"], overwrite=False)
    wanted = NewServers(name="vm", flavor="1", image=None, min_count=count, max_count=count)
    try:
        database.write(lambda db: create.write(db, context, wanted, _LIMITS, NOW, 3.0))
    except errors.QuotaExceeded:
        return "refused"
    return "accepted"


def test_of_many_creates_at_once_as_many_are_accepted_as_the_quota_allows(
    database: Database,
) -> None:
    database.write(lambda db: flavors.add_devstack(db, NOW))

    answers = Counter(together(_ASKED, lambda _n: _create(database)))

    assert answers == {"accepted": _ROOM, "refused": _ASKED - _ROOM}
    assert len(all_instances(database)) == _ROOM


def test_what_is_refused_leaves_nothing_behind(database: Database) -> None:
    database.write(lambda db: flavors.add_devstack(db, NOW))

    answer = _create(database, _ROOM + 1)

    assert answer == "refused"
    assert all_instances(database) == []


def test_usage_is_counted_by_project_and_by_user(database: Database) -> None:
    database.write(lambda db: flavors.add_devstack(db, NOW))
    _create(database, 3)

    used = database.read(lambda db: quotas.usage(db, "p1"))

    assert used == (3, 3, 1536)
    assert database.read(lambda db: quotas.usage(db, "p1", "bob")) == (0, 0, 0)
    assert database.read(lambda db: quotas.usage(db, "p2")) == (0, 0, 0)
