"""What filters say of a host that they refused: what was wanted, and what is there."""

from typing import Any

import pytest
from oslo_config import cfg

from minicloud.scheduler import plugins
from minicloud.scheduler.hosts import HostTable
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request
from tests.options import defaults
from tests.unit.scheduler.hosts import request, table

_XEN = {
    "hypervisor_type": "xen",
    "hypervisor_version": 4000000,
    "cpu_info": {"arch": "i686"},
    "supported_instances": [["i686", "xen", "xen"]],
}


def _fleet(*metas: dict[str, str], **facts: Any) -> HostTable:
    """One host that everything is wrong with."""
    return table(facts, aggregates={"h1": metas}, kinds={"h1": _XEN})


def _wish(
    specs: dict[str, str] | None = None, image: dict[str, str] | None = None, **properties: Any
) -> Request:
    made = request(vcpus=4, ram_mb=2048, root_gb=20, zone="zone1", **properties)
    flavor = {**made.request_spec["instance_type"], "name": "m1", "extra_specs": specs or {}}
    whose = {"availability_zone": "zone1", "project_id": "p1"}
    spec = {
        "instance_type": flavor,
        "instance_properties": whose,
        "image": {"properties": image or {}},
    }
    return Request.of("u1", spec, properties)


def _group(policy: str, hosts: list[str], **rules: int) -> Request:
    return _wish(group_policies=[policy], group_hosts=hosts, group_rules=rules)


_CASES: dict[str, tuple[HostTable, Request, Measure]] = {
    "RamFilter": (
        _fleet(memory_mb_limit=2048, memory_mb_used=1536),
        _wish(),
        Measure("2048 MB", "512 MB"),
    ),
    "CoreFilter": (
        _fleet(vcpus_limit=16, vcpus_used=18),
        _wish(),
        Measure("4 VCPUs", "-2 VCPUs"),
    ),
    "DiskFilter": (_fleet(disk_gb_limit=3), _wish(), Measure("20480 MB", "3072 MB")),
    "AvailabilityZoneFilter": (_fleet(), _wish(), Measure("zone1", "nova")),
    "ComputeFilter": (
        table({}, up=set(), disabled=("h1",)),
        _wish(),
        Measure("up, enabled", "down, disabled"),
    ),
    "RetryFilter": (
        _fleet(),
        _wish(retry={"num_attempts": 1, "hosts": [["h1", "n-h1"]]}),
        Measure("not tried before", "tried before"),
    ),
    "ServerGroupAffinityFilter": (
        _fleet(),
        _group("affinity", ["h2", "h2"]),
        Measure("with its group", "0 of the 2 others"),
    ),
    "ServerGroupAntiAffinityFilter": (
        _fleet(),
        _group("anti-affinity", ["h1", "h1", "h2"], max_server_per_host=2),
        Measure("fewer than 2 of its group", "2"),
    ),
    "IoOpsFilter": (_fleet(num_io_ops=9), _wish(), Measure("fewer than 8 busy", "9 busy")),
    "AggregateIoOpsFilter": (
        _fleet({"max_io_ops_per_host": "2"}, num_io_ops=3),
        _wish(),
        Measure("fewer than 2 busy", "3 busy"),
    ),
    "NumInstancesFilter": (
        _fleet(num_instances=50),
        _wish(),
        Measure("fewer than 50 instances", "50"),
    ),
    "AggregateNumInstancesFilter": (
        _fleet({"max_instances_per_host": " 5"}, num_instances=6),
        _wish(),
        Measure("fewer than 5 instances", "6"),
    ),
    "AggregateTypeAffinityFilter": (
        _fleet({"instance_type": "m2,m3"}),
        _wish(),
        Measure("m1", "m2, m3"),
    ),
    "AggregateMultiTenancyIsolation": (
        _fleet({"filter_tenant_id": "p2"}, {"filter_tenant_id2": "p3"}),
        _wish(),
        Measure("p1", "p2, p3"),
    ),
    "AggregateImagePropertiesIsolation": (
        _fleet({"os": "windows"}),
        _wish(image={"other": "1", "os": "linux"}),
        Measure("os: linux", "windows"),
    ),
    "AggregateInstanceExtraSpecsFilter": (
        _fleet({"cpu": "fast"}, {"ssd": "false"}),
        _wish({"cpu": "fast", "aggregate_instance_extra_specs:ssd": "true"}),
        Measure("ssd: true", "false"),
    ),
    "ComputeCapabilitiesFilter": (
        _fleet(),
        _wish({"ssd": "true", "capabilities:cpu_info:arch": "s== x86_64"}),
        Measure("cpu_info:arch: s== x86_64", "i686"),
    ),
    "ImagePropertiesFilter": (
        _fleet(),
        _wish(image={"architecture": "amd64", "img_hv_requested_version": ">=6.0"}),
        Measure("x86_64/any/any, version >=6.0", "i686/xen/xen, version 4.0.0"),
    ),
    "JsonFilter": (
        _fleet(memory_mb_limit=512),
        _wish(scheduler_hints={"query": ['["and",[">","$free_ram_mb",1024],["=","$rack",1]]']}),
        Measure(
            '["and",[">","$free_ram_mb",1024],["=","$rack",1]]', "free_ram_mb 512, rack nothing"
        ),
    ),
}


@pytest.fixture(scope="module")
def conf() -> cfg.ConfigOpts:
    return defaults()


@pytest.mark.parametrize("name", _CASES)
def test_a_filter_says_what_it_wanted_and_what_the_host_has(
    conf: cfg.ConfigOpts, name: str
) -> None:
    hosts, wish, measure = _CASES[name]
    ((_name, filter_),) = plugins.load("filters", [name], conf)

    said = filter_.measured(hosts, wish, 0)

    assert filter_.passes(hosts, wish).tolist() == [False]
    assert said == measure


def test_a_filter_can_be_asked_about_a_host_that_it_takes(conf: cfg.ConfigOpts) -> None:
    hosts, wish = table({}), request()
    for name in ["AllHostsFilter", *_CASES]:
        ((_name, filter_),) = plugins.load("filters", [name], conf)
        if filter_.passes(hosts, wish).all():
            assert all(isinstance(part, str) for part in filter_.measured(hosts, wish, 0)), name
