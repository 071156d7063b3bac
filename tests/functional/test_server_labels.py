"""Metadata, tags and the password of servers over the real books."""

from typing import Any

import pytest

from minicloud.db import images, instances
from minicloud.db.engine import Database
from minicloud.db.flavors import add_devstack
from minicloud.db.models import Instance, InstanceTag
from tests.contract.db.rows import add_instances, instance, together
from tests.functional.image_rows import IMAGE, image
from tests.functional.over_books import Call, call, database
from tests.statements import statements

__all__ = ["call", "database"]  # fixtures

WRITABLE = ("active", "paused", "suspended", "stopped")
OTHERS = ("building", "rescued", "resized", "soft-delete", "shelved", "shelved_offloaded", "error")
WRITES: list[tuple[str, str, Any, str]] = [
    ("POST", "/metadata", {"metadata": {"a": "b"}}, "update metadata"),
    ("PUT", "/metadata", {"metadata": {"a": "b"}}, "update metadata"),
    ("PUT", "/metadata/a", {"meta": {"a": "b"}}, "update metadata"),
    ("DELETE", "/metadata/colour", None, "delete metadata"),
    ("PUT", "/tags", {"tags": ["a"]}, "update tags"),
    ("DELETE", "/tags", None, "delete tags"),
    ("PUT", "/tags/a", None, "update tag"),
    ("DELETE", "/tags/kept", None, "delete tag"),
]


def _server(database: Database, **facts: Any) -> str:
    """The path of a server of alice with one item and, where it can have it, one tag."""
    now = database.now()
    usual = {"vm_state": "active", "task_state": None, "launched_at": now, "due_at": None}
    row = instance(**(usual | {"host": "node1", "meta": {"colour": "blue"}} | facts))
    (ref,) = add_instances(database, [row])
    return f"/servers/{ref}"


def _call(call: Call, verb: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
    return call(verb, path, body, **({"user": "alice", "version": 26} | more))


def _row(database: Database, path: str) -> Instance:
    found = database.read(lambda db: instances.get(db, path.split("/")[2]))
    assert found is not None
    return found


def _meta(call: Call, path: str) -> dict[str, str]:
    found: dict[str, str] = _call(call, "GET", f"{path}/metadata")[1]["metadata"]
    return found


def _tags(call: Call, path: str) -> list[str]:
    found: list[str] = _call(call, "GET", f"{path}/tags")[1]["tags"]
    return found


# Metadata.


def test_posted_items_are_merged_in(call: Call, database: Database) -> None:
    path = _server(database)

    status, found = _call(call, "POST", f"{path}/metadata", {"metadata": {"a": "b"}})

    assert (status, found) == (200, {"metadata": {"colour": "blue", "a": "b"}})
    assert _meta(call, path) == {"colour": "blue", "a": "b"}


def test_put_items_replace_all(call: Call, database: Database) -> None:
    path = _server(database)

    status, found = _call(call, "PUT", f"{path}/metadata", {"metadata": {"a": "b"}})

    assert (status, found) == (200, {"metadata": {"a": "b"}})
    assert _meta(call, path) == {"a": "b"}


def test_one_item_is_set_shown_and_deleted(call: Call, database: Database) -> None:
    path = _server(database)

    made = _call(call, "PUT", f"{path}/metadata/a", {"meta": {"a": "b"}})
    shown = _call(call, "GET", f"{path}/metadata/a")
    deleted = _call(call, "DELETE", f"{path}/metadata/a")
    status, fault = _call(call, "DELETE", f"{path}/metadata/a")

    assert made == shown == (200, {"meta": {"a": "b"}})
    assert deleted == (204, None)
    assert (status, fault["itemNotFound"]["message"]) == (404, "Metadata item was not found")
    assert _meta(call, path) == {"colour": "blue"}


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("POST", "/metadata", {"metadata": {"a": 1}}),
        ("POST", "/metadata", {"metadata": {"": "b"}}),
        ("POST", "/metadata", {"metadata": {"a" * 256: "b"}}),
        ("POST", "/metadata", {"metadata": {"a": "b" * 256}}),
        ("POST", "/metadata", {"metadata": {"a,b": "b"}}),
        ("POST", "/metadata", {"metadata": []}),
        ("POST", "/metadata", {"metadata": {}, "more": 1}),
        ("PUT", "/metadata", {}),
        ("PUT", "/metadata/a", {"meta": {}}),
        ("PUT", "/metadata/a", {"meta": {"a": "b", "c": "d"}}),
        ("PUT", "/metadata/a", {"meta": {"a": None}}),
        ("PUT", "/metadata/a", {"metadata": {"a": "b"}}),
    ],
)
def test_metadata_in_another_form_is_refused(
    call: Call, database: Database, verb: str, path: str, body: Any
) -> None:
    server = _server(database)

    assert _call(call, verb, server + path, body)[0] == 400
    assert _meta(call, server) == {"colour": "blue"}


