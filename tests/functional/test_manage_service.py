"""minicloud-manage service, over the books that the API serves from."""

import json
import re
import shlex
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

from minicloud.cmd import manage_service, service_said, service_words
from minicloud.db.engine import Database
from minicloud.db.models import Instance, Migration, Service
from minicloud.errors import CannotStart
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.servers.redis import Redis
from minicloud.servicegroup.base import COMPUTE, CONDUCTOR, SCHEDULER, Standing, Store
from minicloud.servicegroup.leases import lease_of
from minicloud.zones.base import ServiceView
from tests.contract.db.rows import NOW, add_host, instance
from tests.functional.managing import (
    Manage,
    add_service,
    called,
    conf_of,
    kept_in,
    program,
    set_service,
)
from tests.functional.over_books import Call, call, database
from tests.waiting import until

__all__ = ["call", "database", "program"]  # fixtures

UNKNOWN_ID = "ffffffff-0000-4000-8000-00000000000f"
OWNER = {"program": "minicloud-compute", "pid": 4711, "machine": "kvm1 0b00-7", "nonce": "n"}


@pytest.fixture
def manage(database: Database, capsys: pytest.CaptureFixture[str]) -> Manage:
    def run(words: str, **settings: Any) -> str:
        url = database.engine.url.render_as_string(hide_password=False)
        given = ["service", *shlex.split(words)]
        down_s = {"servicegroup__service_down_time_s": 600.0}  # nobody renews the hosts
        settings = {"database__connection": url, **down_s, **settings}
        return called(manage_service.add_commands, given, capsys, **settings)

    return run


