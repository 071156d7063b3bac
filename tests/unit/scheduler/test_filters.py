"""Each filter over columns says the same as its rule read for one host (SEMANTICS section 7)."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oslo_config import cfg

from minicloud.scheduler import plugins
from minicloud.scheduler.operators import matches
from minicloud.scheduler.request import Request
from tests.options import defaults
from tests.unit.scheduler.hosts import request, table

Meta = Mapping[str, str]
_KINDS: list[dict[str, Any]] = [
    {
        "hypervisor_type": "qemu",
        "hypervisor_version": 6002001,
        "cpu_info": {"arch": "x86_64", "features": ["aes", "mmx"]},
        "supported_instances": [["x86_64", "qemu", "hvm"], ["i686", "qemu", "hvm"]],
    },
    {
        "hypervisor_type": "xen",
        "hypervisor_version": 4000000,
        "cpu_info": {"arch": "i686"},
        "supported_instances": [["i686", "xen", "xen"]],
    },
    {"hypervisor_type": "fake", "hypervisor_version": 0, "supported_instances": []},
]
_keys = st.sampled_from(["ssd", "instance_type", "filter_tenant_id", "filter_tenant_id2"])
_values = st.sampled_from(["true", "false", "1", "p1", "p2", "m1", "m1, m2", "p2,p1"])
_numbers = st.sampled_from(["max_io_ops_per_host", "max_instances_per_host"])
_counts = st.sampled_from(["0", "1", "3", "many", "2,1"])
_metas = st.lists(
    st.dictionaries(_keys, _values, max_size=3) | st.dictionaries(_numbers, _counts, max_size=2),
    max_size=3,
)
_fleets = st.lists(
    st.fixed_dictionaries(
        {
            "facts": st.fixed_dictionaries(
                {"num_io_ops": st.integers(0, 9), "num_instances": st.integers(0, 60)}
            ),
            "aggregates": _metas,
            "kind": st.sampled_from(_KINDS),
        }
    ),
    min_size=1,
    max_size=6,
)


@pytest.fixture(scope="module")
def conf() -> cfg.ConfigOpts:
    return defaults()


def _wish(specs: Meta, image: Meta, flavor: str = "m1", project: str = "p1") -> Request:
    made = request()
    spec = {
        "instance_type": {
            **made.request_spec["instance_type"],
            "name": flavor,
            "extra_specs": specs,
        },
        "instance_properties": {"project_id": project},
        "image": {"properties": image},
    }
    return Request.of("u1", spec, {})


def _passed(
    conf: cfg.ConfigOpts, name: str, fleet: Sequence[Mapping[str, Any]], wish: Request
) -> list[bool]:
    ((_name, filter_),) = plugins.load("filters", [name], conf)
    names = [f"h{number}" for number in range(1, len(fleet) + 1)]
    hosts = table(
        *(dict(host["facts"]) for host in fleet),
        aggregates={n: h["aggregates"] for n, h in zip(names, fleet, strict=True)},
        kinds={n: h["kind"] for n, h in zip(names, fleet, strict=True)},
    )
    mask: list[bool] = filter_.passes(hosts, wish).tolist()
    return mask


def _set(metas: Sequence[Meta], key: str) -> set[str]:
    return {v.strip() for meta in metas if key in meta for v in meta[key].split(",")}


def _least(metas: Sequence[Meta], key: str, otherwise: int) -> float:
    """As Nova's: one value that is no number spoils the others."""
    values = [meta[key] for meta in metas if key in meta]
    if not all(value.strip().isdigit() for value in values):
        return otherwise
    return min(map(int, values), default=otherwise)