def test_the_key_of_the_body_is_that_of_the_url(call: Call, database: Database) -> None:
    path = _server(database)

    status, fault = _call(call, "PUT", f"{path}/metadata/a", {"meta": {"b": "b"}})

    assert status == 400
    assert fault["badRequest"]["message"] == "Request body and URI mismatch"


def test_no_more_items_than_the_quota_allows(call: Call, database: Database) -> None:
    path = _server(database)
    many = {str(n): "x" for n in range(128)}

    replaced, _ = _call(call, "PUT", f"{path}/metadata", {"metadata": many})
    for verb, sub, body in (
        ("POST", "/metadata", {"metadata": {"one": "more"}}),
        ("PUT", "/metadata", {"metadata": many | {"one": "more"}}),
        ("PUT", "/metadata/one", {"meta": {"one": "more"}}),
    ):
        status, fault = _call(call, verb, path + sub, body)
        assert status == 403
        message = "Maximum number of metadata items exceeds 128"
        assert fault["forbidden"]["message"] == message

    assert replaced == 200
    assert _call(call, "PUT", f"{path}/metadata/1", {"meta": {"1": "y"}})[0] == 200
    assert _meta(call, path) == many | {"1": "y"}


def test_of_items_written_at_once_none_is_lost(call: Call, database: Database) -> None:
    path = _server(database, meta={})

    together(8, lambda n: _call(call, "PUT", f"{path}/metadata/k{n}", {"meta": {f"k{n}": "v"}}))

    assert set(_meta(call, path)) == {f"k{n}" for n in range(8)}


def test_a_description_moves_no_generation(call: Call, database: Database) -> None:
    path = _server(database)
    before = _row(database, path)

    for verb, sub, body, _ in (*WRITES[:3], *WRITES[4:7]):
        assert _call(call, verb, path + sub, body)[0] < 300

    after = _row(database, path)
    assert after.generation == before.generation
    assert after.updated_at > before.updated_at


# Tags.


def test_tags_are_replaced_looked_for_and_deleted(call: Call, database: Database) -> None:
    path = _server(database)

    put = _call(call, "PUT", f"{path}/tags", {"tags": ["b", "a", "b"]})

    assert put == (200, {"tags": ["a", "b"]})
    assert _tags(call, path) == ["a", "b"]
    assert _call(call, "GET", f"{path}/tags/a") == (204, None)
    assert _call(call, "GET", f"{path}/tags/c")[0] == 404
    assert _call(call, "DELETE", f"{path}/tags/a") == (204, None)
    assert _call(call, "DELETE", f"{path}/tags/a")[0] == 404
    assert _tags(call, path) == ["b"]
    assert _call(call, "DELETE", f"{path}/tags") == (204, None)
    assert _tags(call, path) == []


def test_a_tag_is_made_once(call: Call, database: Database) -> None:
    path = _server(database)

    assert _call(call, "PUT", f"{path}/tags/a b") == (201, None)
    assert _call(call, "PUT", f"{path}/tags/a b") == (204, None)
    assert _call(call, "PUT", f"{path}/tags/A b") == (201, None)
    assert _tags(call, path) == ["A b", "a b"]


