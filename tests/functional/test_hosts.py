"""Hosts and hypervisors over the real books: what they have, who is on them."""

from typing import Any

import pytest

from minicloud.db.engine import Database
from minicloud.db.models import Instance
from tests.contract.db.rows import add_host, instance
from tests.functional.over_books import Call, call, database
from tests.statements import statements

__all__ = ["call", "database"]  # fixtures


@pytest.fixture
def hosts(database: Database) -> list[str]:
    """Three hosts; two servers on the first, one on the second."""
    names = ["node1", "node2", "node3"]
    for name in names:
        add_host(database, name, vcpus=8, memory_mb=8192, disk_gb=100)
    rows = [
        instance(host="node1", project_id="p1"),
        instance(host="node1", project_id="p2", vcpus=2),
        instance(host="node2", project_id="p1"),
    ]
    for row in rows:
        database.write(lambda db, row=row: db.add(Instance(**row)))  # type: ignore[misc]
    return names


# /os-hosts, until 2.42.


def test_hosts_in_service_are_listed_by_zone(call: Call, hosts: list[str]) -> None:
    call("POST", "/os-aggregates", {"aggregate": {"name": "a", "availability_zone": "east"}})
    call("POST", "/os-aggregates/1/action", {"add_host": {"host": "node3"}})
    call("PUT", "/os-hosts/node1", {"status": "disable"})

    def names(query: str = "") -> list[str]:
        _status, found = call("GET", f"/os-hosts{query}")
        return [host["host_name"] for host in found["hosts"]]

    assert names() == ["node2", "node3"]
    assert names("?zone=east") == ["node3"]
    _status, found = call("GET", "/os-hosts?zone=east", version=42)
    assert found["hosts"] == [{"host_name": "node3", "service": "compute", "zone": "east"}]


def test_a_host_shows_what_each_project_takes(call: Call, hosts: list[str]) -> None:
    status, found = call("GET", "/os-hosts/node1")

    assert status == 200
    shown = [one["resource"] for one in found["host"]]
    assert {one["host"] for one in shown} == {"node1"}
    numbers = {one["project"]: (one["cpu"], one["memory_mb"], one["disk_gb"]) for one in shown}
    assert numbers == {
        "(total)": (8, 8192, 100),
        "(used_now)": (0, 0, 0),  # nothing was claimed for the servers of this test
        "(used_max)": (3, 2048, 20),
        "p1": (1, 1024, 10),
        "p2": (2, 1024, 10),
    }


def test_a_host_is_taken_out_of_service_and_back(call: Call, hosts: list[str]) -> None:
    def status() -> str:
        found = call("GET", "/os-services?host=node1")[1]["services"]
        return str(found[0]["status"])

    disabled = call("PUT", "/os-hosts/node1", {"status": "Disable"})
    assert (disabled, status()) == ((200, {"host": "node1", "status": "disabled"}), "disabled")

    enabled = call("PUT", "/os-hosts/node1", {"status": "enable"})
    assert (enabled, status()) == ((200, {"host": "node1", "status": "enabled"}), "enabled")


@pytest.mark.parametrize(
    ("verb", "path", "body", "status"),
    [
        ("PUT", "/os-hosts/node1", {"maintenance_mode": "enable"}, 501),
        ("PUT", "/os-hosts/node1", {"status": "odd"}, 400),
        ("PUT", "/os-hosts/node1", {"odd": "enable"}, 400),
        ("PUT", "/os-hosts/node1", {}, 400),
        ("PUT", "/os-hosts/nowhere", {"status": "enable"}, 404),
        ("GET", "/os-hosts/nowhere", None, 404),
        ("GET", "/os-hosts/node1/reboot", None, 501),
        ("GET", "/os-hosts/node1/shutdown", None, 501),
        ("GET", "/os-hosts/node1/startup", None, 501),
        ("GET", "/os-hosts/nowhere/startup", None, 404),
    ],
)
def test_what_a_host_cannot_do_is_refused(
    call: Call, hosts: list[str], verb: str, path: str, body: Any, status: int
) -> None:
    assert call(verb, path, body)[0] == status
    assert call(verb, path, body, version=43)[0] == 404
    assert call(verb, path, body, user="alice")[0] == 403


# /os-hypervisors.


def _names(found: dict[str, Any]) -> list[str]:
    return [one["hypervisor_hostname"] for one in found["hypervisors"]]