@given(
    fleet=_fleets,
    specs=st.dictionaries(
        st.sampled_from(["ssd", "aggregate_instance_extra_specs:ssd", "hw:cpu_policy", "other"]),
        st.sampled_from(["true", "s== true", "<or> true <or> 1", "= 1"]),
        max_size=2,
    ),
)
def test_unscoped_specs_are_found_in_the_aggregates_of_the_host(
    conf: cfg.ConfigOpts, fleet: list[dict[str, Any]], specs: dict[str, str]
) -> None:
    def fits(metas: Sequence[Meta]) -> bool:
        for key, spec in specs.items():
            scope, colon, rest = key.partition(":")
            if colon and scope != "aggregate_instance_extra_specs":
                continue
            found = _set(metas, rest if colon else key)
            if not any(matches(value, spec) for value in found):
                return False
        return True

    passed = _passed(conf, "AggregateInstanceExtraSpecsFilter", fleet, _wish(specs, {}))

    assert passed == [fits(host["aggregates"]) for host in fleet]


@given(fleet=_fleets, project=st.sampled_from(["p1", "p2", "p3"]))
def test_aggregates_that_name_projects_are_for_these(
    conf: cfg.ConfigOpts, fleet: list[dict[str, Any]], project: str
) -> None:
    def may(metas: Sequence[Meta]) -> bool:
        keys = {key for meta in metas for key in meta if key.startswith("filter_tenant_id")}
        return not keys or project in set().union(*(_set(metas, key) for key in keys))

    wish = _wish({}, {}, project=project)

    assert _passed(conf, "AggregateMultiTenancyIsolation", fleet, wish) == [
        may(host["aggregates"]) for host in fleet
    ]


@given(fleet=_fleets, flavor=st.sampled_from(["m1", "m2", "true"]))
def test_aggregates_that_name_flavors_are_for_these(
    conf: cfg.ConfigOpts, fleet: list[dict[str, Any]], flavor: str
) -> None:
    def takes(metas: Sequence[Meta]) -> bool:
        named = _set(metas, "instance_type")
        return not named or flavor in named

    wish = _wish({}, {}, flavor)

    assert _passed(conf, "AggregateTypeAffinityFilter", fleet, wish) == [
        takes(host["aggregates"]) for host in fleet
    ]


@given(fleet=_fleets, image=st.dictionaries(_keys, st.sampled_from(["true", "p1", "m1"])))
def test_images_go_to_aggregates_that_agree_with_their_properties(
    conf: cfg.ConfigOpts, fleet: list[dict[str, Any]], image: dict[str, str]
) -> None:
    def agree(metas: Sequence[Meta]) -> bool:
        keys = {key for meta in metas for key in meta if key in image}
        return all(image[key] in _set(metas, key) for key in keys)

    passed = _passed(conf, "AggregateImagePropertiesIsolation", fleet, _wish({}, image))

    assert passed == [agree(host["aggregates"]) for host in fleet]


@given(fleet=_fleets)
@pytest.mark.parametrize(
    ("name", "fact", "key", "most"),
    [
        ("IoOpsFilter", "num_io_ops", None, 8),
        ("AggregateIoOpsFilter", "num_io_ops", "max_io_ops_per_host", 8),
        ("NumInstancesFilter", "num_instances", None, 50),
        ("AggregateNumInstancesFilter", "num_instances", "max_instances_per_host", 50),
    ],
)
def test_a_host_takes_no_more_than_the_option_or_its_aggregates_say(
    conf: cfg.ConfigOpts,
    fleet: list[dict[str, Any]],
    name: str,
    fact: str,
    key: str | None,
    most: int,
) -> None:
    assert _passed(conf, name, fleet, _wish({}, {})) == [
        host["facts"][fact] < (_least(host["aggregates"], key, most) if key else most)
        for host in fleet
    ]


