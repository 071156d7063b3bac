"""Flavors over the real books: made, changed by extra specs, deleted, and what is refused."""

from typing import Any

import pytest

from tests.functional.over_books import Call, call, database

__all__ = ["call", "database"]  # fixtures

_SSD = {"id": "6", "name": "ssd.large", "ram": 8192, "disk": 80, "vcpus": 4}


def _made(call: Call, **changes: Any) -> str:
    status, found = call("POST", "/flavors", {"flavor": {**_SSD, **changes}})
    assert status == 200
    return f"/flavors/{found['flavor']['id']}"


def test_a_flavor_that_was_made_is_shown(call: Call) -> None:
    path = _made(call)

    status, found = call("GET", path, user="alice", version=61)

    assert status == 200
    assert {key: found["flavor"][key] for key in _SSD} == _SSD
    assert found["flavor"]["extra_specs"] == {}


def test_without_an_id_it_gets_one(call: Call) -> None:
    path = _made(call, id=None)

    assert len(path.removeprefix("/flavors/")) == 36


@pytest.mark.parametrize("same", [{"id": "7"}, {"name": "other"}])
def test_an_id_and_a_name_are_taken_once(call: Call, same: dict[str, str]) -> None:
    _made(call)

    status, _fault = call("POST", "/flavors", {"flavor": {**_SSD, **same}})

    assert status == 409


@pytest.mark.parametrize(
    "change",
    [
        {"vcpus": 0},
        {"ram": "0"},
        {"disk": -1},
        {"ram": 1 << 31},
        {"ram": "9999999999"},
        {"vcpus": "x"},
        {"name": " "},
        {"id": "a/b"},
        {"unknown": 1},
        {"rxtx_factor": 0},
        {"description": "too early"},
    ],
)
def test_what_makes_no_sense_is_refused(call: Call, change: dict[str, Any]) -> None:
    assert call("POST", "/flavors", {"flavor": {**_SSD, **change}})[0] == 400


def test_a_private_flavor_is_none_to_others(call: Call) -> None:
    path = _made(call, **{"os-flavor-access:is_public": False})

    assert call("GET", path, user="alice")[0] == 404
    assert call("GET", path)[0] == 200


def test_extra_specs_are_merged_changed_and_taken_away(call: Call) -> None:
    path = _made(call) + "/os-extra_specs"

    call("POST", path, {"extra_specs": {"ssd": "true", "fake:spawn_s": 2}})
    call("PUT", f"{path}/ssd", {"ssd": "false"})
    deleted, _ = call("DELETE", f"{path}/fake:spawn_s")
    again, _ = call("DELETE", f"{path}/fake:spawn_s")

    assert (deleted, again) == (200, 404)
    assert call("GET", path)[1] == {"extra_specs": {"ssd": "false"}}


@pytest.mark.parametrize(
    ("verb", "key", "body"),
    [
        ("PUT", "/ssd", {"other": "true"}),
        ("PUT", "/ssd", {"ssd": "true", "other": "true"}),
        ("PUT", "/ssd", {"ssd": None}),
        ("POST", "", {"extra_specs": {"a/b": "x"}}),
        ("POST", "", {"extra_specs": {"a": "x" * 256}}),
        ("POST", "", {}),
    ],
)
def test_an_extra_spec_that_makes_no_sense_is_refused(
    call: Call, verb: str, key: str, body: Any
) -> None:
    path = _made(call) + "/os-extra_specs"

    assert call(verb, path + key, body)[0] == 400


def test_a_deleted_flavor_is_gone(call: Call) -> None:
    path = _made(call)

    deleted, _ = call("DELETE", path)

    assert deleted == 202
    assert call("GET", path)[0] == 404
    assert call("DELETE", path)[0] == 404
    assert call("POST", f"{path}/os-extra_specs", {"extra_specs": {"a": "b"}})[0] == 404


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("POST", "/flavors", {"flavor": _SSD}),
        ("DELETE", "/flavors/6", None),
        ("POST", "/flavors/6/os-extra_specs", {"extra_specs": {"a": "b"}}),
        ("PUT", "/flavors/6/os-extra_specs/a", {"a": "b"}),
        ("DELETE", "/flavors/6/os-extra_specs/a", None),
    ],
)
def test_only_administrators_change_flavors(call: Call, verb: str, path: str, body: Any) -> None:
    assert call(verb, path, body, user="alice")[0] == 403
