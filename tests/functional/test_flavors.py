"""Flavors over the real books: made, changed by extra specs, deleted, and what is refused."""

from typing import Any

import pytest

from minicloud.db.engine import Database
from tests.functional.over_books import Call, call, database
from tests.functional.things import add_image

__all__ = ["call", "database"]  # fixtures

_SSD = {"id": "6", "name": "ssd.large", "ram": 8192, "disk": 80, "vcpus": 4}


def _made(call: Call, **changes: Any) -> str:
    status, found = call("POST", "/flavors", {"flavor": {**_SSD, **changes}})
    assert status == 200
    return f"/flavors/{found['flavor']['id']}"


def test_a_flavor_that_was_made_is_shown(call: Call) -> None:
    path = _made(call)

    status, found = call("GET", path, user="alice", version=61)

    assert status == 200
    assert {key: found["flavor"][key] for key in _SSD} == _SSD
    assert found["flavor"]["extra_specs"] == {}


def test_without_an_id_it_gets_one(call: Call) -> None:
    path = _made(call, id=None)

    assert len(path.removeprefix("/flavors/")) == 36


@pytest.mark.parametrize("same", [{"id": "7"}, {"name": "other"}])
def test_an_id_and_a_name_are_taken_once(call: Call, same: dict[str, str]) -> None:
    _made(call)

    status, _fault = call("POST", "/flavors", {"flavor": {**_SSD, **same}})

    assert status == 409


@pytest.mark.parametrize(
    "change",
    [
        {"vcpus": 0},
        {"ram": "0"},
        {"disk": -1},
        {"ram": 1 << 31},
        {"ram": "9999999999"},
        {"vcpus": "x"},
        {"name": " "},
        {"id": "a/b"},
        {"unknown": 1},
        {"rxtx_factor": 0},
        {"description": "too early"},
    ],
)
def test_what_makes_no_sense_is_refused(call: Call, change: dict[str, Any]) -> None:
    assert call("POST", "/flavors", {"flavor": {**_SSD, **change}})[0] == 400


def test_a_private_flavor_is_none_to_others(call: Call) -> None:
    path = _made(call, **{"os-flavor-access:is_public": False})

    assert call("GET", path, user="alice")[0] == 404
    assert call("GET", path)[0] == 200


def test_extra_specs_are_merged_changed_and_taken_away(call: Call) -> None:
    path = _made(call) + "/os-extra_specs"

    call("POST", path, {"extra_specs": {"ssd": "true", "fake:spawn_s": 2}})
    call("PUT", f"{path}/ssd", {"ssd": "false"})
    deleted, _ = call("DELETE", f"{path}/fake:spawn_s")
    again, _ = call("DELETE", f"{path}/fake:spawn_s")

    assert (deleted, again) == (200, 404)
    assert call("GET", path)[1] == {"extra_specs": {"ssd": "false"}}


@pytest.mark.parametrize(
    ("verb", "key", "body"),
    [
        ("PUT", "/ssd", {"other": "true"}),
        ("PUT", "/ssd", {"ssd": "true", "other": "true"}),
        ("PUT", "/ssd", {"ssd": None}),
        ("POST", "", {"extra_specs": {"a/b": "x"}}),
        ("POST", "", {"extra_specs": {"a": "x" * 256}}),
        ("POST", "", {}),
    ],
)
def test_an_extra_spec_that_makes_no_sense_is_refused(
    call: Call, verb: str, key: str, body: Any
) -> None:
    path = _made(call) + "/os-extra_specs"

    assert call(verb, path + key, body)[0] == 400


