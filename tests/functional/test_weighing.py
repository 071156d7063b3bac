"""Where servers go by weight, by what runs there, and by chance, over a cloud in this process."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from minicloud.context import RequestContext
from tests.functional.boot_cloud import HOSTS, BootCloud, boot_cloud
from tests.functional.image_rows import image

_BY_LOAD = {
    "compute_monitors": ["cpu.virt_driver"],
    "metrics.weight_setting": ["cpu.percent=-1.0"],
    "metrics.weight_multiplier": 100.0,
}
_FILTERS = "filter_scheduler.enabled_filters"
_ROOM = ["ComputeFilter", "RamFilter", "CoreFilter", "DiskFilter"]
_ADMIN = RequestContext(user_id="root", project_id="p0", roles=["admin"], is_admin=True)


def _landed(cloud: BootCloud, *flavors: str, image: str | None = None) -> list[str | None]:
    """The hosts of servers that are made one after the other."""
    made = (cloud.create(flavor, image=image) for flavor in flavors)
    return [cloud.wait(uuid, "active").row.host for uuid in made]


def _image(cloud: BootCloud, number: int, **properties: str) -> str:
    ident = f"11111111-2222-4333-8444-{number:012}"
    row = image(cloud.books.now(), id=ident, properties=properties)
    cloud.books.write(lambda db: db.add(row))
    return ident


def _aggregate(cloud: BootCloud, hosts: list[str], meta: Mapping[str, str]) -> None:
    ref = cloud.zone.aggregates.create(_ADMIN, "-".join(hosts), None).row.id
    cloud.zone.aggregates.update(_ADMIN, ref, None, meta)
    for host in hosts:
        cloud.zone.aggregates.add_host(_ADMIN, ref, host)


def test_servers_go_where_the_metrics_are_best(tmp_path: Path) -> None:
    told = ["cpu.percent=0.9", "node2/cpu.percent=0.1"]
    with boot_cloud(tmp_path, options={**_BY_LOAD, "fake.metrics": told}) as cloud:
        assert _landed(cloud, "1", "1", "1") == ["node2"] * 3
        assert cloud.node("node2").metrics["cpu.percent"] == 0.1  # type: ignore[index]
        assert cloud.node("node2").metrics["cpu.frequency"] > 0  # type: ignore[index]


def test_hosts_without_monitors_have_no_metrics(tmp_path: Path) -> None:
    with boot_cloud(tmp_path) as cloud:
        assert [cloud.node(host).metrics for host in HOSTS] == [None] * 3


def test_windows_is_stacked_on_few_hosts_while_linux_spreads(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "compute.hosts": [f"node{number}" for number in range(1, 7)],
        _FILTERS: [*_ROOM, "AggregateImagePropertiesIsolation"],
    }
    few = {f"{name}_weight_multiplier": "-1.0" for name in ("ram", "cpu", "disk")}
    with boot_cloud(tmp_path, options=options) as cloud:
        _aggregate(cloud, ["node1", "node2", "node3"], {"os_type": "windows", **few})
        _aggregate(cloud, ["node4", "node5", "node6"], {"os_type": "linux"})
        windows = _image(cloud, 1, os_type="windows")
        linux = _image(cloud, 2, os_type="linux")

        stacked = _landed(cloud, *"2222", image=windows)
        spread = _landed(cloud, *"222", image=linux)

    assert len(set(stacked)) == 1
    assert set(stacked) < {"node1", "node2", "node3"}
    assert sorted(map(str, spread)) == ["node4", "node5", "node6"]


def test_a_multiplier_of_memory_alone_stacks_where_memory_alone_weighs(tmp_path: Path) -> None:
    options = {"filter_scheduler.enabled_weighers": ["RAMWeigher"]}
    with boot_cloud(tmp_path, options=options) as cloud:
        _aggregate(cloud, list(HOSTS), {"ram_weight_multiplier": "-1.0"})

        assert len(set(_landed(cloud, "2", "2", "2", "2"))) == 1


def test_like_images_are_packed_together(tmp_path: Path) -> None:
    options = {"filter_scheduler.image_props_weight_multiplier": 10.0}
    with boot_cloud(tmp_path, options=options) as cloud:
        debian = _image(cloud, 1, os_distro="debian")
        fedora = _image(cloud, 2, os_distro="fedora")

        packed = [_landed(cloud, "1", image=one)[0] for one in (debian, fedora) * 3]

    assert len(set(packed[::2])) == len(set(packed[1::2])) == 1
    assert packed[0] != packed[1]


def test_a_host_takes_servers_of_one_flavor_only(tmp_path: Path) -> None:
    with boot_cloud(tmp_path, options={_FILTERS: [*_ROOM, "TypeAffinityFilter"]}) as cloud:
        first, second, third = _landed(cloud, "1", "2", "3")
        assert len({first, second, third}) == 3

        assert _landed(cloud, "2", "1") == [second, first]
        refused = cloud.wait(cloud.create("4"), "error")
        assert refused.fault is not None
        assert "TypeAffinityFilter 3" in refused.fault.message


def test_by_chance_any_host_will_do_that_has_room(tmp_path: Path) -> None:
    options = {
        "scheduler.driver": "chance_scheduler",
        "compute.reserved_host_memory_mb": 0,
        "compute.ram_allocation_ratio": 1.0,
        "fake.memory_mb": 1024,
    }
    with boot_cloud(tmp_path, options=options) as cloud:
        landed = _landed(cloud, *["1"] * 6)
        refused = cloud.wait(cloud.create("1"), "error")

        assert sorted(map(str, landed)) == sorted(HOSTS * 2)  # two of 512 MB on each
        assert refused.fault is not None
        assert "refused by: claim 3." in refused.fault.message
