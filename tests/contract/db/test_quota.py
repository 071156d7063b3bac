"""The quota holds, however many ask at once."""

from collections import Counter

import pytest
import sqlalchemy as sa

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import flavors, quotas
from minicloud.db.engine import Database
from minicloud.db.models import Quota, QuotaClass
from minicloud.zones.base import NewServers
from minicloud.zones.local import create
from minicloud.zones.local.quotas import LocalQuotas
from tests.contract.db.rows import NOW, all_instances, together
from tests.options import defaults

_ALICE = RequestContext(user_id="alice", project_id="p1", roles=["member"], overwrite=False)
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
_USUAL = quotas.Usual(_LIMITS)
_TERMS = create.Terms(_USUAL, (), look_again_s=3.0)


def _create(database: Database, count: int = 1) -> str:
    wanted = NewServers(name="vm", flavor="1", image=None, min_count=count, max_count=count)
    try:
        database.write(lambda db: create.write(db, _ALICE, wanted, _TERMS, NOW))
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


def test_many_who_are_the_first_of_their_project_and_refused_do_not_stop_one_another(
    database: Database,
) -> None:
    database.write(lambda db: flavors.add_devstack(db, NOW))
    _set(database, 0)

    answers = Counter(together(60, lambda _n: _create(database)))

    assert answers == {"refused": 60}


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


def _set(
    database: Database, limit: int, *, user_id: str = "", resource: str = "instances"
) -> None:
    row = {"project_id": "p1", "user_id": user_id, "resource": resource, "hard_limit": limit}
    database.write(lambda db: db.add(Quota(**row)))


def _limit(database: Database, user_id: str | None = None) -> int:
    return database.read(lambda db: quotas.limits(db, "p1", user_id, _USUAL))["instances"]


def test_a_limit_is_the_users_else_the_projects_else_the_classs_else_the_options(
    database: Database,
) -> None:
    default = QuotaClass(class_name="default", resource="instances", hard_limit=20)
    other = QuotaClass(class_name="gold", resource="instances", hard_limit=90)

    found = [_limit(database)]
    database.write(lambda db: db.add_all([default, other]))
    found.append(_limit(database))
    _set(database, 12)
    found.append(_limit(database, "alice"))
    _set(database, 5, user_id="alice")

    assert found == [_ROOM, 20, 12]
    assert (_limit(database), _limit(database, "bob"), _limit(database, "alice")) == (12, 12, 5)


def test_of_twenty_creates_at_once_seven_fit_in_a_project_that_may_have_seven(
    database: Database,
) -> None:
    database.write(lambda db: flavors.add_devstack(db, NOW))
    _set(database, 7)

    answers = Counter(together(20, lambda _n: _create(database)))

    assert answers == {"accepted": 7, "refused": 13}
    assert len(all_instances(database)) == 7


def test_a_user_is_held_to_limits_of_their_own_within_the_projects(database: Database) -> None:
    database.write(lambda db: flavors.add_devstack(db, NOW))
    _set(database, 2, user_id="alice", resource="cores")

    answers = [_create(database, 3), _create(database, 2), _create(database)]

    assert answers == ["refused", "accepted", "refused"]
    with pytest.raises(errors.QuotaExceeded, match=r"for cores: Requested 1, .* 2 of 2 cores"):
        database.read(
            lambda db: quotas.check(quotas.bounds(db, "p1", "alice", _USUAL), {"cores": 1})
        )
    database.read(lambda db: quotas.check(quotas.bounds(db, "p1", "bob", _USUAL), {"cores": 1}))


@pytest.fixture
def local(database: Database) -> LocalQuotas:
    conf = defaults()
    return LocalQuotas(conf, database)


def _put(local: LocalQuotas, limit: int, *, user_id: str | None = None) -> str:
    try:
        local.update(_ALICE, "p1", user_id, {"instances": limit}, force=False)
    except errors.BadRequest:
        return "refused"
    return "accepted"


def test_many_who_write_one_quota_at_once_leave_one_row(
    database: Database, local: LocalQuotas
) -> None:
    answers = Counter(together(20, lambda number: _put(local, 10 + number)))

    rows = database.read(lambda db: list(db.scalars(sa.select(Quota))))
    assert answers == {"accepted": 20}
    assert [(row.project_id, row.user_id, row.resource) for row in rows] == [
        ("p1", "", "instances")
    ]
    assert rows[0].hard_limit == _limit(database) >= 10


def test_a_limit_never_falls_below_what_is_made_at_the_same_moment(
    database: Database, local: LocalQuotas
) -> None:
    database.write(lambda db: flavors.add_devstack(db, NOW))
    _set(database, 20)

    together(20, lambda number: _create(database) if number % 2 else _put(local, number // 4))

    assert len(all_instances(database)) <= _limit(database)


def test_users_are_never_given_more_than_the_project_has_at_that_moment(
    database: Database, local: LocalQuotas
) -> None:
    _set(database, 20)

    together(
        20,
        lambda number: _put(local, 8, user_id="bob") if number % 2 else _put(local, number // 4),
    )

    assert _limit(database, "bob") <= _limit(database)


def test_a_quota_that_is_put_back_is_that_of_everybody(
    database: Database, local: LocalQuotas
) -> None:
    _put(local, 12)
    _put(local, 5, user_id="alice")

    local.delete(_ALICE, "p1", None)

    assert (_limit(database), _limit(database, "alice")) == (_ROOM, _ROOM)
