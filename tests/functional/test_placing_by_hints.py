"""Hints, isolation and ratios of aggregates over HTTP: where servers land in a cloud that runs."""

import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.functional.clouds import Cloud
from tests.functional.strict_client import Client

_FILTERS = (
    "RetryFilter,ComputeFilter,AggregateRamFilter,AggregateCoreFilter,AggregateDiskFilter,"
    "AggregateNumInstancesFilter,SameHostFilter,DifferentHostFilter,SimpleCIDRAffinityFilter,"
    "GroupAntiAffinityFilter,IsolatedHostsFilter,JsonFilter"
)
_ISOLATED = "22222222-2222-4333-8444-555555555555"
_SETTINGS = {
    "filter_scheduler.enabled_filters": _FILTERS,
    "filter_scheduler.isolated_images": _ISOLATED,
    "filter_scheduler.isolated_hosts": "node5",
    "fake.host_ips": "node1:10.0.0.1,node2:10.0.0.2,node3:10.0.1.3,node4:fd00::4",
    "fake.memory_mb": "1024",
    "compute.ram_allocation_ratio": "1.0",
    "compute.reserved_host_memory_mb": "0",
    "quota.instances": "-1",
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    made = Cloud(tmp_path_factory.mktemp("hints") / "state")
    settings = [word for pair in _SETTINGS.items() for word in ("--set", "=".join(pair))]
    made.up("--hosts", "5", *settings)
    yield made
    made.down()


class Desk:
    """An administrator's servers, which go with the test."""

    def __init__(self, cloud: Cloud) -> None:
        self.client = Client(cloud)
        self.images = self.client.call("GET", "/v2/images", service="image")["images"]
        self.made: list[str] = []
        self._aggregates: list[tuple[int, str]] = []

    def boot(self, image: str = "", flavor: str = "42", zone: str = "", **hints: Any) -> str:
        server = {"name": "s", "flavorRef": flavor, "imageRef": image or self.images[0]["id"]}
        if zone:
            server["availability_zone"] = zone
        body = {"server": server, "os:scheduler_hints": hints}
        ref = str(self.client.call("POST", "/servers", body, wants=(202,))["server"]["id"])
        self.made.append(ref)
        return ref

    def where(self, ref: str) -> str:
        """Its host, or which filters refused how many."""
        self.client.wait(ref, ("BUILD",), ("ACTIVE", "ERROR"))
        server = self.client.call("GET", f"/servers/{ref}")["server"]
        if server["status"] == "ERROR":
            return str(server["fault"]["message"].rpartition("refused by: ")[2])
        return str(server["OS-EXT-SRV-ATTR:host"])

    def aggregate(self, host: str, **metadata: str) -> None:
        made = self.client.call("POST", "/os-aggregates", {"aggregate": {"name": host}})
        ident = int(made["aggregate"]["id"])
        for word, wish in (("set_metadata", {"metadata": metadata}), ("add_host", {"host": host})):
            self.client.call("POST", f"/os-aggregates/{ident}/action", {word: wish})
        self._aggregates.append((ident, host))

    def clear(self) -> None:
        for ident, host in self._aggregates:
            out = {"remove_host": {"host": host}}
            self.client.call("POST", f"/os-aggregates/{ident}/action", out)
            self.client.call("DELETE", f"/os-aggregates/{ident}")
        for ref in self.made:
            self.client.call("DELETE", f"/servers/{ref}", wants=(204,))
        for ref in self.made:
            self.client.wait(ref, ("ACTIVE", "ERROR", "BUILD"), ("DELETED",))


@pytest.fixture
def desk(cloud: Cloud) -> Iterator[Desk]:
    made = Desk(cloud)
    yield made
    made.clear()


def test_servers_go_to_others_or_away_from_them(desk: Desk) -> None:
    first = desk.boot()
    home = desk.where(first)
    second = desk.boot(different_host=first)
    elsewhere = desk.where(second)

    assert elsewhere != home
    assert desk.where(desk.boot(same_host=[first])) == home
    assert desk.where(desk.boot(same_host=[first, second])) in (home, elsewhere)
    assert desk.where(desk.boot(different_host=[first, second])) not in (home, elsewhere)
    unknown = "00000000-0000-4000-8000-000000000009"
    assert "SameHostFilter" in desk.where(desk.boot(same_host=unknown))
    assert desk.where(desk.boot(different_host=unknown)).startswith("node")


def test_servers_of_others_tell_nothing(cloud: Cloud, desk: Desk) -> None:
    stranger = Desk(cloud)
    stranger.client = Client(cloud, "demo")
    theirs = desk.boot(query='["=", "$host", "node1"]')
    assert desk.where(theirs) == "node1"

    ref = stranger.boot(same_host=theirs)
    stranger.client.wait(ref, ("BUILD",), ("ERROR",))
    free = stranger.boot(different_host=theirs, query='["=", "$host", "node1"]')
    stranger.client.wait(free, ("BUILD",), ("ACTIVE",))

    stranger.clear()


@pytest.mark.parametrize(
    ("hints", "hosts"),
    [
        ({"build_near_host_ip": "10.0.0.9"}, {"node1", "node2"}),
        ({"build_near_host_ip": "10.0.0.2", "cidr": "/32"}, {"node2"}),
        ({"build_near_host_ip": "10.0.9.9", "cidr": "/255.255.0.0"}, {"node1", "node2", "node3"}),
        ({"build_near_host_ip": "fd00::9", "cidr": "/64"}, {"node4"}),
        ({"build_near_host_ip": "192.0.2.1"}, set()),
    ],
)
def test_a_server_is_built_near_an_address(
    desk: Desk, hints: dict[str, str], hosts: set[str]
) -> None:
    where = desk.where(desk.boot(**hints))

    assert where in hosts if hosts else "SimpleCIDRAffinityFilter" in where


def test_a_group_with_a_name_is_kept_apart(desk: Desk) -> None:
    made = [desk.where(desk.boot(group="web")) for _ in range(5)]

    assert set(made[:4]) == {"node1", "node2", "node3", "node4"}
    assert "GroupAntiAffinityFilter 4" in made[4]
    assert desk.where(desk.boot(group="db")) in made[:4]


def test_isolated_images_and_hosts_keep_to_themselves(desk: Desk) -> None:
    image = {"id": _ISOLATED, "name": "i", "disk_format": "raw", "container_format": "bare"}
    desk.client.call("POST", "/v2/images", image, wants=(201,), service="image")
    source = desk.client.addresses["image"] + f"/v2/images/{_ISOLATED}/file"
    _upload(source, desk.client.token)

    assert desk.where(desk.boot(image=_ISOLATED)) == "node5"
    assert "IsolatedHostsFilter" in desk.where(desk.boot(query='["=", "$host", "node5"]'))
    server = desk.boot()
    assert desk.where(server) != "node5"
    refused = desk.client.act(server, "rebuild", {"imageRef": _ISOLATED}, wants=(400,))
    assert "IsolatedHostsFilter refuses it" in refused["badRequest"]["message"]


def _upload(url: str, token: str) -> None:
    headers = {"X-Auth-Token": token, "Content-Type": "application/octet-stream"}
    with urllib.request.urlopen(urllib.request.Request(url, b"x", headers, method="PUT")):
        pass


def test_the_ratios_of_an_aggregate_are_those_of_the_claims(desk: Desk) -> None:
    """Twice the memory of the others, which forced hosts are held to as well."""
    desk.aggregate("node3", ram_allocation_ratio="2.0")
    desk.aggregate("node2", max_instances_per_host="1")

    on_three = [desk.where(desk.boot(flavor="1", zone=":node3")) for _ in range(5)]
    on_one = [desk.where(desk.boot(flavor="1", zone=":node1")) for _ in range(3)]
    on_two = [desk.where(desk.boot(flavor="42", zone=":node2")) for _ in range(2)]

    assert on_three[:4] == ["node3"] * 4
    assert "claim 1" in on_three[4]
    assert on_one[:2] == ["node1"] * 2
    assert "claim 1" in on_one[2]
    assert on_two[0] == "node2"
    assert "claim 1" in on_two[1]
    query = '["in", "$host", "node2", "node3"]'
    assert "AggregateRamFilter" in desk.where(desk.boot(flavor="1", query=query))
