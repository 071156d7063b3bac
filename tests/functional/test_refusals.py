"""Why no host was found, to whom it is told, and in how much detail."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db import images
from minicloud.db.models import Instance, InstanceAction, InstanceFault
from tests.functional.boot_cloud import BootCloud, boot_cloud, calling
from tests.functional.image_rows import IMAGE, image
from tests.functional.over_books import Call

_HOSTS = ["canary-one-91", "canary-two-92", "canary-three-93"]
_SENTENCE = (
    "No valid host was found. There are not enough hosts available. "
    "Of 3 hosts, refused by: RamFilter 3."
)
_HUGE_MB = 77_000_000


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BootCloud]:
    with boot_cloud(
        tmp_path_factory.mktemp("refusals"), options={"compute.hosts": _HOSTS, "quota.ram": -1}
    ) as made:
        made.books.write(lambda db: images.insert(db, image(made.books.now())))
        yield made


@pytest.fixture(scope="module")
def call(cloud: BootCloud) -> Call:
    answered = calling(cloud)
    huge = {"name": "huge", "id": "huge", "ram": _HUGE_MB, "vcpus": 1, "disk": 1}
    assert answered("POST", "/flavors", {"flavor": huge})[0] == 200
    return answered


@pytest.fixture(scope="module")
def refused(cloud: BootCloud, call: Call) -> str:
    """A server that no host has room for."""
    return _created(cloud, call, "huge", "error")


def _created(cloud: BootCloud, call: Call, flavor: str, state: str, **more: Any) -> str:
    server = {"name": "vm", "flavorRef": flavor, "imageRef": IMAGE, **more}
    status, body = call("POST", "/servers", {"server": server}, user="alice")
    assert status == 202, body
    cloud.wait(body["server"]["id"], state)
    return str(body["server"]["id"])


def _told(call: Call, path: str, user: str = "admin") -> Any:
    status, body = call("GET", path, user=user)
    assert status == 200, body
    return body


def test_a_fault_has_novas_sentence_a_code_and_the_reasons(call: Call, refused: str) -> None:
    fault = _told(call, f"/servers/{refused}", "alice")["server"]["fault"]

    assert fault["code"] == 500
    assert fault["message"] == _SENTENCE
    assert fault["minicloud:code"] == "NO_VALID_HOST"
    assert fault["minicloud:reasons"] == [{"reason": "RamFilter", "hosts": 3}]
    assert "details" not in fault


def test_a_list_has_the_reasons_too_and_leaves_the_hosts_out(call: Call, refused: str) -> None:
    listed = _told(call, "/servers/detail?all_tenants=1")["servers"]

    (fault,) = [server["fault"] for server in listed if server["id"] == refused]
    assert fault["minicloud:reasons"] == [{"reason": "RamFilter", "hosts": 3}]
    assert orjson.loads(fault["details"])["counts"] == {"RamFilter": 3}
    assert "canary" not in fault["details"]


def test_an_administrator_reads_the_hosts_in_the_fault(call: Call, refused: str) -> None:
    fault = _told(call, f"/servers/{refused}")["server"]["fault"]

    explanation = orjson.loads(fault["details"])["explanation"]
    assert {one["host"] for one in explanation["refused"]} == set(_HOSTS)
    assert {one["wanted"] for one in explanation["refused"]} == {f"{_HUGE_MB} MB"}


def test_the_owner_reads_the_reasons_and_no_host(call: Call, refused: str) -> None:
    told = _told(call, f"/servers/{refused}/scheduling", "alice")["scheduling"]

    assert told["request_id"].startswith("req-")
    assert told["decided_at"].endswith("Z")
    assert {key: told[key] for key in told.keys() - {"request_id", "decided_at"}} == {
        "action": "create",
        "outcome": "refused",
        "code": "NO_VALID_HOST",
        "message": _SENTENCE,
        "hosts": 3,
        "reasons": [{"reason": "RamFilter", "hosts": 3}],
    }


def test_an_administrator_reads_every_host_with_what_it_has(
    cloud: BootCloud, call: Call, refused: str
) -> None:
    told = _told(call, f"/servers/{refused}/scheduling")["scheduling"]

    free = {h: cloud.node(h).memory_mb_limit - cloud.node(h).memory_mb_used for h in _HOSTS}
    explanation = told["explanation"]
    assert explanation["refused"] == [
        {
            "host": host,
            "node": cloud.node(host).node,
            "reason": "RamFilter",
            "wanted": f"{_HUGE_MB} MB",
            "available": f"{free[host]} MB",
        }
        for host in (one["host"] for one in explanation["refused"])
    ]
    assert {one["host"] for one in explanation["refused"]} == set(_HOSTS)
    assert (explanation["accepted"], explanation["best"], told["tried"]) == (0, [], [])


_READS = ["", "/scheduling", "/os-instance-actions"]


@pytest.mark.parametrize("path", _READS)
def test_a_tenant_sees_no_host_nor_what_one_has(
    cloud: BootCloud, call: Call, refused: str, path: str
) -> None:
    text = orjson.dumps(_told(call, f"/servers/{refused}{path}", "alice")).decode()

    assert "canary" not in text
    for host in _HOSTS:
        free = cloud.node(host).memory_mb_limit - cloud.node(host).memory_mb_used
        assert str(free) not in text


def test_the_events_of_an_action_tell_a_tenant_no_host(call: Call, refused: str) -> None:
    request_id = _told(call, f"/servers/{refused}/scheduling", "alice")["scheduling"]["request_id"]

    path = f"/servers/{refused}/os-instance-actions/{request_id}"
    assert "canary" not in orjson.dumps(_told(call, path, "alice")).decode()


def test_another_project_finds_no_decision(call: Call, refused: str) -> None:
    assert call("GET", f"/servers/{refused}/scheduling", user="mallory:p2")[0] == 404


def test_what_is_in_place_was_refused_nowhere(cloud: BootCloud, call: Call) -> None:
    server = _created(cloud, call, "1", "active")

    told = _told(call, f"/servers/{server}/scheduling", "alice")["scheduling"]

    assert (told["action"], told["outcome"], told["code"]) == ("create", "placed", None)
    assert told["reasons"] == []


def test_a_move_that_found_no_host_says_so_and_the_server_stays(
    cloud: BootCloud, call: Call
) -> None:
    server = _created(cloud, call, "1", "active")
    host = cloud.show(server).row.host

    resize = {"resize": {"flavorRef": "huge"}}
    assert call("POST", f"/servers/{server}/action", resize, user="alice")[0] == 202
    cloud.wait(server, "active")

    told = _told(call, f"/servers/{server}/scheduling")["scheduling"]
    reasons = {one["reason"]: one["hosts"] for one in told["reasons"]}
    assert (told["action"], told["outcome"], told["code"]) == (
        "resize",
        "refused",
        "NO_VALID_HOST",
    )
    assert reasons == {"ignore_hosts": 1, "RamFilter": 2}
    assert {one["host"]: one["reason"] for one in told["explanation"]["refused"]} == {
        name: "ignore_hosts" if name == host else "RamFilter" for name in _HOSTS
    }


def test_a_forced_host_without_room_is_said_to_be_full(cloud: BootCloud, call: Call) -> None:
    server = {"name": "vm", "flavorRef": "huge", "imageRef": IMAGE}
    server["availability_zone"] = f"nova:{_HOSTS[1]}"
    status, body = call("POST", "/servers", {"server": server})
    assert status == 202, body
    ref = body["server"]["id"]
    cloud.wait(ref, "error")

    told = _told(call, f"/servers/{ref}/scheduling")["scheduling"]
    reasons = {one["reason"]: one["hosts"] for one in told["reasons"]}
    assert reasons == {"force_hosts": 2, "claim": 1}
    (full,) = [one for one in told["explanation"]["refused"] if one["reason"] == "claim"]
    assert full["host"] == _HOSTS[1]
    assert full["wanted"] == f"1 VCPUs, {_HUGE_MB} MB, 1 GB"


def test_of_a_build_that_failed_everywhere_only_administrators_read_where(
    cloud: BootCloud, call: Call
) -> None:
    server = _created(cloud, call, "1", "error", metadata={"fake:fail_spawn": "*"})
    path = f"/servers/{server}/scheduling"

    told, own = _told(call, path)["scheduling"], _told(call, path, "alice")["scheduling"]

    assert (own["code"], own["hosts"], own["reasons"]) == ("RETRIES_EXHAUSTED", None, [])
    assert "canary" not in orjson.dumps(own).decode()
    assert "canary" not in orjson.dumps(_told(call, f"/servers/{server}", "alice")).decode()
    assert {one["host"] for one in told["tried"]} == set(_HOSTS)
    assert told["explanation"] is None


def test_what_went_wrong_otherwise_has_its_own_code(cloud: BootCloud, call: Call) -> None:
    server = _created(cloud, call, "1", "active")
    fault = {"machine_code": "HYPERVISOR_ERROR", "message": "no", "created_at": cloud.books.now()}

    def work(db: Session) -> None:
        db.add(InstanceFault(instance_uuid=server, code=500, **fault))
        here = Instance.uuid == server
        db.execute(sa.update(Instance).where(here).values(vm_state="error"))

    cloud.books.write(work)

    shown = _told(call, f"/servers/{server}", "alice")["server"]["fault"]

    assert shown["minicloud:code"] == "HYPERVISOR_ERROR"
    assert "minicloud:reasons" not in shown


def test_the_explanation_is_kept_once_and_with_the_action(cloud: BootCloud, refused: str) -> None:
    def work(db: Session) -> tuple[Any, Any]:
        action = sa.select(InstanceAction.decision).where(InstanceAction.instance_uuid == refused)
        fault = sa.select(InstanceFault.details).where(InstanceFault.instance_uuid == refused)
        return db.scalars(action).one(), db.scalars(fault).one()

    decision, details = cloud.books.read(work)

    assert len(decision["explanation"]["refused"]) == 3
    assert "explanation" not in details