@pytest.mark.parametrize(
    ("specs", "expected"),
    [
        ({}, [True, True, True]),
        ({"capabilities:hypervisor_type": "s== qemu"}, [True, False, False]),
        ({"capabilities:hypervisor_type": "<or> xen <or> qemu"}, [True, True, False]),
        ({"capabilities:hypervisor_version": ">= 4000000"}, [True, True, False]),
        ({"capabilities:cpu_info:arch": "i686"}, [False, True, False]),
        ({"capabilities:cpu_info:features": "<all-in> aes mmx"}, [True, False, False]),
        ({"capabilities:cpu_info:features": "<in> mm"}, [True, False, False]),
        ({"capabilities:cpu_info:nothing": "x"}, [False, False, False]),
        ({"capabilities:hypervisor_type:deeper": "x"}, [False, False, False]),
        ({"capabilities:num_instances": "<= 1"}, [True, False, False]),
        ({"capabilities:num_instances:deeper": "<= 1"}, [False, False, False]),
        ({"capabilities:host": "<in> h3"}, [False, False, True]),
        ({"capabilities:nodename": "n-h2"}, [False, True, False]),
        ({"hypervisor_type": "xen"}, [False, True, False]),
        ({"ssd": "true"}, [True, True, True]),
        ({"hw:cpu_policy": "dedicated"}, [True, True, True]),
        ({"capabilities:num_instances": "<= one"}, [False, False, False]),
    ],
)
def test_capabilities_are_facts_of_the_host(
    conf: cfg.ConfigOpts, specs: dict[str, str], expected: list[bool]
) -> None:
    fleet = [
        {"facts": {"num_instances": number}, "aggregates": [], "kind": kind}
        for number, kind in zip((0, 2, 5), _KINDS, strict=True)
    ]

    assert _passed(conf, "ComputeCapabilitiesFilter", fleet, _wish(specs, {})) == expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ({}, [True, True, True]),
        ({"hw_architecture": "x86_64"}, [True, False, False]),
        ({"architecture": "amd64"}, [True, False, False]),
        ({"hw_architecture": "i686"}, [True, True, False]),
        ({"hw_architecture": "i686", "img_hv_type": "xen"}, [False, True, False]),
        ({"hw_architecture": "x86_64", "img_hv_type": "xen"}, [False, False, False]),
        ({"hw_vm_mode": "pv"}, [False, True, False]),
        ({"vm_mode": "hv"}, [True, False, False]),
        ({"hypervisor_version_requires": ">=6.0"}, [True, False, False]),
        ({"img_hv_requested_version": ">=4.0,<6.0"}, [False, True, False]),
        ({"img_hv_type": "qemu", "img_hv_requested_version": "<6.0"}, [False, False, False]),
        ({"img_hv_requested_version": "six"}, [False, False, False]),
        ({"os_distro": "debian"}, [True, True, True]),
    ],
)
def test_an_image_goes_where_it_can_run(
    conf: cfg.ConfigOpts, image: dict[str, str], expected: list[bool]
) -> None:
    fleet = [{"facts": {}, "aggregates": [], "kind": kind} for kind in _KINDS]

    assert _passed(conf, "ImagePropertiesFilter", fleet, _wish({}, image)) == expected


def test_what_an_image_asks_for_may_stand_in_any_place_of_a_combination(
    conf: cfg.ConfigOpts,
) -> None:
    kind = {**_KINDS[0], "supported_instances": [["x86_64", "xen", "hvm"]]}
    fleet = [{"facts": {}, "aggregates": [], "kind": kind}]

    passed = _passed(conf, "ImagePropertiesFilter", fleet, _wish({}, {"hw_vm_mode": "xen"}))

    assert passed == [True]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ({"hw_architecture": "amd64"}, [True, False]),
        ({"hw_architecture": "x86_64"}, [True, False]),
        ({"img_hv_type": "xapi"}, [False, False]),
        ({"os_distro": ""}, [True, True]),
    ],
)
def test_an_aggregate_is_for_images_by_the_one_word_for_what_they_say(
    conf: cfg.ConfigOpts, image: dict[str, str], expected: list[bool]
) -> None:
    metas = (
        {"hw_architecture": "x86_64", "img_hv_type": "kvm", "os_distro": "debian"},
        {"hw_architecture": "amd64", "img_hv_type": "xapi"},
    )
    fleet = [{"facts": {}, "aggregates": [meta], "kind": {}} for meta in metas]

    assert _passed(conf, "AggregateImagePropertiesIsolation", fleet, _wish({}, image)) == expected