def test_of_one_tag_put_many_times_at_once_one_is_made(call: Call, database: Database) -> None:
    path = _server(database)

    answers = together(4, lambda _n: _call(call, "PUT", f"{path}/tags/a")[0])

    assert sorted(answers) == [201, 204, 204, 204]


def test_a_server_has_fifty_tags_at_most_whoever_comes_first(
    call: Call, database: Database
) -> None:
    path = _server(database)
    _call(call, "PUT", f"{path}/tags", {"tags": [f"t{n}" for n in range(48)]})

    answers = together(4, lambda n: _call(call, "PUT", f"{path}/tags/new{n}"))

    assert sorted(status for status, _ in answers) == [201, 201, 400, 400]
    faults = {body["badRequest"]["message"] for status, body in answers if status == 400}
    assert faults == {"The number of tags exceeded the per-server limit 50"}
    assert _call(call, "PUT", f"{path}/tags/t1")[0] == 204


@pytest.mark.parametrize(
    "tags", [["a,b"], ["a/b"], [""], ["a" * 61], [1], "a", None, [str(n) for n in range(51)]]
)
def test_tags_in_another_form_are_refused(call: Call, database: Database, tags: Any) -> None:
    path = _server(database)

    assert _call(call, "PUT", f"{path}/tags", {"tags": tags})[0] == 400


@pytest.mark.parametrize("tag", ["a,b", "a" * 61])
def test_a_tag_of_the_url_that_cannot_be_is_named(
    call: Call, database: Database, tag: str
) -> None:
    status, fault = _call(call, "PUT", f"{_server(database)}/tags/{tag}")

    assert status == 400
    assert fault["badRequest"]["message"].startswith(f"Tag '{tag}' is invalid.")


def test_servers_show_their_tags_since_2_26(call: Call, database: Database) -> None:
    path, bare = _server(database), _server(database)
    _call(call, "PUT", f"{path}/tags", {"tags": ["b", "a"]})

    _, old = _call(call, "GET", path, version=25)
    _, new = _call(call, "GET", path)
    _, listed = _call(call, "GET", "/servers/detail")

    assert "tags" not in old["server"]
    assert new["server"]["tags"] == ["a", "b"]
    shown = {one["id"]: one["tags"] for one in listed["servers"]}
    assert shown == {path.split("/")[2]: ["a", "b"], bare.split("/")[2]: []}


def test_tags_are_set_at_boot(call: Call, database: Database) -> None:
    now = database.now()
    database.write(lambda db: add_devstack(db, now))
    database.write(lambda db: images.insert(db, image(now)))
    server = {"name": "s", "flavorRef": "42", "networks": "none", "tags": ["b", "a", "b"]}

    status, made = _call(
        call, "POST", "/servers", {"server": server | {"imageRef": IMAGE}}, version=52
    )

    assert status == 202
    assert _tags(call, f"/servers/{made['server']['id']}") == ["a", "b"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("tags=a", "ab a"),
        ("tags=a,b", "ab"),
        ("tags-any=a,b", "ab a b"),
        ("tags-any=c", ""),
        ("not-tags=a", "b none"),
        ("not-tags=a,b", "a b none"),
        ("not-tags-any=a,b", "none"),
        ("tags=a&not-tags-any=b", "a"),
    ],
)
def test_lists_are_narrowed_by_tags(
    call: Call, database: Database, query: str, names: str
) -> None:
    for name in ("ab", "a", "b", "none"):
        path = _server(database, display_name=name)
        tags = list(name) if name != "none" else []
        _call(call, "PUT", f"{path}/tags", {"tags": tags})

    _, found = _call(call, "GET", f"/servers?{query}&sort_key=display_name")
    _, unknown = _call(call, "GET", f"/servers?{query}", version=25)

    assert {one["name"] for one in found["servers"]} == set(names.split())
    assert len(unknown["servers"]) == 4


