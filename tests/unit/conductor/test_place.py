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
        "host": None,
        "task_state": "scheduling",
        "request": {
            "image": {"id": "i1", "properties": {"arch": "x"}},
            "hints": {"group": "g1"},
            "num_instances": 3,
        },
    }
    return Instance(**{**facts, **changes})


def spec_of(instance: Instance) -> dict[str, Any]:
    return request_spec(instance, instance.flavor)


def properties_of(instance: Instance, attempts: int, **wish: Any) -> dict[str, Any]:
    return filter_properties(instance, instance.flavor, wish, attempts)


def test_the_request_names_image_flavor_and_the_instance_to_be() -> None:
    spec = spec_of(row())

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
    assert spec_of(row(request={}))["image"] == {}


def test_the_properties_carry_hints_and_the_first_attempt() -> None:
    properties = properties_of(row(), 3)

    assert properties["scheduler_hints"] == {"group": "g1"}
    assert properties["instance_type"] == _FLAVOR
    assert properties["project_id"] == "p1"
    assert properties["ignore_hosts"] == []
    assert properties["force_hosts"] == []
    assert properties["force_nodes"] == []
    assert properties["retry"] == {"num_attempts": 1, "hosts": []}


def test_each_pass_counts_one_attempt_more_and_keeps_the_hosts_that_were_tried() -> None:
    before = {"num_attempts": 1, "hosts": [["h1", "n1"]], "exc_reason": "boom"}

    properties = properties_of(row(retry=before), 3)

    assert properties["retry"] == {**before, "num_attempts": 2}
    assert before["num_attempts"] == 1


def test_one_attempt_alone_has_no_retry_record() -> None:
    assert "retry" not in properties_of(row(), 1)


@pytest.mark.parametrize("key", ["force_hosts", "force_nodes"])
def test_a_forced_server_has_no_retry_record(key: str) -> None:
    properties = properties_of(row(request={key: ["h1"]}), 3)

    assert "retry" not in properties
    assert properties[key] == ["h1"]


def test_a_server_that_moves_leaves_its_host_and_is_bound_to_it_no_more() -> None:
    moving = row(host="h1", task_state="resize_prep", request={"force_hosts": ["h1"]})

    properties = properties_of(moving, 3, requested_host="h2")

    assert properties["ignore_hosts"] == ["h1"]
    assert properties["force_hosts"] == []
    assert properties["requested_destination"]["host"] == "h2"


def test_a_server_that_is_resized_is_placed_by_its_new_flavor() -> None:
    spec = request_spec(row(task_state="resize_prep"), {**_FLAVOR, "memory_mb": 4096})

    assert spec["instance_type"]["memory_mb"] == 4096
    assert spec["instance_properties"]["memory_mb"] == 4096
    assert spec["num_instances"] == 1
