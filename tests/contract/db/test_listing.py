"""Pages of servers: together they are the whole list, in its order, nothing twice."""

from datetime import timedelta

import pytest

from minicloud import errors
from minicloud.db import listing
from minicloud.db.engine import Database
from minicloud.zones.base import Page, ServerFilters
from tests.contract.db.rows import NOW, add_instances, instance

_SORTS = (
    [("created_at", "desc")],
    [("created_at", "asc")],
    [("launched_at", "asc")],
    [("launched_at", "desc")],
    [("host", "asc")],
    [("host", "desc")],
    [("task_state", "asc"), ("display_name", "desc")],
    [("launched_at", "desc"), ("host", "asc"), ("display_name", "asc")],
    [("host", "asc"), ("launched_at", "desc")],
    [("display_name", "asc")],
    [("uuid", "desc")],
)


@pytest.fixture
def servers_of(database: Database) -> Database:
    """Twenty-four rows: nulls, ties, and times a microsecond apart."""
    rows = [
        instance(
            display_name=f"vm-{number % 3}",
            created_at=NOW + timedelta(microseconds=number // 4),
            launched_at=None if number % 3 == 0 else NOW + timedelta(seconds=number % 5),
            host=None if number % 4 == 0 else f"h{number % 3}",
            task_state=None if number % 2 else "spawning",
        )
        for number in range(24)
    ]
    add_instances(database, rows)
    return database


def _page(database: Database, page: Page, filters: ServerFilters | None = None) -> list[str]:
    wanted = filters or ServerFilters()
    return [r.uuid for r in database.read(lambda db: listing.page(db, wanted, page))]


@pytest.mark.parametrize("limit", [1, 5, 7])
@pytest.mark.parametrize("sort", _SORTS, ids=str)
def test_pages_never_overlap_and_miss_nothing(
    servers_of: Database, sort: list[tuple[str, str]], limit: int
) -> None:
    whole = _page(servers_of, Page(limit=1000, sort=sort))

    found: list[str] = []
    while page := _page(servers_of, Page(limit, found[-1] if found else None, sort)):
        found += page

    assert found == whole
    assert len(set(whole)) == 24


@pytest.mark.parametrize("key", ["launched_at", "host", "task_state"])
def test_null_is_the_smallest_value_on_every_database(servers_of: Database, key: str) -> None:
    def values(direction: str) -> list[bool]:
        page = Page(limit=1000, sort=[(key, direction)])
        rows = servers_of.read(lambda db: listing.page(db, ServerFilters(), page, detail=True))
        return [getattr(row, key) is None for row in rows]

    up, down = values("asc"), values("desc")

    assert up == sorted(up, reverse=True)
    assert down == sorted(down)


@pytest.mark.parametrize("key", sorted(listing.SORT_KEYS))
def test_every_sort_key_works(servers_of: Database, key: str) -> None:
    up = _page(servers_of, Page(limit=1000, sort=[(key, "asc")]))
    down = _page(servers_of, Page(limit=1000, sort=[(key, "desc")]))

    assert len(up) == len(down) == 24


def test_an_unknown_sort_key_is_refused(database: Database) -> None:
    with pytest.raises(errors.BadRequest):
        _page(database, Page(limit=1, sort=[("user_data", "asc")]))


def test_an_unknown_marker_is_refused(database: Database) -> None:
    with pytest.raises(errors.BadRequest):
        _page(database, Page(limit=1, marker="nobody"))


def test_a_limit_of_zero_is_an_empty_page(servers_of: Database) -> None:
    assert _page(servers_of, Page(limit=0)) == []


def test_filters_narrow_the_list(database: Database) -> None:
    mine, other, gone, busy = add_instances(
        database,
        [
            instance(project_id="p1", vm_state="active", task_state=None, display_name="a_b"),
            instance(project_id="p2", vm_state="active", task_state=None, display_name="axb"),
            instance(project_id="p1", vm_state="deleted", task_state=None, deleted=3),
            instance(project_id="p1", vm_state="active", task_state="rebooting"),
        ],
    )

    def found(**filters: object) -> set[str]:
        return set(_page(database, Page(limit=10), ServerFilters(**filters)))  # type: ignore[arg-type]

    assert found(project_id="p1") == {mine, busy}
    assert found(deleted=True) == {gone}
    assert found(deleted=None) == {mine, other, gone, busy}
    assert found(in_task=frozenset({("active", "rebooting")})) == {busy}
    assert found(vm_states=frozenset({"active"}), project_id="p2") == {other}
    assert found(name="a_b") == {mine}
    assert found(name="^a.b$") == {mine, other}
    assert found(flavor_id="1") == {mine, other, busy}
    assert found(flavor_id="2") == set()
    assert found(equal={"uuid": [mine, gone]}) == {mine}
    assert found(changes_since=NOW + timedelta(microseconds=1)) == set()
    assert found(changes_before=NOW) == {mine, other, busy}


_NIC = {"network": "n", "address": "10.0.0.7", "version": 4}
_NIC6 = {"network": "n", "address": "fd00::7", "version": 6}


def test_addresses_are_matched_from_their_beginning(database: Database) -> None:
    both, four, _none, _unplaced = add_instances(
        database,
        [
            instance(addresses=[_NIC6, _NIC]),
            instance(addresses=[_NIC | {"address": "10.0.0.70"}]),
            instance(addresses=[]),
            instance(),
        ],
    )

    def found(**filters: object) -> set[str]:
        return set(_page(database, Page(limit=10), ServerFilters(**filters)))  # type: ignore[arg-type]

    assert found(ip="10.0.0.7") == {both, four}
    assert found(ip="10.0.0.7$") == {both}
    assert found(ip="0.0.7") == found(ip="fd00") == set()
    assert found(ip="11|10.*70") == {four}
    assert found(ip6="fd") == found(ip="10", ip6="fd") == {both}


def test_what_is_softly_deleted_is_listed_where_it_is_asked_for(database: Database) -> None:
    there, soft, gone = add_instances(
        database,
        [
            instance(vm_state="active"),
            instance(vm_state="soft-delete"),
            instance(vm_state="deleted", deleted=9),
        ],
    )

    def found(**filters: object) -> set[str]:
        return set(_page(database, Page(limit=10), ServerFilters(**filters)))  # type: ignore[arg-type]

    assert found() == {there}
    assert found(soft_deleted=True) == {there, soft}
    assert found(vm_states=frozenset({"soft-delete"})) == {soft}
    assert found(equal={"vm_state": "soft-delete"}) == {soft}
    assert found(deleted=True) == {soft, gone}
    assert found(deleted=True, soft_deleted=False) == {gone}
    assert found(deleted=None) == {there, soft, gone}


def test_progress_is_what_a_server_shows(database: Database) -> None:
    done, rebooting, building = add_instances(
        database,
        [
            instance(vm_state="active", task_state=None),
            instance(vm_state="active", task_state="rebooting"),
            instance(),
        ],
    )

    def found(progress: int) -> set[str]:
        return set(_page(database, Page(limit=10), ServerFilters(progress=progress)))

    assert (found(100), found(0), found(50)) == ({done}, {rebooting, building}, set())


def test_a_deleted_marker_is_refused_where_the_deleted_are_not_listed(database: Database) -> None:
    (gone,) = add_instances(database, [instance(vm_state="deleted", deleted=9)])

    with pytest.raises(errors.BadRequest):
        _page(database, Page(limit=1, marker=gone))
    assert _page(database, Page(limit=1, marker=gone), ServerFilters(deleted=None)) == []
