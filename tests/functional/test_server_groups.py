"""Server groups over the real books: what is shown by version, members, quotas, refusals."""

from typing import Any

import pytest

from minicloud.db import flavors, models
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from tests.functional.over_books import Call, call, database
from tests.functional.things import IMAGE, add_image

__all__ = ["call", "database"]  # fixtures

GROUPS = "/os-server-groups"
COMMON = {"id", "name", "members"}


def _made(call: Call, user: str = "alice", **fields: Any) -> dict[str, Any]:
    wanted = {"name": "g", "policy": "anti-affinity", **fields}
    status, found = call("POST", GROUPS, {"server_group": wanted}, user=user, version=64)
    assert status == 200, found
    made: dict[str, Any] = found["server_group"]
    return made


def _boot(call: Call, group: str, user: str = "alice", version: int = 1, **more: Any) -> Any:
    server = {"name": "s", "flavorRef": "1", "imageRef": IMAGE, **more}
    body = {"server": server, "os:scheduler_hints": {"group": group}}
    return call("POST", "/servers", body, user=user, version=version)


@pytest.fixture
def bootable(database: Database) -> Database:
    """With flavors and an image that can be booted."""
    now = database.now()
    database.write(lambda db: flavors.add_devstack(db, now))
    add_image(database)
    return database


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        (1, {"policies", "metadata"}),
        (12, {"policies", "metadata"}),
        (13, {"policies", "metadata", "project_id", "user_id"}),
        (63, {"policies", "metadata", "project_id", "user_id"}),
        (64, {"policy", "rules", "project_id", "user_id"}),
        (104, {"policy", "rules", "project_id", "user_id"}),
    ],
)
def test_a_group_shows_the_fields_of_its_version(
    call: Call, version: int, fields: set[str]
) -> None:
    made = _made(call)

    _status, one = call("GET", f"{GROUPS}/{made['id']}", user="alice", version=version)
    _status, several = call("GET", GROUPS, user="alice", version=version)

    assert set(one["server_group"]) == COMMON | fields
    assert several["server_groups"] == [one["server_group"]]


@pytest.mark.parametrize(
    ("version", "fields", "status"),
    [
        (1, {"policies": ["anti-affinity"]}, 200),
        (1, {"policies": ["affinity"]}, 200),
        (14, {"policies": ["soft-affinity"]}, 400),
        (15, {"policies": ["soft-affinity"]}, 200),
        (15, {"policies": ["soft-anti-affinity"]}, 200),
        (15, {"policies": []}, 400),
        (15, {"policies": ["affinity", "anti-affinity"]}, 400),
        (15, {"policies": ["affinity"], "rules": {}}, 400),
        (63, {"policy": "affinity"}, 400),
        (64, {"policies": ["affinity"]}, 400),
        (64, {"policy": "elsewhere"}, 400),
        (64, {"policy": "affinity"}, 200),
        (64, {"policy": "anti-affinity", "rules": {"max_server_per_host": 2}}, 200),
        (64, {"policy": "anti-affinity", "rules": {"max_server_per_host": 0}}, 400),
        (64, {"policy": "anti-affinity", "rules": {"other": 1}}, 400),
        (64, {"policy": "affinity", "rules": {"max_server_per_host": 2}}, 400),
        (64, {"policy": "soft-affinity", "rules": {}}, 200),
        (64, {}, 400),
    ],
)
def test_a_group_is_made_as_its_version_says(
    call: Call, version: int, fields: dict[str, Any], status: int
) -> None:
    body = {"server_group": {"name": "g", **fields}}

    assert call("POST", GROUPS, body, user="alice", version=version)[0] == status


def test_the_rule_of_a_group_is_a_number(call: Call) -> None:
    assert _made(call)["rules"] == {}
    assert _made(call, rules={"max_server_per_host": "3"})["rules"] == {"max_server_per_host": 3}


def test_groups_are_those_of_the_project_and_administrators_see_all(call: Call) -> None:
    own, other = _made(call), _made(call, user="bob", name="other")
    path = f"{GROUPS}/{own['id']}"

    def ids(query: str, user: str) -> list[str]:
        _status, found = call("GET", f"{GROUPS}{query}", user=user)
        return [group["id"] for group in found["server_groups"]]

    assert ids("", "alice") == [own["id"], other["id"]]  # another user of the same project
    assert ids("", "eve:p2") == ids("", "admin:p2") == []
    assert call("GET", path, user="eve:p2")[0] == 404
    assert call("DELETE", path, user="eve:p2")[0] == 404
    assert call("GET", f"{GROUPS}?all_projects=True", user="eve:p2")[0] == 403
    assert call("GET", path, user="admin:p2")[0] == 200
    assert ids("?all_projects=", "admin:p2") == [own["id"], other["id"]]