def _counts(found: dict[str, Any]) -> list[int | None]:
    """How many servers each shows; None: it has no list of them."""
    return [len(one["servers"]) if "servers" in one else None for one in found["hypervisors"]]


def test_hypervisors_come_in_pages_from_2_33(call: Call, hosts: list[str]) -> None:
    path = "/os-hypervisors"
    assert _names(call("GET", f"{path}?limit=2", version=32)[1]) == hosts

    for version in (33, 52, 53, 88):
        _status, first = call("GET", f"{path}/detail?limit=2", version=version)
        marker = first["hypervisors"][-1]["id"]
        _status, second = call("GET", f"{path}?limit=2&marker={marker}", version=version)

        assert _names(first) + _names(second) == hosts
        href = first["hypervisors_links"][0]["href"]
        assert href.endswith(f"{path}/detail?limit=2&marker={marker}")
        assert "hypervisors_links" not in second
        assert call("GET", f"{path}?marker=nothing", version=version)[0] == 400


def test_servers_of_hypervisors_are_shown_on_request(call: Call, hosts: list[str]) -> None:
    path = "/os-hypervisors"

    assert _counts(call("GET", path, version=53)[1]) == [None, None, None]
    for where in (path, f"{path}/detail"):
        assert _counts(call("GET", f"{where}?with_servers=1", version=53)[1]) == [2, 1, None]
        assert _counts(call("GET", f"{where}?with_servers=1", version=75)[1]) == [2, 1, 0]
    _status, by_name = call(
        "GET", f"{path}?hypervisor_hostname_pattern=e1&with_servers=1", version=53
    )
    assert (_names(by_name), _counts(by_name)) == (["node1"], [2])
    assert call("GET", f"{path}?with_servers=odd", version=53)[0] == 400


def test_before_2_53_there_are_addresses_for_that(call: Call, hosts: list[str]) -> None:
    _status, found = call("GET", "/os-hypervisors/node/servers", version=52)
    assert (_names(found), _counts(found)) == (hosts, [2, 1, None])
    assert _names(call("GET", "/os-hypervisors/e2/search", version=52)[1]) == ["node2"]
    for path in ("node/servers", "e2/search"):
        assert call("GET", f"/os-hypervisors/{path}", version=53)[0] == 404


def test_a_list_with_servers_asks_the_books_as_often_for_many_as_for_one(
    call: Call, hosts: list[str], database: Database
) -> None:
    call("GET", "/os-hypervisors", version=75)  # the members are known from now on
    counts = []
    for pattern in ("node1", "node"):
        query = f"hypervisor_hostname_pattern={pattern}&with_servers=true"
        with statements(database) as asked:
            assert call("GET", f"/os-hypervisors/detail?{query}", version=75)[0] == 200
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_statistics_leave_out_hosts_that_are_disabled(call: Call, hosts: list[str]) -> None:
    call("PUT", "/os-hosts/node1", {"status": "disable"})

    _status, found = call("GET", "/os-hypervisors/statistics", version=87)

    assert found["hypervisor_statistics"]["count"] == 2
    assert found["hypervisor_statistics"]["vcpus"] == 16
    assert call("GET", "/os-hypervisors/statistics", version=88)[0] == 404


# Availability zones.


def test_a_zone_without_a_host_in_service_is_told_last_and_without_hosts(
    call: Call, hosts: list[str]
) -> None:
    call("POST", "/os-aggregates", {"aggregate": {"name": "a", "availability_zone": "east"}})
    call("POST", "/os-aggregates/1/action", {"add_host": {"host": "node3"}})
    for host in ("node2", "node3"):
        call("PUT", f"/os-hosts/{host}", {"status": "disable"})

    _status, brief = call("GET", "/os-availability-zone", user="alice")
    _status, detail = call("GET", "/os-availability-zone/detail")

    nova, east = detail["availabilityZoneInfo"]
    assert (nova["zoneName"], nova["zoneState"]) == ("nova", {"available": True})
    assert set(nova["hosts"]) == {"node1"}
    assert nova["hosts"]["node1"]["nova-compute"]["active"] is True
    assert east == {"zoneName": "east", "zoneState": {"available": False}, "hosts": None}
    assert brief["availabilityZoneInfo"] == [nova | {"hosts": None}, east]
