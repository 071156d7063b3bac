"""The policies of server groups are kept, however many place their members at once."""

import uuid as uuids
from collections import Counter
from typing import Any

import pytest

from minicloud.db import group_places, placements, server_groups
from minicloud.db.claims import Pick
from minicloud.db.engine import Database
from minicloud.db.models import Migration, ServerGroup
from minicloud.db.placements import Outcome
from tests.contract.db.rows import (
    NOW,
    add_host,
    add_instances,
    all_instances,
    claimed,
    counted,
    instance,
    together,
)


def _group(database: Database, policy: str, **rules: int) -> ServerGroup:
    facts = {"project_id": "p1", "user_id": "alice", "name": "g", "policy": policy, "rules": rules}
    facts["uuid"] = str(uuids.uuid4())
    return database.write(lambda db: server_groups.add(db, facts, NOW))


def _members(database: Database, group: ServerGroup, rows: list[dict[str, Any]]) -> list[str]:
    uuids = add_instances(database, rows)
    database.write(lambda db: server_groups.join(db, group, uuids))
    return uuids


def _place(database: Database, *picks: tuple[str, str]) -> Outcome:
    wanted = [Pick(uuid, 1, host, host, None) for uuid, host in picks]
    return database.write(lambda db: placements.record(db, wanted, NOW))


def _placed(outcome: Outcome) -> list[str]:
    return [pick.uuid for pick in outcome.placed]


@pytest.mark.parametrize(("most", "rules"), [(1, {}), (3, {"max_server_per_host": 3})])
def test_of_many_placed_on_one_host_at_once_as_many_win_as_anti_affinity_allows(
    database: Database, most: int, rules: dict[str, int]
) -> None:
    for name in ("h1", "h2"):
        add_host(database, name)
    group = _group(database, "anti-affinity", **rules)
    uuids = _members(database, group, [instance() for _ in range(12)])

    outcomes = together(12, lambda n: _place(database, (uuids[n], f"h{n % 2 + 1}")))

    assert sum(len(outcome.placed) for outcome in outcomes) == 2 * most
    assert sum(len(outcome.crowded_out) for outcome in outcomes) == 12 - 2 * most
    where = Counter(row.host for row in all_instances(database) if row.host)
    assert where == {"h1": most, "h2": most}
    for name in ("h1", "h2"):
        assert claimed(database, name) == counted(database, name)


def test_of_many_first_members_placed_at_once_all_are_on_one_host_by_affinity(
    database: Database,
) -> None:
    hosts = [f"h{number}" for number in range(4)]
    for name in hosts:
        add_host(database, name)
    uuids = _members(database, _group(database, "affinity"), [instance() for _ in range(8)])

    together(8, lambda n: _place(database, (uuids[n], hosts[n % 4])))

    where = Counter(row.host for row in all_instances(database) if row.host)
    assert len(where) == 1
    assert sum(where.values()) >= 2  # two at least wanted the host of the first


def test_members_of_one_list_see_one_another(database: Database) -> None:
    for name in ("h1", "h2"):
        add_host(database, name)
    apart = _members(database, _group(database, "anti-affinity"), [instance() for _ in range(3)])
    near = _members(database, _group(database, "affinity"), [instance() for _ in range(3)])
    alone = add_instances(database, [instance()])[0]

    outcome = _place(
        database,
        *((uuid, "h1") for uuid in apart),
        *zip(near, ("h1", "h2", "h1"), strict=True),
        (alone, "h1"),
    )

    assert set(_placed(outcome)) == {apart[0], near[0], near[2], alone}
    assert {pick.uuid for pick in outcome.crowded_out} == {apart[1], apart[2], near[1]}
    assert claimed(database, "h1") == counted(database, "h1")


def test_soft_policies_refuse_nothing(database: Database) -> None:
    for name in ("h1", "h2"):
        add_host(database, name)
    for policy in ("soft-affinity", "soft-anti-affinity"):
        uuids = _members(database, _group(database, policy), [instance() for _ in range(3)])

        outcome = _place(database, *zip(uuids, ("h1", "h1", "h2"), strict=True))

        assert len(outcome.placed) == 3


def test_a_deleted_member_keeps_nobody_away(database: Database) -> None:
    add_host(database, "h1")
    gone = instance(host="h1", vm_state="deleted", task_state=None, deleted=1)
    rows = [gone, instance()]
    _, uuid = _members(database, _group(database, "anti-affinity"), rows)

    assert _placed(_place(database, (uuid, "h1"))) == [uuid]


def test_a_member_counts_where_a_move_of_it_holds_room(database: Database) -> None:
    for name in ("h1", "h2", "h3"):
        add_host(database, name)
    rows = [instance(host="h1", vm_state="active", task_state=None), instance()]
    moving, uuid = _members(database, _group(database, "anti-affinity"), rows)
    database.write(lambda db: db.add(_move(moving, "h1", "h2")))

    outcomes = [_place(database, (uuid, host)) for host in ("h1", "h2", "h3")]

    assert [bool(outcome.placed) for outcome in outcomes] == [False, False, True]


def _move(uuid: str, source: str, held: str) -> Migration:
    return Migration(
        uuid=uuid,
        instance_uuid=uuid,
        migration_type="resize",
        status="migrating",
        source_compute=source,
        source_node=source,
        old_flavor={},
        new_flavor={},
        held_host=held,
        user_id="alice",
        project_id="p1",
        created_at=NOW,
        updated_at=NOW,
    )


def test_what_a_scheduler_is_told_leaves_out_the_instance_itself(database: Database) -> None:
    rows = [instance(host=host, vm_state="active", task_state=None) for host in ("h1", "h2", "h2")]
    group = _group(database, "anti-affinity", max_server_per_host=2)
    uuids = _members(database, group, rows)
    other = add_instances(database, [instance(host="h1")])

    found = database.read(lambda db: group_places.companies(db, [*uuids, *other]))

    assert set(found) == set(uuids)
    assert found[uuids[1]].facts(uuids[1]) == {
        "group": group.uuid,
        "group_policies": ["anti-affinity"],
        "group_rules": {"max_server_per_host": 2},
        "group_hosts": ["h1", "h2"],
        "group_updated": True,
    }


def test_a_group_that_is_deleted_lets_its_members_go(database: Database) -> None:
    add_host(database, "h1")
    group = _group(database, "anti-affinity")
    uuids = _members(database, group, [instance(), instance()])

    database.write(lambda db: server_groups.remove(db, group.uuid))

    assert len(_place(database, *((uuid, "h1") for uuid in uuids)).placed) == 2
    assert database.read(lambda db: server_groups.of_instance(db, uuids[0])) is None