def test_a_deleted_flavor_is_gone(call: Call) -> None:
    path = _made(call)

    deleted, _ = call("DELETE", path)

    assert deleted == 202
    assert call("GET", path)[0] == 404
    assert call("DELETE", path)[0] == 404
    assert call("POST", f"{path}/os-extra_specs", {"extra_specs": {"a": "b"}})[0] == 404


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("POST", "/flavors", {"flavor": _SSD}),
        ("DELETE", "/flavors/6", None),
        ("GET", "/flavors/6/os-flavor-access", None),
        ("POST", "/flavors/6/action", {"addTenantAccess": {"tenant": "p1"}}),
        ("POST", "/flavors/6/action", {"removeTenantAccess": {"tenant": "p1"}}),
        ("POST", "/flavors/6/os-extra_specs", {"extra_specs": {"a": "b"}}),
        ("PUT", "/flavors/6/os-extra_specs/a", {"a": "b"}),
        ("DELETE", "/flavors/6/os-extra_specs/a", None),
    ],
)
def test_only_administrators_change_flavors(call: Call, verb: str, path: str, body: Any) -> None:
    assert call(verb, path, body, user="alice")[0] == 403


# Access to private flavors.

_PRIVATE = {"os-flavor-access:is_public": False}


def _access(call: Call, path: str, verb: str, project: str, version: int = 1) -> tuple[int, Any]:
    body = {f"{verb}TenantAccess": {"tenant": project}}
    return call("POST", f"{path}/action", body, version=version)


def test_a_private_flavor_is_there_for_the_projects_that_have_access(call: Call) -> None:
    path = _made(call, **_PRIVATE)

    def seen() -> list[Any]:
        listed = call("GET", "/flavors/detail?is_public=none", user="alice")[1]["flavors"]
        specs = call("GET", f"{path}/os-extra_specs", user="alice")[0]
        return [call("GET", path, user="alice")[0], specs, [flavor["id"] for flavor in listed]]

    before = seen()
    given = _access(call, path, "add", "p1")
    during = seen()
    taken = _access(call, path, "remove", "p1")

    assert before == seen() == [404, 404, []]
    assert during == [200, 200, ["6"]]
    assert given == (200, {"flavor_access": [{"flavor_id": "6", "tenant_id": "p1"}]})
    assert taken == (200, {"flavor_access": []})


def test_a_server_is_made_of_a_private_flavor_by_those_who_have_access(
    call: Call, database: Database
) -> None:
    path = _made(call, **_PRIVATE)
    server = {"name": "vm", "flavorRef": "6", "imageRef": add_image(database)}

    refused, fault = call("POST", "/servers", {"server": server}, user="alice")
    _access(call, path, "add", "p1")
    accepted, _ = call("POST", "/servers", {"server": server}, user="alice")

    assert (refused, accepted) == (400, 202)
    assert fault["badRequest"]["message"] == "Flavor 6 could not be found."


def test_the_projects_with_access_are_listed_but_not_of_a_public_flavor(call: Call) -> None:
    private = _made(call, **_PRIVATE)
    public = _made(call, id="7", name="public")
    for project in ("p2", "p1"):
        _access(call, private, "add", project)

    status, found = call("GET", f"{private}/os-flavor-access")

    assert status == 200
    assert found == {
        "flavor_access": [
            {"flavor_id": "6", "tenant_id": "p1"},
            {"flavor_id": "6", "tenant_id": "p2"},
        ]
    }
    assert call("GET", f"{public}/os-flavor-access")[0] == 404
    assert call("GET", "/flavors/none/os-flavor-access")[0] == 404


def test_access_is_given_once_and_taken_once(call: Call) -> None:
    path = _made(call, **_PRIVATE)

    given = [_access(call, path, "add", "p2")[0] for _ in range(2)]
    taken = [_access(call, path, "remove", "p2")[0] for _ in range(2)]

    assert (given, taken) == ([200, 409], [200, 404])


def test_a_public_flavor_gives_no_access_from_2_7(call: Call) -> None:
    path = _made(call)

    assert _access(call, path, "add", "p2", 6)[0] == 200
    status, fault = _access(call, path, "add", "p3", 7)

    assert status == 409
    assert fault["conflictingRequest"]["message"] == "Can not add access to a public flavor."


