"""What each persona may beyond the table of routes; and live edits of the policy over HTTP."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from minicloud.db import flavors
from minicloud.db.engine import Database
from minicloud.errors import CannotStart
from tests.contract.db.rows import add_host, add_instances, instance
from tests.functional.over_books import application, asked, database

__all__ = ["database"]  # a fixture

SERVERS: Final = "os_compute_api:servers:"
IMAGE: Final = "00000000-0000-4000-8000-00000000000a"  # of no image
Apps = Callable[[], Any]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The policy file of all processes."""
    (tmp_path / "minicloud.conf").touch()
    return tmp_path / "policy.yaml"


@pytest.fixture
def start(database: Database, file: Path) -> Apps:
    """Another process of the API each time: another loaded application."""

    conf = file.with_name("minicloud.conf")
    return lambda: application(database, file.parent, config_file=conf)


@pytest.fixture
def server(database: Database) -> str:
    database.write(lambda db: flavors.add_devstack(db, database.now()))
    add_host(database, "node2")
    rows = [instance(vm_state="active", task_state=None, host="node1")]
    return add_instances(database, rows)[0]


def _status(app: Any, verb: str, path: str, body: Any = None, **more: Any) -> int:
    return int(asked(app, verb, path, body, **more).status_int)


def test_an_edit_counts_at_the_next_request_in_every_process(start: Apps, file: Path) -> None:
    apps = [start(), start()]
    seen = []

    for check in ("!", "role:reader", "!", "@"):
        file.write_text(f'"{SERVERS}index": "{check}"\n')
        seen.append([_status(app, "GET", "/servers", user="bob") for app in apps])

    assert seen == [[403, 403], [200, 200], [403, 403], [200, 200]]


def test_who_is_administrator_is_edited_as_well(start: Apps, file: Path) -> None:
    app = start()
    boss = "carol:p1:boss"
    before = _status(app, "GET", "/os-services", user=boss)

    file.write_text('"context_is_admin": "role:admin or role:boss"\n')

    assert (before, _status(app, "GET", "/os-services", user=boss)) == (403, 200)
    assert _status(app, "GET", "/servers?all_tenants=1", user=boss) == 200


@pytest.mark.parametrize("text", ["", "{", f'"{SERVERS}index": 5\n', '"a": "rule:a"\n', "\x00\n"])
def test_a_broken_edit_answers_as_before_and_never_500(start: Apps, file: Path, text: str) -> None:
    file.write_text(f'"{SERVERS}index": "!"\n')
    app = start()

    file.write_text(text)

    for _ in range(3):
        assert _status(app, "GET", "/servers", user="bob") == 403
        assert _status(app, "GET", "/flavors", user="bob") == 200
    file.write_text(f'"{SERVERS}index": "@"\n')
    assert _status(app, "GET", "/servers", user="bob") == 200


def test_a_broken_file_refuses_the_start(start: Apps, file: Path) -> None:
    file.write_text('"a": "role:b or"\n')

    with pytest.raises(CannotStart, match=r"policy\.yaml: line 1: a: "):
        start()


def test_a_rule_about_the_thing_is_asked_with_the_thing(
    start: Apps, file: Path, database: Database, server: str
) -> None:
    """The filter asks for a thing of the caller's own; the handler for the one that it loaded."""
    rules = (f"{SERVERS}show", "os_compute_api:server-metadata:index")
    file.write_text("".join(f'"{rule}": "user_id:%(user_id)s"\n' for rule in rules))
    app = start()

    for path in (f"/servers/{server}", f"/servers/{server}/metadata"):
        assert _status(app, "GET", path, user="alice:p1:reader") == 200
        assert _status(app, "GET", path, user="bob:p1:reader") == 403


@pytest.mark.parametrize(
    ("body", "statuses"),  # 409: allowed, and this bare row is in no state for it
    [
        ({"migrate": None}, {"manager": 409, "member": 403, "reader": 403, "service": 403}),
        ({"migrate": {"host": "node2"}}, {"manager": 403, "member": 403}),
        (
            {"os-migrateLive": {"host": None, "block_migration": "auto"}},
            {"manager": 409, "member": 403},
        ),
        (
            {"os-migrateLive": {"host": "node2", "block_migration": "auto"}},
            {"manager": 403, "member": 403},
        ),
        ({"evacuate": {}}, {"manager": 403, "member": 403}),
        ({"os-resetState": {"state": "error"}}, {"manager": 403}),
    ],
)
def test_a_manager_moves_the_servers_of_its_project_and_names_no_host(
    start: Apps, server: str, body: dict[str, Any], statuses: dict[str, int]
) -> None:
    app, path = start(), f"/servers/{server}/action"

    found = {
        role: _status(app, "POST", path, body, user=f"m:p1:{role}", version=93)
        for role in reversed(statuses)
    }

    assert found == statuses
    assert _status(app, "POST", path, body, user="m:p2:manager", version=93) in (403, 404)


def test_external_events_are_for_services_and_administrators(start: Apps, server: str) -> None:
    app = start()
    body = {"events": [{"name": "network-changed", "server_uuid": server}]}

    found = {
        role: _status(app, "POST", "/os-server-external-events", body, user=f"n:other:{role}")
        for role in ("admin", "service", "manager", "member")
    }

    assert found == {"admin": 200, "service": 200, "manager": 403, "member": 403}


def test_the_role_service_alone_opens_nothing_else(start: Apps, server: str) -> None:
    app = start()

    for path in ("/servers", f"/servers/{server}", "/os-services", "/os-hypervisors"):
        assert _status(app, "GET", path, user="n:p1:service") == 403


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ("attach_network", {"networks": "auto"}),
        ("attach_network", {"networks": [{"uuid": "00000000-0000-4000-8000-000000000001"}]}),
        (
            "attach_volume",
            {"block_device_mapping_v2": [{"source_type": "image", "boot_index": 0}]},
        ),
        ("trusted_certs", {"trusted_image_certificates": ["a"]}),
        ("forced_host", {"availability_zone": "nova:node1"}),
    ],
)
def test_what_a_boot_asks_for_beyond_the_usual_has_its_own_rule(
    start: Apps, file: Path, rule: str, fields: dict[str, Any]
) -> None:
    file.write_text(f'"{SERVERS}create:{rule}": "!"\n')
    app = start()
    usual = {"name": "vm", "flavorRef": "1", "imageRef": IMAGE, "networks": "none"}

    def refused(fields: dict[str, Any]) -> str:
        reply = asked(app, "POST", "/servers", {"server": usual | fields}, version=63)
        return str(orjson.loads(reply.body).get("forbidden", {}).get("message", ""))

    assert f"{SERVERS}create:{rule}" in refused(fields)
    assert f"{SERVERS}create:{rule}" not in refused({})


def test_a_flavor_without_disk_is_for_administrators(
    start: Apps, database: Database, tmp_path: Path
) -> None:
    app = start()
    flavor = {"name": "none", "ram": 64, "vcpus": 1, "disk": 0, "id": "none"}
    assert _status(app, "POST", "/flavors", {"flavor": flavor}) == 200
    body = {"server": {"name": "vm", "flavorRef": "none", "imageRef": IMAGE}}

    member = asked(app, "POST", "/servers", body, user="bob")
    admin = asked(app, "POST", "/servers", body)

    assert orjson.loads(member.body)["forbidden"]["message"].startswith("Only volume-backed")
    assert admin.status_int == 400  # only the image is missing
