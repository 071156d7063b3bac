"""Servers over the real books: what lists cost and hold, what typed clients decode, changes."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
import pytest

from minicloud.db import actions
from minicloud.db.engine import Database
from tests.contract.db.rows import add_instances, instance
from tests.functional.image_rows import IMAGE
from tests.functional.over_books import application, asked, database
from tests.functional.server_rows import get, place, post, read, stock
from tests.statements import statements

__all__ = ["database"]  # a fixture

FLAVOR: Final = {
    "id": 1,
    "flavorid": "42",
    "name": "m1.nano",
    "vcpus": 1,
    "memory_mb": 128,
    "root_gb": 1,
    "ephemeral_gb": 0,
    "swap_mb": 0,
    "extra_specs": {"a": "b"},
}
T0: Final = datetime(2026, 3, 1, 12, 0, 0, 123456)


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Any:
    stock(database, properties={"os_distro": "cirros"})
    return application(database, tmp_path)


def _rows(database: Database, count: int, **facts: Any) -> list[str]:
    usual = {"flavor": FLAVOR, "image_ref": IMAGE, "vm_state": "active", "task_state": None}
    placed = {"host": "node1", "node": "node1", "launched_at": T0, "power_state": 1}
    return add_instances(
        database, [instance(**(usual | placed | facts)) for _number in range(count)]
    )


# What lists cost.


@pytest.mark.parametrize("version", [1, 26, 104])
@pytest.mark.parametrize(("path", "most"), [("/servers", 1), ("/servers/detail", 7)])
def test_a_list_asks_as_much_for_a_hundred_servers_as_for_ten(
    app: Any, database: Database, path: str, most: int, version: int
) -> None:
    _rows(database, 9)
    _rows(database, 1, vm_state="error")
    get(app, path, version=version, user="admin")  # the members are known from now on
    counts = []
    for size in (10, 100):
        _rows(database, size - 10)
        with statements(database) as said:
            assert len(get(app, path, version=version, user="admin")["servers"]) == size
        counts.append(len(said))

    assert counts[0] == counts[1] <= most


def test_a_create_of_five_servers_says_as_much_as_one_of_one(app: Any, database: Database) -> None:
    post(app)
    counts = []
    for number in (1, 5):
        with statements(database) as said:
            assert post(app, min_count=number)[0] == 202
        counts.append(len(said))

    assert counts[0] == counts[1]


# What typed clients decode.

_Z: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_PRECISE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")
Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _map(value: Any) -> bool:
    return isinstance(value, dict) and all(_text(v) for pair in value.items() for v in pair)


def _links(value: Any) -> bool:
    return isinstance(value, list) and all(set(one) == {"rel", "href"} for one in value)


def _addresses(value: Any) -> bool:
    return isinstance(value, dict) and all(
        _text(one["addr"]) and one["version"] in (4, 6) for ones in value.values() for one in ones
    )


def _image(value: Any) -> bool:
    return value == "" or (isinstance(value, dict) and _text(value["id"]))


def _flavor(value: Any) -> bool:
    return isinstance(value, dict) and _text(value.get("id") or value.get("original_name"))


def _fault(value: Any) -> bool:
    return _number(value["code"]) and _text(value["message"]) and _time(_Z)(value["created"])


def _time(form: re.Pattern[str]) -> Check:
    return lambda value: isinstance(value, str) and form.fullmatch(value) is not None


def _or_null(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(check(one) for one in value)


def _named(value: Any) -> bool:
    return isinstance(value, dict) and _text(value["name"])


_FORMS: Final[dict[str, Check]] = {
    **dict.fromkeys(("id", "name", "tenant_id", "user_id", "hostId", "status"), _text),
    **dict.fromkeys(("accessIPv4", "accessIPv6", "config_drive"), _text),
    **dict.fromkeys(("created", "updated"), _time(_Z)),
    **dict.fromkeys(
        ("OS-SRV-USG:launched_at", "OS-SRV-USG:terminated_at"), _or_null(_time(_PRECISE))
    ),
    **dict.fromkeys(("progress", "OS-EXT-STS:power_state"), _number),
    "metadata": _map,
    "links": _links,
    "addresses": _addresses,
    "image": _image,
    "flavor": _flavor,
    "fault": _fault,
    "key_name": _or_null(_text),
    "OS-DCF:diskConfig": lambda value: value in ("AUTO", "MANUAL"),
    "OS-EXT-AZ:availability_zone": _text,
    "OS-EXT-STS:vm_state": _text,
    "OS-EXT-STS:task_state": _or_null(_text),
    "os-extended-volumes:volumes_attached": _list_of(_named),
    "security_groups": _list_of(_named),
    "locked": lambda value: isinstance(value, bool),
    "locked_reason": _or_null(_text),
    "description": _or_null(_text),
    "tags": _list_of(_text),
    "trusted_image_certificates": _or_null(_list_of(_text)),
    "server_groups": _list_of(_text),
    "host_status": _text,
    "pinned_availability_zone": _or_null(_text),
    "scheduler_hints": lambda value: isinstance(value, dict),
    **{f"OS-EXT-SRV-ATTR:{name}": _or_null(_text) for name in ("host", "hypervisor_hostname")},
    **{
        f"OS-EXT-SRV-ATTR:{name}": _text
        for name in ("instance_name", "hostname", "reservation_id")
    },
    **{
        f"OS-EXT-SRV-ATTR:{name}": _text
        for name in ("kernel_id", "ramdisk_id", "root_device_name")
    },
    "OS-EXT-SRV-ATTR:launch_index": _number,
    "OS-EXT-SRV-ATTR:user_data": _or_null(_text),
}


def _decode(server: dict[str, Any]) -> None:
    for name, value in server.items():
        assert _FORMS[name](value), f"{name}: {value!r}"


@pytest.mark.parametrize("version", [1, 3, 19, 26, 47, 63, 73, 90, 96, 98, 104])
@pytest.mark.parametrize("user", ["alice", "admin"])
def test_typed_clients_decode_servers_in_any_state(
    app: Any, database: Database, version: int, user: str
) -> None:
    _, building = post(app)
    _, placed = post(app, networks=[], metadata={"a": "b"})
    place(database, placed)
    gone, broken, bare = (
        *_rows(database, 1, vm_state="deleted", deleted=5, terminated_at=T0),
        *_rows(database, 1, vm_state="error", host=None, node=None, launched_at=None),
        *_rows(database, 1, image_ref=None),
    )
    database.write(lambda db: actions.fault(db, broken, "No valid host was found. ", T0))

    query = "?changes-since=2020-01-01T00:00:00Z"
    listed = get(app, f"/servers/detail{query}", version=version, user=user)["servers"]

    assert {one["id"] for one in listed} == {building, placed, gone, broken, bare}
    for one in listed:
        _decode(one)
    for ref in (building, placed, broken, bare):
        _decode(get(app, f"/servers/{ref}", version=version, user=user)["server"])


def test_what_a_create_answers_is_decoded_too(app: Any) -> None:
    body = {"server": {"name": "vm", "flavorRef": "42", "imageRef": IMAGE}}
    made = orjson.loads(asked(app, "POST", "/servers", body, user="alice").body)["server"]

    assert UUID(made["id"])
    assert _links(made["links"])
    assert made["OS-DCF:diskConfig"] == "MANUAL"
    assert made["security_groups"] == [{"name": "default"}]
    assert len(made["adminPass"]) == 12


# What is kept of a create.


def test_what_was_asked_for_is_shown(app: Any, database: Database) -> None:
    groups = [{"name": "web"}, {"name": "ssh"}, {"name": "web"}]
    asked_for: dict[str, Any] = {"security_groups": groups, "OS-DCF:diskConfig": "AUTO"}
    _, ref = post(app, **asked_for)

    for path in (f"/servers/{ref}", "/servers/detail"):
        found = get(app, path, version=98)
        shown = found.get("server") or found["servers"][0]
        assert shown["OS-DCF:diskConfig"] == "AUTO"
        assert shown["security_groups"] == [{"name": "ssh"}, {"name": "web"}]
        assert shown["image"]["properties"] == {"os_distro": "cirros"}


@pytest.mark.parametrize(
    ("version", "hostname", "hostnames"),
    [
        (1, None, {"vm-1", "vm-2"}),
        (90, "web", {"web-1", "web-2"}),
        (94, "web.example.org", {"web-1.example.org", "web-2.example.org"}),
    ],
)
def test_servers_made_together_have_host_names_of_their_own(
    app: Any, database: Database, version: int, hostname: str | None, hostnames: set[str]
) -> None:
    named: dict[str, Any] = {"hostname": hostname} if hostname else {}
    networks: dict[str, Any] = {"networks": "auto"} if version > 36 else {}

    assert post(app, version=version, min_count=2, **named, **networks)[0] == 202

    rows = get(app, "/servers/detail", version=90)["servers"]
    assert {row["OS-EXT-SRV-ATTR:hostname"] for row in rows} == hostnames


# Changes.


def _put(app: Any, ref: str, version: int = 1, **fields: Any) -> tuple[int, Any]:
    reply = asked(app, "PUT", f"/servers/{ref}", {"server": fields}, version=version, user="alice")
    return reply.status_int, orjson.loads(reply.body)


def test_disk_configuration_is_changed(app: Any, database: Database) -> None:
    (ref,) = _rows(database, 1)
    auto: dict[str, Any] = {"OS-DCF:diskConfig": "AUTO"}

    assert _put(app, ref, **auto)[1]["server"]["OS-DCF:diskConfig"] == "AUTO"
    assert get(app, f"/servers/{ref}")["server"]["OS-DCF:diskConfig"] == "AUTO"
    assert _put(app, ref, **{**auto, "OS-DCF:diskConfig": "auto"})[0] == 400


def test_a_server_is_pinned_to_the_zone_that_it_is_in_and_unpinned(
    app: Any, database: Database
) -> None:
    (ref,) = _rows(database, 1, availability_zone="nova")
    (waiting,) = _rows(database, 1, host=None, node=None)

    assert _put(app, ref, 103, pinned_availability_zone=None)[0] == 400
    status, answer = _put(app, ref, 104, pinned_availability_zone=None)
    assert (status, answer["server"]["pinned_availability_zone"]) == (200, None)
    assert _put(app, ref, 104, pinned_availability_zone="elsewhere")[0] == 409
    assert _put(app, ref, 104, pinned_availability_zone="nova")[0] == 200
    assert read(database, ref).availability_zone == "nova"
    assert _put(app, waiting, 104, pinned_availability_zone="nova")[0] == 409


# What lists hold.


@pytest.fixture
def five(database: Database) -> dict[str, str]:
    """Name -> id."""
    facts: dict[str, dict[str, Any]] = {
        "plain": {},
        "odd": {"config_drive": True, "key_name": "k", "user_id": "bob", "power_state": 4},
        "busy": {"task_state": "rebooting", "availability_zone": "az1"},
        "locked": {"locked_by": "owner", "launched_at": T0 + timedelta(days=1)},
        "gone": {"vm_state": "deleted", "deleted": 77, "terminated_at": T0},
    }
    return {name: _rows(database, 1, display_name=name, **facts[name])[0] for name in facts}


@pytest.mark.parametrize(
    ("version", "query", "names"),
    [
        (1, "", "plain odd busy locked"),
        (1, "name=^o", "odd"),
        (1, "status=REBOOT", "busy"),
        (1, "status=ACTIVE", "plain odd busy locked"),
        (1, "flavor=42", "plain odd busy locked"),
        (1, "flavor=43", ""),
        (1, f"image={IMAGE}", "plain odd busy locked"),
        (1, "changes-since=2026-01-01T00:00:00Z", "plain odd busy locked gone"),
        (1, "changes-since=2126-01-01T00:00:00Z", ""),
        (66, "changes-before=2126-01-01", "plain odd busy locked gone"),
        (66, "changes-before=2020-01-01", ""),
        (73, "locked=true", "locked"),
        (73, "locked=false", "plain odd busy"),
        (83, "availability_zone=nova", "plain odd busy locked"),  # that of their host
        (83, "availability_zone=az1", ""),
        (83, "config_drive=true", "odd"),
        (83, "key_name=k", "odd"),
        (83, "launched_at=2026-03-02T12:00:00.123456", "locked"),
        (83, "power_state=4", "odd"),
        (83, "task_state=rebooting", "busy"),
        (83, "task_state=none", "plain odd locked"),
        (83, "vm_state=active", "plain odd busy locked"),
        (83, "progress=0", "busy"),
        (83, "progress=100", "plain odd locked"),
        (83, "user_id=bob", "odd"),
        (82, "user_id=bob", "plain odd busy locked"),
        (1, "deleted=true", "plain odd busy locked"),
        (1, "host=other", "plain odd busy locked"),
        (1, "limit=0", ""),
    ],
)
def test_members_narrow_lists(
    app: Any, five: dict[str, str], version: int, query: str, names: str
) -> None:
    for path in ("/servers", "/servers/detail"):
        found = get(app, f"{path}?{query}", version=version)["servers"]
        assert {one["id"] for one in found} == {five[name] for name in names.split()}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("deleted=true", "gone"),
        ("status=DELETED", "gone"),
        ("status=DELETED&status=REBOOT", "gone"),
        ("changes-since=2026-01-01T00:00:00Z&deleted=false", "plain odd busy locked"),
        ("terminated_at=2026-03-01T12:00:00.123456&deleted=true", "gone"),
        ("host=node1", "plain odd busy locked"),
        ("host=node2", ""),
        ("node=node1&task_state=rebooting", "busy"),
        ("locked_by=owner", "locked"),
        ("display_name=^p", "plain"),
        ("root_device_name=/dev/vda", "plain odd busy locked"),
        ("root_device_name=/dev/sda", ""),
        ("auto_disk_config=true", ""),
        ("ip6=fd", ""),
    ],
)
def test_administrators_narrow_lists_by_more(
    app: Any, five: dict[str, str], query: str, names: str
) -> None:
    found = get(app, f"/servers?{query}", user="admin")["servers"]
    assert {one["id"] for one in found} == {five[name] for name in names.split()}


def test_the_marker_is_a_server_of_the_list(app: Any, database: Database) -> None:
    (gone,) = _rows(database, 1, vm_state="deleted", deleted=77)
    (theirs,) = _rows(database, 1, project_id="p2")

    for marker in (gone, theirs, "nowhere"):
        assert asked(app, "GET", f"/servers?marker={marker}", user="alice").status_int == 400
    since = "changes-since=2026-01-01T00:00:00Z"
    assert get(app, f"/servers?marker={gone}&{since}")["servers"] == []


def test_pages_by_several_keys_and_directions_hold_each_server_once(
    app: Any, database: Database
) -> None:
    for number in range(7):
        _rows(database, 1, display_name=f"s{number % 2}", power_state=number % 3)
    path = (
        "/servers/detail?limit=2&sort_key=display_name&sort_dir=asc"
        "&sort_key=power_state&sort_dir=desc"
    )
    seen: list[tuple[str, int]] = []
    refs: list[str] = []
    while path:
        page = get(app, path)
        refs += [one["id"] for one in page["servers"]]
        seen += [(one["name"], -one["OS-EXT-STS:power_state"]) for one in page["servers"]]
        links = page.get("servers_links", [])
        path = links[0]["href"].removeprefix("http://localhost/v2.1") if links else ""

    assert seen == sorted(seen)
    assert len(set(refs)) == len(refs) == 7


def test_the_security_groups_of_a_server_are_those_that_it_shows(app: Any) -> None:
    _status, ref = post(app, security_groups=[{"name": "web"}, {"name": "db"}])

    shown = get(app, f"/servers/{ref}")["server"]["security_groups"]
    listed = get(app, f"/servers/{ref}/os-security-groups")["security_groups"]

    assert [{"name": group["name"]} for group in listed] == shown
    assert len({group["id"] for group in listed}) == 2
    assert [group["rules"] for group in listed] == [[], []]


def test_a_list_of_a_zone_has_the_servers_of_its_hosts_and_those_that_wait_for_one(
    app: Any, database: Database
) -> None:
    made = {"aggregate": {"name": "a", "availability_zone": "az1"}}
    ref = orjson.loads(asked(app, "POST", "/os-aggregates", made).body)["aggregate"]["id"]
    joins = {"add_host": {"host": "node2"}}
    assert asked(app, "POST", f"/os-aggregates/{ref}/action", joins).status_int == 200
    no_host: dict[str, Any] = {"host": None, "node": None, "vm_state": "building"}
    (there,) = _rows(database, 1, host="node2")
    (elsewhere,) = _rows(database, 1, host="node1", availability_zone="az1")
    (waits,) = _rows(database, 1, availability_zone="az1", **no_host)
    _rows(database, 1, **no_host)

    for zone, wants in (("az1", {there, waits}), ("nova", {elsewhere}), ("none", set())):
        for path in ("/servers", "/servers/detail"):
            found = get(app, f"{path}?availability_zone={zone}", version=83)["servers"]
            assert {one["id"] for one in found} == wants, zone