def test_a_flavor_that_comes_again_has_not_the_access_of_the_one_before(call: Call) -> None:
    path = _made(call, **_PRIVATE)
    _access(call, path, "add", "p1")
    call("DELETE", path)

    _made(call, **_PRIVATE)

    assert call("GET", f"{path}/os-flavor-access")[1] == {"flavor_access": []}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"addTenantAccess": {"tenant": ""}}, 400),
        ({"addTenantAccess": {"tenant": "p" * 65}}, 400),
        ({"addTenantAccess": {"tenant": 5}}, 400),
        ({"addTenantAccess": {"project": "p1"}}, 400),
        ({"removeTenantAccess": {}}, 400),
        ({"removeTenantAccess": {"tenant": "p" * 65}}, 404),
        ({"shareWithTenant": {"tenant": "p1"}}, 400),
    ],
)
def test_access_that_makes_no_sense_is_refused(call: Call, body: Any, status: int) -> None:
    path = _made(call, **_PRIVATE)

    assert call("POST", f"{path}/action", body)[0] == status


# Descriptions, lists, versions.


def test_a_description_is_kept_changed_and_taken_away_from_2_55(call: Call) -> None:
    made = call("POST", "/flavors", {"flavor": {**_SSD, "description": "fast"}}, version=55)[1]
    changed = call("PUT", "/flavors/6", {"flavor": {"description": "faster"}}, version=61)
    shown = call("GET", "/flavors/6", version=55)[1]["flavor"]["description"]
    cleared = call("PUT", "/flavors/6", {"flavor": {"description": None}}, version=55)

    assert made["flavor"]["description"] == "fast"
    assert changed[0] == 200
    assert changed[1]["flavor"]["description"] == shown == "faster"
    assert changed[1]["flavor"]["extra_specs"] == {}
    assert cleared[1]["flavor"]["description"] is None
    assert call("GET", "/flavors", version=55)[1]["flavors"][0]["description"] is None


@pytest.mark.parametrize(
    ("version", "body", "status"),
    [
        (54, {"flavor": {"description": "too early"}}, 404),
        (55, {"flavor": {}}, 400),
        (55, {"flavor": {"description": 5}}, 400),
        (55, {"flavor": {"description": "x" * 65536}}, 400),
        (55, {"flavor": {"description": "\u20ac" * 30000}}, 400),
        (55, {"flavor": {"description": "x", "name": "renamed"}}, 400),
    ],
)
def test_nothing_but_the_description_is_changed(
    call: Call, version: int, body: Any, status: int
) -> None:
    path = _made(call)

    assert call("PUT", path, body, version=version)[0] == status


def test_a_flavor_that_is_not_there_has_no_description(call: Call) -> None:
    assert call("PUT", "/flavors/none", {"flavor": {"description": "x"}}, version=55)[0] == 404


def _names(call: Call, query: str, version: int = 1, user: str = "admin") -> list[str]:
    status, found = call("GET", f"/flavors{query}", version=version, user=user)
    assert status == 200
    return [flavor["name"] for flavor in found["flavors"]]


@pytest.fixture
def three(call: Call) -> None:
    for number, name, ram in ((1, "b.big", 4096), (2, "a.small", 512), (3, "c.secret", 1024)):
        public = {"os-flavor-access:is_public": name != "c.secret"}
        disk = {"disk": number * 10, "id": str(number), "name": name, "ram": ram}
        _made(call, **disk, **public)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["b.big", "a.small"]),
        ("?is_public=true", ["b.big", "a.small"]),
        ("?is_public=false", ["c.secret"]),
        ("?is_public=None", ["b.big", "a.small", "c.secret"]),
        ("?minRam=1000&is_public=none", ["b.big", "c.secret"]),
        ("?minDisk=15", ["a.small"]),
        ("?minRam=-5", ["b.big", "a.small"]),
        ("?sort_key=name", ["a.small", "b.big"]),
        ("?sort_key=memory_mb&sort_dir=desc", ["b.big", "a.small"]),
        ("?sort_key=updated_at", ["b.big", "a.small"]),
        ("?limit=1", ["b.big"]),
        ("?limit=0", []),
        ("?marker=1", ["a.small"]),
        ("?name=unknown-before-2.102", ["b.big", "a.small"]),
    ],
)
@pytest.mark.usefixtures("three")
def test_a_list_is_narrowed_sorted_and_cut(call: Call, query: str, names: list[str]) -> None:
    assert _names(call, query) == names


