"""Where servers go by weight, over a whole cloud in this process."""

from pathlib import Path
from typing import Any

from tests.functional.boot_cloud import HOSTS, BootCloud, boot_cloud

_BY_LOAD = {
    "compute_monitors": ["cpu.virt_driver"],
    "metrics.weight_setting": ["cpu.percent=-1.0"],
    "metrics.weight_multiplier": 100.0,
}


def _landed(cloud: BootCloud, *flavors: str, **more: Any) -> list[str | None]:
    """The hosts of servers that are made one after the other."""
    return [cloud.wait(cloud.create(flavor, **more), "active").row.host for flavor in flavors]


def test_servers_go_where_the_metrics_are_best(tmp_path: Path) -> None:
    told = ["cpu.percent=0.9", "node2/cpu.percent=0.1"]
    with boot_cloud(tmp_path, options={**_BY_LOAD, "fake.metrics": told}) as cloud:
        assert _landed(cloud, "1", "1", "1") == ["node2"] * 3
        assert cloud.node("node2").metrics["cpu.percent"] == 0.1  # type: ignore[index]
        assert cloud.node("node2").metrics["cpu.frequency"] > 0  # type: ignore[index]


def test_hosts_without_monitors_have_no_metrics(tmp_path: Path) -> None:
    with boot_cloud(tmp_path) as cloud:
        assert [cloud.node(host).metrics for host in HOSTS] == [None] * 3