def _rows(shown: str) -> dict[str, list[str]]:
    """host -> the other cells."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in shown.splitlines()]
    return {cells[2]: cells for cells in lines if len(cells) > 5}


def _listed(manage: Manage, words: str = "") -> dict[str, dict[str, Any]]:
    found = json.loads(manage(f"list --json {words}"))["services"]
    return {one["host"]: one for one in found}


def _shown(call: Call, host: str = "node1") -> dict[str, Any]:
    (one,) = call("GET", f"/os-services?host={host}", version=69)[1]["services"]
    shown: dict[str, Any] = one
    return shown


def _move(status: str, kind: str = "migration") -> Migration:
    unset: dict[str, Any] = {"old_flavor": {}, "new_flavor": {}}
    return Migration(
        uuid="ffffffff-0000-4000-8000-000000000001",
        instance_uuid="ffffffff-0000-4000-8000-000000000002",
        migration_type=kind,
        status=status,
        source_compute="node1",
        source_node="node1",
        dest_compute="node2",
        user_id="u",
        project_id="p1",
        created_at=NOW,
        updated_at=NOW,
        **unset,
    )


def test_services_are_listed_with_their_age_and_owner_and_who_says_so(
    manage: Manage, database: Database
) -> None:
    add_service(database, SCHEDULER, "control")
    set_service(database, "node1", owner=OWNER, epoch=3, disabled=True, disabled_reason="a fan")
    set_service(database, "node2", last_seen_up=None)
    set_service(database, "node3", forced_down=True)

    shown = manage("list")

    rows = _rows(shown)
    assert rows["node1"][1] == COMPUTE
    assert rows["node1"][3:6] == ["nova", "disabled: a fan", "up"]
    assert re.fullmatch(r"\d+ s ago", rows["node1"][6])
    assert rows["node1"][7:] == ["3", "minicloud-compute 4711 on kvm1"]
    assert rows["node2"][5:] == ["down", "-", "-", "-"]
    assert rows["node3"][5] == "forced down"
    assert rows["control"][1:6] == [SCHEDULER, "control", "internal", "enabled", "up"]
    assert shown.splitlines()[-1] == f"said by db at {database.address}, which answers"


def test_a_password_of_the_database_is_not_told(database: Database) -> None:
    books = Database("mysql://root:secret@db.example:3306/minicloud")

    assert books.address == "mysql://db.example:3306/minicloud"


def test_the_list_is_narrowed(manage: Manage, database: Database) -> None:
    add_service(database, SCHEDULER, "node2")
    set_service(database, "node2", forced_down=True)

    assert set(_rows(manage("list --host node1"))) == {"Host", "node1"}
    assert set(_rows(manage("list --down"))) == {"Host", "node2"}
    assert _listed(manage, f"--binary {SCHEDULER}").keys() == {"node2"}
    assert manage("list --host nowhere").startswith("no such service\n")


def test_programs_get_json(manage: Manage, database: Database) -> None:
    set_service(database, "node1", owner=OWNER, epoch=3)

    found = json.loads(manage("list --json --host node1"))

    (one,) = found["services"]
    assert (one["binary"], one["host"], one["zone"]) == (COMPUTE, "node1", "nova")
    assert (one["state"], one["forced_down"], one["status"]) == ("up", False, "enabled")
    assert (one["owner"], one["epoch"]) == (OWNER, 3)
    assert one["age_s"] >= 0
    assert found["store"]["driver"] == "db"
    assert found["store"]["reachable"] is True


def test_the_command_and_the_api_tell_the_same(manage: Manage, call: Call) -> None:
    def same() -> tuple[str, str, bool]:
        said, shown = _listed(manage)["node1"], _shown(call)
        for name in ("status", "state", "disabled_reason", "forced_down", "zone", "binary"):
            assert said[name] == shown[name], name
        assert (said["uuid"], said["heard_at"][:19]) == (shown["id"], shown["updated_at"][:19])
        return shown["status"], shown["state"], shown["forced_down"]

    assert same() == ("enabled", "up", False)
    assert manage('disable node1 --reason "a fan"').startswith("node1: disabled: a fan, up, heard")
    assert same() == ("disabled", "up", False)
    assert manage("disable node1").startswith("node1: disabled, up")
    assert same() == ("disabled", "up", False)
    assert manage("enable node1").startswith("node1: enabled, up")
    assert same() == ("enabled", "up", False)
    assert manage("force-down node1").startswith("node1: enabled, forced down, heard")
    assert same() == ("enabled", "down", True)
    call("PUT", f"/os-services/{_shown(call)['id']}", {"status": "disabled"}, version=53)
    assert same() == ("disabled", "down", True)
    assert manage("force-down node1 --off").startswith("node1: disabled, up")
    assert same() == ("disabled", "up", False)


@pytest.mark.parametrize(
    ("words", "change", "row"),
    [
        ("disable nowhere", {"host": "nowhere", "binary": COMPUTE}, None),
        ('disable node1 --reason ""', {"status": "disabled", "disabled_reason": ""}, None),
        (f"disable node1 --reason {'x' * 256}", {"disabled_reason": "x" * 256}, None),
        ("force-down node1 --off", {"forced_down": False}, ("done", "evacuation")),
        ("delete node1", None, ("migrating", "migration")),
        ("delete node1", None, "server"),
    ],
)
def test_what_the_api_refuses_is_refused_in_its_words(
    manage: Manage,
    call: Call,
    database: Database,
    words: str,
    change: Mapping[str, Any] | None,
    row: Any,
) -> None:
    add_host(database, "node1")
    set_service(database, "node1", forced_down=True)
    if row == "server":
        server = instance(host="node1", vm_state="active", task_state=None)
        database.write(lambda db: db.add(Instance(**server)))
    elif row is not None:
        database.write(lambda db: db.add(_move(*row)))

    if change is not None and "binary" in change:
        status, fault = call("PUT", "/os-services/disable", change, version=1)
    else:
        verb = "DELETE" if change is None else "PUT"
        status, fault = call(verb, f"/os-services/{_shown(call)['id']}", change, version=53)
    with pytest.raises(CannotStart) as refused:
        manage(words)

    ((_name, told),) = fault.items()
    assert status in (400, 404, 409)
    assert str(refused.value).startswith(told["message"])
    assert _shown(call)["forced_down"] is True


def test_who_names_no_host_is_told_which_there_are(manage: Manage, database: Database) -> None:
    with pytest.raises(CannotStart, match=r"nowhere\. Compute hosts are node1, node2, node3\."):
        manage("enable nowhere")
    with pytest.raises(CannotStart, match=r"Service 99 could not be found\. Compute hosts are"):
        manage("delete 99")


@pytest.mark.parametrize("verb", ["disable", "delete", "list --host"])
@pytest.mark.parametrize("word", ["\udcff", "a\nb", "x" * 300, "''"])
def test_what_can_be_no_name_is_refused_in_a_line(manage: Manage, verb: str, word: str) -> None:
    quoted = word if word == "''" else shlex.quote(word)

    with pytest.raises(CannotStart, match="is no name of a service or host") as refused:
        manage(f"{verb} {quoted}")

    assert str(refused.value).isascii()
    assert "\n" not in str(refused.value)


def test_a_service_is_removed_by_host_by_number_and_by_uuid(
    manage: Manage, call: Call, database: Database
) -> None:
    for host in ("node1", "node2", "node3"):
        add_host(database, host)
    numbers = {host: row["id"] for host, row in _listed(manage).items()}
    set_service(database, "node1", last_seen_up=None)

    assert manage("delete node1") == "nova-compute on node1 is deleted\n"
    assert "\nit was up (heard " in manage(f"delete {numbers['node2']}")
    assert _listed(manage).keys() == {"node3"}
    manage(f"delete {_listed(manage)['node3']['uuid']}")

    assert call("GET", "/os-services")[1] == {"services": []}
    assert call("GET", "/os-hypervisors")[1] == {"hypervisors": []}


def test_of_many_services_on_a_host_the_compute_service_is_meant(
    manage: Manage, database: Database
) -> None:
    add_service(database, CONDUCTOR, "node1")
    add_service(database, CONDUCTOR, "control")
    add_service(database, SCHEDULER, "control")
    add_host(database, "node1")

    assert manage("delete node1").startswith("nova-compute on node1 is deleted")
    assert manage("delete node1").startswith("nova-conductor on node1 is deleted")
    with pytest.raises(CannotStart, match=r"more than one service; say which: .*-.* \(nova-c"):
        manage("delete control")


def test_a_number_that_is_a_host_as_well_is_not_guessed_at(
    manage: Manage, database: Database
) -> None:
    add_service(database, COMPUTE, "1")

    with pytest.raises(CannotStart, match="names more than one service"):
        manage("delete 1")

    assert len(_listed(manage)) == 4


def test_a_store_that_goes_away_and_comes_back_is_told(
    manage: Manage, call: Call, database: Database, own_redis: Redis
) -> None:
    kept = kept_in(own_redis)
    lease = lease_of(conf_of(kept), "node1", SystemClock())
    lease.join({"node1": 1}, COMPUTE)
    shown = f"redis://127.0.0.1:{own_redis.port}"

    def listed() -> dict[str, Any]:
        lease.renew()
        found: dict[str, Any] = json.loads(manage("list --json", **kept))
        return found

    def states() -> dict[str, str]:
        return {one["host"]: one["state"] for one in listed()["services"]}

    try:
        until(lambda: states() == {"node1": "up", "node2": "down", "node3": "down"})
        assert listed()["store"]["address"].startswith(shown)
        assert own_redis.password not in manage("list", **kept)

        own_redis.stop()
        away = listed()
        said = manage("list", **kept)
        done = manage("force-down node2", **kept)

        assert away["store"]["reachable"] is False
        assert {one["state"] for one in away["services"]} == {"unknown"}
        assert f"said by redis at {shown}" in said
        assert "unreachable" in said
        assert own_redis.password not in said
        assert done.startswith("node2: enabled, forced down")
        assert _shown(call, "node2")["forced_down"] is True

        own_redis.start()
        until(lambda: states() == {"node1": "up", "node2": "down", "node3": "down"})
        assert listed()["store"]["reachable"] is True
    finally:
        lease.close()


STANDING = Standing(False, None, None, "redis")
AWAY = Store("redis", "cache:6379", 31.0, "redis://:secret@cache refused")


def test_who_was_not_known_before_the_store_went_away_is_unknown() -> None:
    view = ServiceView(Service(host="node1", forced_down=False), STANDING, "nova")
    heard = ServiceView(view.row, Standing(False, NOW, 90.0, "redis"), "nova")

    assert service_said.state(view, AWAY) == "unknown"
    assert service_said.state(heard, AWAY) == "down"
    assert service_said.state(view, Store("redis", "cache:6379")) == "down"


def test_a_store_that_is_away_is_told_without_its_password() -> None:
    said = service_words.kept_by(AWAY)

    assert "said by redis at cache:6379, unreachable for 31 s" in said
    assert said.endswith("shown is what was known then")
    assert "secret" not in said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "-"), (-0.4, "0 s ago"), (3.2, "3 s ago"), (119, "119 s ago"), (125, "2 min ago")],
)
def test_an_age_is_told_in_a_unit_that_fits(seconds: float | None, said: str) -> None:
    assert service_words.ago(seconds) == said


def test_a_refusal_is_one_line_and_an_exit_code(program: list[str]) -> None:
    done = subprocess.run(
        [*program, "enable", "nowhere"], capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "minicloud-manage: Could not find binary nova-compute on host nowhere. "
        "Compute hosts are node1, node2, node3.\n"
    )
