"""What `minicloud status` tells of servers and services."""

import json

from minicloud.cmd.overview import tell, tell_source

_USED = {
    "running_vms": 3,
    "vcpus": 48,
    "vcpus_used": 4,
    "memory_mb": 196608,
    "memory_mb_used": 2304,
    "local_gb": 3072,
    "local_gb_used": 3,
}


def _service(host: str, state: str = "up", status: str = "enabled") -> dict[str, str]:
    return {"binary": "nova-compute", "host": host, "state": state, "status": status}


def test_a_cloud_that_is_well_says_what_is_used() -> None:
    said = tell(_USED, [_service("node1"), _service("node2")], broken=0)

    assert said.servers == "3 on hosts"
    assert said.in_use == "4 of 48 vCPUs, 2.25 of 192 GB memory, 3 of 3072 GB disk"
    assert said.services == "nova-compute 2 up"
    assert not said.ill


def test_a_large_cloud_is_told_in_whole_numbers() -> None:
    used = _USED | {"memory_mb": 65_536_000, "memory_mb_used": 512_640}

    assert "500.6 of 64000 GB memory" in tell(used, [], broken=0).in_use


def test_what_is_down_disabled_or_in_error_is_named() -> None:
    services = [_service("node1", state="down"), _service("node2", status="disabled")]

    said = tell(_USED, services, broken=2)

    assert said.servers == "3 on hosts, 2 in ERROR"
    assert said.services == (
        "nova-compute 1 of 2 up; down: nova-compute on node1; disabled: nova-compute on node2"
    )
    assert said.ill


def test_of_many_that_are_down_some_are_named_and_the_rest_counted() -> None:
    said = tell(_USED, [_service(f"node{n}", state="down") for n in range(9)], broken=0)

    assert said.services.endswith("nova-compute on node2 and 6 more")


def test_each_kind_of_program_is_counted() -> None:
    conductor = {**_service("c1"), "binary": "nova-conductor"}

    said = tell(_USED, [_service("node1"), conductor, _service("node2", state="down")], broken=0)

    assert said.services.startswith("nova-compute 1 of 2 up, nova-conductor 1 up; down: ")


def test_who_says_so_is_told_with_the_oldest_sign_of_life() -> None:
    store = {"driver": "redis", "address": "cache:6379", "oldest_s": 3.2}

    assert tell_source(json.dumps(store)) == (
        "said by redis at cache:6379, which answers; the oldest sign of life is 3 s old",
        False,
    )


def test_a_store_that_is_away_is_told_and_wants_to_be_looked_at() -> None:
    store = {"driver": "redis", "address": "cache:6379", "away_s": 31.4, "trouble": "refused"}

    said, is_ill = tell_source(json.dumps(store))

    assert said == (
        "said by redis at cache:6379, unreachable for 31 s (refused): shown is what was known then"
    )
    assert is_ill


def test_a_store_that_is_back_is_told_to_call_nobody_down_yet() -> None:
    store = {"driver": "redis", "address": "cache:6379", "settles_s": 12.0}

    said, is_ill = tell_source(json.dumps(store))

    assert said.endswith("which is back: nobody is called down for 12 s yet")
    assert is_ill


def test_an_api_that_does_not_say_who_says_so_is_older() -> None:
    assert tell_source(None) == ("", False)
