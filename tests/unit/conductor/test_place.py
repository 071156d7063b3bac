"""What the scheduler is told: the structures of SEMANTICS section 5."""

from typing import Any

import pytest

from minicloud.conductor.place import filter_properties, request_spec
from minicloud.db.models import Instance

_FLAVOR = {
    "flavorid": "1",
    "name": "m1.tiny",
    "vcpus": 1,
    "memory_mb": 512,
    "root_gb": 1,
    "ephemeral_gb": 2,
    "swap_mb": 0,
    "extra_specs": {"a": "b"},
}


def row(**changes: Any) -> Instance:
    facts = {
        "uuid": "u1",
        "project_id": "p1",
        "user_id": "alice",
        "reservation_id": "r-1",
        "launch_index": 2,
        "display_name": "vm",
        "availability_zone": "z1",
        "flavor": _FLAVOR,
        "vcpus": 1,
        "memory_mb": 512,
        "disk_gb": 3,
        "meta": {"k": "v"},
        "key_name": "key",
        "retry": None,
        "request": {
            "image": {"id": "i1", "properties": {"arch": "x"}},
            "hints": {"group": "g1"},
            "num_instances": 3,
        },
    }
    return Instance(**{**facts, **changes})


def test_the_request_names_image_flavor_and_the_instance_to_be() -> None:
    spec = request_spec(row())

    assert spec["image"] == {"id": "i1", "properties": {"arch": "x"}}
    assert spec["instance_type"] == _FLAVOR
    assert spec["num_instances"] == 3
    assert spec["instance_uuids"] == ["u1"]
    assert spec["instance_properties"] == {
        "uuid": "u1",
        "project_id": "p1",
        "user_id": "alice",
        "display_name": "vm",
        "availability_zone": "z1",
        "vcpus": 1,
        "memory_mb": 512,
        "root_gb": 1,
        "ephemeral_gb": 2,
        "metadata": {"k": "v"},
        "key_name": "key",
        "reservation_id": "r-1",
        "launch_index": 2,
    }


def test_a_server_without_an_image_has_an_empty_one() -> None:
    assert request_spec(row(request={}))["image"] == {}


def test_the_properties_carry_hints_and_the_first_attempt() -> None:
    properties = filter_properties(row(), 3)

    assert properties["scheduler_hints"] == {"group": "g1"}
    assert properties["instance_type"] == _FLAVOR
    assert properties["project_id"] == "p1"
    assert properties["ignore_hosts"] == []
    assert properties["force_hosts"] == []
    assert properties["force_nodes"] == []
    assert properties["retry"] == {"num_attempts": 1, "hosts": []}


def test_each_pass_counts_one_attempt_more_and_keeps_the_hosts_that_were_tried() -> None:
    before = {"num_attempts": 1, "hosts": [["h1", "n1"]], "exc_reason": "boom"}

    properties = filter_properties(row(retry=before), 3)

    assert properties["retry"] == {**before, "num_attempts": 2}
    assert before["num_attempts"] == 1


def test_one_attempt_alone_has_no_retry_record() -> None:
    assert "retry" not in filter_properties(row(), 1)


@pytest.mark.parametrize("key", ["force_hosts", "force_nodes"])
def test_a_forced_server_has_no_retry_record(key: str) -> None:
    properties = filter_properties(row(request={key: ["h1"]}), 3)

    assert "retry" not in properties
    assert properties[key] == ["h1"]