def test_tags_disappear_with_their_server(call: Call, database: Database) -> None:
    path, other = _server(database, host=None), _server(database)
    for one in (path, other):
        _call(call, "PUT", f"{one}/tags", {"tags": ["a"]})

    assert _call(call, "DELETE", path)[0] == 204

    assert database.read(lambda db: db.query(InstanceTag).count()) == 1
    assert _tags(call, other) == ["a"]


# Who may write, and when.


@pytest.mark.parametrize(("verb", "path", "body", "_what"), WRITES)
@pytest.mark.parametrize("state", WRITABLE)
def test_a_server_in_these_states_may_be_written_on(
    call: Call, database: Database, state: str, verb: str, path: str, body: Any, _what: str
) -> None:
    server = _server(database)
    _call(call, "PUT", f"{server}/tags/kept")
    _set(database, server, vm_state=state, task_state="rebooting")

    assert _call(call, verb, server + path, body)[0] < 300


@pytest.mark.parametrize(("verb", "path", "body", "what"), WRITES)
def test_in_other_states_it_is_a_conflict_that_names_the_state(
    call: Call, database: Database, verb: str, path: str, body: Any, what: str
) -> None:
    server = _server(database)
    _call(call, "PUT", f"{server}/tags/kept")
    ref = server.split("/")[2]
    for state in OTHERS:
        _set(database, server, vm_state=state)

        status, fault = _call(call, verb, server + path, body)

        said = f"Cannot '{what}' instance {ref} while it is in vm_state {state}"
        assert (status, fault["conflictingRequest"]["message"]) == (409, said)
    assert _meta(call, server) == {"colour": "blue"}
    assert _tags(call, server) == ["kept"]


@pytest.mark.parametrize(("verb", "path", "body", "_what"), WRITES)
def test_a_locked_server_is_written_on_by_administrators_only(
    call: Call, database: Database, verb: str, path: str, body: Any, _what: str
) -> None:
    server = _server(database)
    _call(call, "PUT", f"{server}/tags/kept")
    _set(database, server, locked_by="owner")

    status, fault = _call(call, verb, server + path, body)

    message = f"Instance {server.split('/')[2]} is locked"
    assert (status, fault["conflictingRequest"]["message"]) == (409, message)
    assert _call(call, verb, server + path, body, user="admin")[0] < 300


@pytest.mark.parametrize(("verb", "path", "body", "_what"), WRITES)
def test_readers_and_strangers_write_nothing(
    call: Call, database: Database, verb: str, path: str, body: Any, _what: str
) -> None:
    server, foreign = _server(database), _server(database, project_id="p2")
    missing = "/servers/aaaaaaaa-0000-4000-8000-000000000001"

    assert _call(call, verb, foreign + path, body)[0] == 404
    assert _call(call, verb, missing + path, body)[0] == 404
    assert _call(call, verb, server + path, body, user="alice:p1:reader")[0] == 403


def test_the_password_is_empty_and_may_be_forgotten(call: Call, database: Database) -> None:
    path = f"{_server(database)}/os-server-password"

    assert _call(call, "GET", path) == (200, {"password": ""})
    assert _call(call, "DELETE", path) == (204, None)
    assert _call(call, "GET", "/servers/x/os-server-password")[0] == 404


def _set(database: Database, path: str, **facts: Any) -> None:
    database.write(lambda db: instances.describe(db, path.split("/")[2], facts))


def test_the_tags_of_a_list_are_one_question(call: Call, database: Database) -> None:
    def count() -> int:
        with statements(database) as asked:
            _call(call, "GET", "/servers/detail")
        return len(asked)

    _call(call, "PUT", f"{_server(database)}/tags", {"tags": ["a", "b"]})
    count()  # the members are known from now on
    one = count()
    for _ in range(5):
        _call(call, "PUT", f"{_server(database)}/tags", {"tags": ["a", "b"]})

    assert count() == one