@pytest.mark.parametrize(
    ("name", "names"),
    [("small", ["a.small"]), ("%5Eb", ["b.big"]), ("%5E(a|b)", ["b.big", "a.small"]), ("z", [])],
)
@pytest.mark.usefixtures("three")
def test_a_name_is_a_regular_expression_from_2_102(
    call: Call, name: str, names: list[str]
) -> None:
    assert _names(call, f"?name={name}", 102) == names


@pytest.mark.parametrize("key", ["name", "description", "memory_mb", "created_at", "is_public"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.usefixtures("three")
def test_pages_lead_through_all_flavors_in_any_order(call: Call, key: str, direction: str) -> None:
    order = f"is_public=none&sort_key={key}&sort_dir={direction}"
    seen: list[str] = []
    path: str | None = f"/flavors?{order}&limit=1"
    while path is not None:
        found = call("GET", path)[1]
        seen += [flavor["name"] for flavor in found["flavors"]]
        links = found.get("flavors_links")
        path = links[0]["href"].partition("/v2.1")[2] if links else None

    assert seen == _names(call, f"?{order}")
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("version", "query"),
    [
        (1, "sort_key=colour"),
        (1, "sort_dir=up"),
        (1, "limit=-1"),
        (1, "limit=x"),
        (1, "marker=nobody"),
        (1, "minRam=much"),
        (1, "minDisk=1.5"),
        (1, "is_public=perhaps"),
        (75, "colour=red"),
        (101, "name=x"),
        (102, "sort_key=rxtx_factor"),
        (102, "name=("),
        (102, "name=(a)%5C1"),  # an expression to Python, but not to SQLite's reader
    ],
)
def test_a_list_of_flavors_that_makes_no_sense_is_refused(
    call: Call, version: int, query: str
) -> None:
    _made(call)
    assert call("GET", f"/flavors?{query}", version=version)[0] == 400
    assert call("GET", f"/flavors/detail?{query}", version=version)[0] == 400


def test_the_factor_and_the_switch_are_gone_from_2_102(call: Call) -> None:
    path = _made(call, rxtx_factor=2.5)

    before = call("GET", path, version=101)[1]["flavor"]
    after = call("GET", path, version=102)[1]["flavor"]

    assert (before["rxtx_factor"], before["OS-FLV-DISABLED:disabled"]) == (2.5, False)
    assert set(before) - set(after) == {"rxtx_factor", "OS-FLV-DISABLED:disabled"}
    body = {"flavor": {**_SSD, "id": "9", "name": "new", "rxtx_factor": 1.0}}
    assert call("POST", "/flavors", body, version=102)[0] == 400


@pytest.mark.parametrize("path", ["/flavors/6", "/flavors/6/os-extra_specs", "/os-services"])
def test_what_reads_takes_no_query_that_nobody_knows_from_2_102(call: Call, path: str) -> None:
    _made(call)

    status, fault = call("GET", f"{path}?colour=red", version=102)

    assert status == 400
    assert "'colour'" in fault["badRequest"]["message"]
    assert call("GET", f"{path}?colour=red", version=74)[0] == 200


@pytest.mark.parametrize(
    ("verb", "body"), [("PUT", {"flavor": {"description": "x"}}), ("DELETE", None)]
)
def test_what_changes_does_not_look_at_its_query(call: Call, verb: str, body: Any) -> None:
    path = _made(call)

    assert call(verb, f"{path}?colour=red", body, version=102)[0] in (200, 202)


# Extra specs from 2.86.


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ssd", "anything"),
        ("fake:spawn_s", "2"),
        ("mycompany:colour", "red"),
        ("hw:cpu_policy", "dedicated"),
        ("hw:numa_nodes", "2"),
        ("hw:numa_cpus.0", "0-3,^2"),
        ("hw:numa_mem.1", "1024"),
        ("hw:mem_page_size", "2MiB"),
        ("hw:cpu_realtime", "yes"),
        ("hw_rng:allowed", "True"),
        ("quota:disk_read_iops_sec", "100"),
        ("resources:VCPU", "4"),
        ("resources2:CUSTOM_GOLD", "1"),
        ("resources_net1:VGPU", "1"),
        ("trait:HW_CPU_X86_VMX", "required"),
        ("trait1:CUSTOM_FAST", "forbidden"),
        ("group_policy", "isolate"),
        ("accel:device_profile", "fpga"),
        ("capabilities:hypervisor_type", "s== QEMU"),
        ("capabilities:cpu_info:features", "<in> aes"),
        ("aggregate_instance_extra_specs:ssd", "true"),
        ("os:secure_boot", "required"),
        ("pci_passthrough:alias", "gpu:2, nic:1"),
        ("vmware:hw_version", "vmx-13"),
    ],
)
def test_an_extra_spec_with_a_meaning_or_of_ones_own_is_taken(
    call: Call, key: str, value: str
) -> None:
    path = _made(call) + "/os-extra_specs"

    assert call("POST", path, {"extra_specs": {key: value}}, version=86)[0] == 200
    assert call("PUT", f"{path}/{key}", {key: value}, version=86) == (200, {key: value})


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("hw:unicorn", "1", "extra spec 'hw:unicorn' does not appear to be a valid extra spec."),
        ("hw:cpu_policy", "free", "'free' is not one of: dedicated, shared, mixed."),
        ("hw:numa_nodes", "0", "'0' is less than the min value of '1'."),
        ("hw:numa_nodes", "two", "'two' is not a valid integer value."),
        ("hw:redirected_usb_ports", "16", "'16' is greater than the max value of '15'."),
        ("hw:cpu_realtime", "perhaps", "'perhaps' is not a valid boolean-like value."),
        ("hw:numa_cpus.0", "0-", "'0-' is not of the format"),
        ("hw:numa_cpus.x", "0", "does not appear to be a valid"),
        ("hw:cpu_dedicated_mask", "1" + ",2-3" * 60 + "x", "is not of the format"),
        ("capabilities:wings", "2", "does not appear to be a valid"),
        ("quota:patience", "2", "does not appear to be a valid"),
        ("resources:vcpu", "4", "does not appear to be a valid"),
        ("resources1:VCPU", "many", "is not a valid integer value."),
        ("trait:HW_CPU_X86_VMX", "wanted", "'wanted' is not one of: required, forbidden."),
        ("group_policy", "some", "is not one of: isolate, none."),
        ("os:secure_boot", "perhaps", "is not one of: disabled, required."),
        ("pci_passthrough:alias", "gpu", "is not of the format"),
        ("vmware:unicorn", "1", "does not appear to be a valid"),
        ("accel:unicorn", "1", "does not appear to be a valid"),
    ],
)
def test_an_extra_spec_of_a_known_namespace_must_make_sense_from_2_86(
    call: Call, key: str, value: str, reason: str
) -> None:
    path = _made(call) + "/os-extra_specs"

    for verb, where, body in (
        ("POST", path, {"extra_specs": {key: value}}),
        ("PUT", f"{path}/{key}", {key: value}),
    ):
        status, fault = call(verb, where, body, version=86)
        assert status == 400
        assert fault["badRequest"]["message"].startswith("Validation failed; ")
        assert reason in fault["badRequest"]["message"]
        assert call(verb, where, body, version=85)[0] == 200


def test_a_marker_tells_nobody_of_a_flavor_that_is_not_theirs(call: Call) -> None:
    _made(call, **_PRIVATE)

    hidden = call("GET", "/flavors?marker=6", user="bob:p2")
    missing = call("GET", "/flavors?marker=7", user="bob:p2")

    assert hidden[0] == missing[0] == 400
    assert str(hidden[1]).replace("[6]", "[7]") == str(missing[1])
    assert call("GET", "/flavors?marker=6&is_public=none")[0] == 200