def test_groups_come_in_pages(call: Call) -> None:
    made = [_made(call, name=name)["name"] for name in ("a", "b", "c")]

    def names(query: str) -> list[str]:
        _status, found = call("GET", f"{GROUPS}?{query}", user="alice")
        return [group["name"] for group in found["server_groups"]]

    assert names("limit=2") == made[:2]
    assert names("limit=2&offset=2") == made[2:]
    assert names("limit=0&offset=1") == made[1:]
    assert call("GET", f"{GROUPS}?offset=x", user="alice")[0] == 400
    assert call("GET", f"{GROUPS}?odd=1", user="alice", version=74)[0] == 200
    assert call("GET", f"{GROUPS}?odd=1", user="alice", version=75)[0] == 400


@pytest.mark.parametrize("ref", ["x", "1", "%20", "ffffffff-0000-4000-8000-00000000000f"])
def test_any_text_in_the_place_of_an_id_is_not_found(call: Call, ref: str) -> None:
    assert call("GET", f"{GROUPS}/{ref}")[0] == 404
    assert call("DELETE", f"{GROUPS}/{ref}")[0] == 404


def test_a_project_has_as_many_groups_as_its_quota_says(call: Call) -> None:
    groups = [_made(call) for _ in range(10)]
    body = {"server_group": {"name": "g", "policies": ["affinity"]}}

    status, fault = call("POST", GROUPS, body, user="alice")

    assert status == 403
    assert fault["forbidden"]["message"] == "Quota exceeded, too many server groups."
    assert call("DELETE", f"{GROUPS}/{groups[0]['id']}", user="alice") == (204, None)
    assert call("POST", GROUPS, body, user="alice")[0] == 200


def test_a_user_may_have_a_limit_of_their_own(call: Call, database: Database) -> None:
    _quota(database, "server_groups", 1, user="alice")
    _made(call)
    body = {"server_group": {"name": "g", "policies": ["affinity"]}}

    assert call("POST", GROUPS, body, user="alice")[0] == 403
    assert call("POST", GROUPS, body, user="bob")[0] == 200


def test_a_server_is_in_the_group_that_its_hint_names(call: Call, bootable: Database) -> None:
    group = _made(call)["id"]

    status, found = _boot(call, group.upper())

    assert status == 202
    server = found["server"]["id"]
    _status, shown = call("GET", f"{GROUPS}/{group}", user="alice")
    assert shown["server_group"]["members"] == [server]
    for version, groups in ((70, None), (71, [group]), (104, [group])):
        _status, one = call("GET", f"/servers/{server}", user="alice", version=version)
        assert one["server"].get("server_groups") == groups


def test_a_deleted_server_is_no_member(call: Call, bootable: Database) -> None:
    group = _made(call)["id"]
    server = _boot(call, group)[1]["server"]["id"]

    assert call("DELETE", f"/servers/{server}", user="alice")[0] == 204

    _status, shown = call("GET", f"{GROUPS}/{group}", user="alice")
    assert shown["server_group"]["members"] == []


def test_the_servers_of_a_deleted_group_are_in_none(call: Call, bootable: Database) -> None:
    group = _made(call)["id"]
    server = _boot(call, group)[1]["server"]["id"]

    assert call("DELETE", f"{GROUPS}/{group}", user="alice")[0] == 204

    _status, one = call("GET", f"/servers/{server}", user="alice", version=71)
    assert one["server"]["server_groups"] == []


def test_a_hint_must_name_a_group_of_the_project(call: Call, bootable: Database) -> None:
    unknown = "ffffffff-0000-4000-8000-00000000000f"
    foreign = call(
        "POST",
        GROUPS,
        {"server_group": {"name": "g", "policies": ["affinity"]}},
        user="eve:p2",
    )[1]["server_group"]["id"]

    for ref in (unknown, foreign):
        status, fault = _boot(call, ref)
        assert status == 400
        assert fault["badRequest"]["message"] == f"Instance group {ref} could not be found."
    assert _boot(call, "no-uuid")[0] == 400
    assert bootable.read(lambda db: db.query(Instance).count()) == 0


def test_a_group_has_as_many_servers_of_a_user_as_the_quota_says(
    call: Call, bootable: Database
) -> None:
    group = _made(call)["id"]
    _quota(bootable, "instances", -1)
    assert _boot(call, group, min_count=10, max_count=10)[0] == 202

    status, fault = _boot(call, group)

    assert status == 403
    assert fault["forbidden"]["message"] == "Quota exceeded, too many servers in group"
    assert _boot(call, group, user="bob")[0] == 202
    assert bootable.read(lambda db: db.query(Instance).count()) == 11


def _quota(database: Database, resource: str, limit: int, user: str = "") -> None:
    facts = {"project_id": "p1", "user_id": user, "resource": resource, "hard_limit": limit}
    database.write(lambda db: db.add(models.Quota(**facts)))
