"""What a host has to give: total x ratio - reserved."""

from dataclasses import replace

from minicloud.compute import inventory
from minicloud.compute.drivers.base import Inventory
from tests.options import defaults

_FOUND = Inventory(
    vcpus=4,
    memory_mb=8192,
    disk_gb=100,
    hypervisor_type="fake",
    hypervisor_version=7,
    node="n1",
    cpu_info={"arch": "x86_64"},
    supported_instances=(("x86_64", "fake", "hvm"),),
)


def _facts(**options: float) -> dict[str, object]:
    conf = defaults()
    for name, value in options.items():
        conf.set_override(name, value, "compute")
    return inventory.facts(_FOUND, conf.compute)


def test_the_defaults_are_novas() -> None:
    facts = _facts()

    assert facts["vcpus_limit"] == 4 * 16
    assert facts["memory_mb_limit"] == int(8192 * 1.5) - 512
    assert facts["disk_gb_limit"] == 100


def test_totals_are_kept_beside_the_limits() -> None:
    facts = _facts()

    assert (facts["vcpus"], facts["memory_mb"], facts["disk_gb"]) == (4, 8192, 100)
    assert facts["node"] == "n1"
    assert facts["supported_instances"] == [["x86_64", "fake", "hvm"]]


def test_reserved_disk_is_rounded_up_to_whole_gb() -> None:
    facts = _facts(reserved_host_disk_mb=1025)

    assert facts["reserved_disk_gb"] == 2
    assert facts["disk_gb_limit"] == 98


def test_a_limit_is_never_below_zero() -> None:
    facts = _facts(
        reserved_host_memory_mb=99999, reserved_host_cpus=65, disk_allocation_ratio=0.01
    )

    assert facts["memory_mb_limit"] == 0
    assert facts["vcpus_limit"] == 0
    assert facts["disk_gb_limit"] == 1


def test_the_address_of_a_host_is_its_own_or_that_of_the_agent() -> None:
    conf = defaults()
    own = replace(_FOUND, host_ip="fd00::1")

    assert inventory.facts(own, conf.compute, None, "10.0.0.1")["host_ip"] == "fd00::1"
    assert inventory.facts(_FOUND, conf.compute, None, "10.0.0.1")["host_ip"] == "10.0.0.1"
