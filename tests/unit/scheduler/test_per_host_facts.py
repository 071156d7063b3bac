"""What a plug-in in Nova's shape reads of a host and of a request."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from oslo_config import cfg

from minicloud.scheduler import plugins
from minicloud.scheduler.contents import Contents, Server
from minicloud.scheduler.hosts import HostFacts, HostTable
from minicloud.scheduler.request import Request
from tests.options import defaults
from tests.unit.scheduler.hosts import request, table

_NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def conf() -> cfg.ConfigOpts:
    return defaults()


def _own(conf: cfg.ConfigOpts, name: str) -> list[tuple[str, Any]]:
    return plugins.load("filters", [f"tests.unit.scheduler.own_plugins.{name}"], conf)


def _looked(conf: cfg.ConfigOpts, hosts: HostTable, wanted: Request) -> tuple[Any, Any]:
    """What a plug-in finds in the state of the last host, and in the request."""
    ((_name, filter_),) = _own(conf, "LookingFilter")
    assert filter_.wants_contents
    assert filter_.passes(hosts, wanted).all()
    return filter_._plugin.seen, filter_._plugin.spec


def _known_host() -> HostTable:
    contents = Contents(is_kept=True)
    contents.put("u7", Server("h1", "42", frozenset({("os_distro", "debian")})))
    hosts = HostTable(contents=contents)
    kind = {
        "hypervisor_type": "QEMU",
        "hypervisor_version": 6002001,
        "cpu_info": {"arch": "a"},
        "supported_instances": [["x86_64", "kvm", "hvm"]],
        "ram_allocation_ratio": 1.5,
        "cpu_allocation_ratio": 16.0,
        "disk_allocation_ratio": 2.0,
    }
    numbers = {
        "memory_mb": 4096,
        "memory_mb_limit": 5632,
        "memory_mb_used": 1024,
        "reserved_memory_mb": 512,
        "disk_gb": 10,
        "disk_gb_limit": 19,
        "disk_gb_used": 3,
        "reserved_disk_gb": 1,
        "vcpus": 4,
        "vcpus_limit": 64,
        "vcpus_used": 2,
        "num_instances": 1,
        "num_io_ops": 2,
        "failed_builds": 3,
    }
    hosts.update(
        [HostFacts("h1", "n1", "agent", numbers, kind, "10.0.0.1", {"cpu.percent": 0.5}, _NOW)]
    )
    hosts.set_alive(["h1"], ["h1"])
    hosts.set_aggregates({3: {"ssd": "true", "availability_zone": "z"}}, {"h1": [3]}, {3: "fast"})
    return hosts


def test_a_host_has_novas_attributes(conf: cfg.ConfigOpts) -> None:
    seen, _spec = _looked(conf, _known_host(), request())

    service, (aggregate,), (metric,) = (
        seen.pop(name) for name in ("service", "aggregates", "metrics")
    )
    assert (service["disabled"], service.state, service["host"]) == (True, "up", "h1")
    assert (aggregate.id, aggregate.name, aggregate.metadata["ssd"]) == (3, "fast", "true")
    assert aggregate.availability_zone == "z"
    assert (metric.name, metric["value"]) == ("cpu.percent", 0.5)
    assert seen == {
        "host": "h1",
        "nodename": "n1",
        "hypervisor_hostname": "n1",
        "host_ip": "10.0.0.1",
        "free_ram_mb": 2560,
        "total_usable_ram_mb": 4096,  # of what there is, as in Nova
        "free_disk_mb": 6 * 1024,
        "disk_mb_used": 3 * 1024,
        "total_usable_disk_gb": 10,
        "vcpus_total": 4,
        "vcpus_used": 2,
        "cpu_allocation_ratio": 16.0,
        "ram_allocation_ratio": 1.5,
        "disk_allocation_ratio": 2.0,
        "num_instances": 1,
        "num_io_ops": 2,
        "failed_builds": 3,
        "limits": {},
        "stats": {},
        "hypervisor_type": "QEMU",
        "hypervisor_version": 6002001,
        "cpu_info": '{"arch":"a"}',
        "supported_instances": [["x86_64", "kvm", "hvm"]],
        "updated": _NOW,
        "instances": {
            "u7": {"uuid": "u7", "flavorid": "42", "image_properties": {"os_distro": "debian"}}
        },
    }


def test_instances_are_for_classes_that_say_they_want_them(conf: cfg.ConfigOpts) -> None:
    ((_name, filter_),) = _own(conf, "LookingFilter")

    judgement = filter_.judged(table({}), request(), np.ones(1, np.bool_))

    assert (judgement.passed.tolist(), judgement.failed.tolist()) == ([False], [True])


def _full_request() -> Request:
    flavor = {
        "name": "m1",
        "vcpus": 2,
        "memory_mb": 512,
        "root_gb": 3,
        "ephemeral_gb": 1,
        "swap_mb": 8,
        "extra_specs": {"a:b": "c"},
    }
    spec = {
        "image": {"id": "i", "properties": {"hw_architecture": "x86_64"}},
        "instance_type": flavor,
        "instance_properties": {
            "uuid": "u1",
            "project_id": "p",
            "user_id": "u",
            "availability_zone": "z",
        },
        "num_instances": 3,
    }
    properties = {
        "scheduler_hints": {"group": "g", "different_host": ["a", "b"]},
        "group": "g",
        "group_policies": ["anti-affinity"],
        "group_hosts": ["h2"],
        "group_rules": {"max_server_per_host": 2},
        "retry": {"num_attempts": 2, "hosts": [["h9", "n9"]]},
        "ignore_hosts": ["h8"],
        "force_hosts": [],
        "requested_destination": {"host": "h1", "node": None},
        "limits": {},
    }
    return Request.of("u1", spec, properties)


def test_a_request_has_the_attributes_of_novas_request_spec(conf: cfg.ConfigOpts) -> None:
    _seen, spec = _looked(conf, _known_host(), _full_request())

    assert (spec.instance_uuid, spec.num_instances, spec.project_id) == ("u1", 3, "p")
    assert (spec.availability_zone, spec.user_id, spec.is_bfv) == ("z", "u", False)
    assert (spec.flavor.memory_mb, spec.flavor.extra_specs["a:b"], spec.swap) == (512, "c", 8)
    assert (spec.vcpus, spec.memory_mb, spec.root_gb, spec.ephemeral_gb) == (2, 512, 3, 1)
    assert (spec.image.id, spec.image.properties.hw_architecture) == ("i", "x86_64")
    assert spec.image.properties.get("os_distro", "none") == "none"
    assert spec.scheduler_hints == {"group": ["g"], "different_host": ["a", "b"]}
    assert spec.get_scheduler_hint("group") == "g"
    assert spec.get_scheduler_hint("different_host") == ["a", "b"]
    assert spec.get_scheduler_hint("query", "none") == "none"
    group = spec.instance_group
    assert (group.policy, group.policies, group.hosts) == ("anti-affinity", [group.policy], ["h2"])
    assert group.rules == {"max_server_per_host": 2}
    assert (spec.ignore_hosts, spec.force_hosts, spec.limits.memory_mb) == (["h8"], None, None)
    assert (spec.requested_destination.host, spec.retry.num_attempts) == ("h1", 2)
    assert [one.host for one in spec.retry.hosts] == ["h9"]
    assert spec.obj_attr_is_set("instance_group")
    assert "scheduler_hints" in spec
    assert "instance_group" in spec
    assert not hasattr(spec, "nothing")


def test_a_request_has_the_items_of_the_filter_properties_of_once(conf: cfg.ConfigOpts) -> None:
    _seen, spec = _looked(conf, _known_host(), _full_request())

    assert spec.get("scheduler_hints") == {"group": "g", "different_host": ["a", "b"]}
    assert spec["instance_type"]["extra_specs"] == {"a:b": "c"}
    assert spec["request_spec"]["instance_properties"]["availability_zone"] == "z"
    assert spec["request_spec"]["image"]["properties"] == {"hw_architecture": "x86_64"}
    assert spec["retry"]["hosts"] == [["h9", "n9"]]
    assert (spec["context"].project_id, spec["memory_mb"]) == ("p", 512)
    assert (spec.get("group_hosts"), spec["limits"], spec.get("nothing")) == (["h2"], {}, None)


def test_what_a_plugin_writes_into_a_request_is_gone_with_it(conf: cfg.ConfigOpts) -> None:
    wanted = _full_request()

    _seen, spec = _looked(conf, _known_host(), wanted)
    spec["scheduler_hints"]["group"] = spec.flavor.extra_specs["a:b"] = "else"
    spec["request_spec"]["image"]["properties"].clear()

    assert wanted.filter_properties["scheduler_hints"]["group"] == "g"
    assert wanted.request_spec["instance_type"]["extra_specs"] == {"a:b": "c"}
    assert wanted.image_properties
