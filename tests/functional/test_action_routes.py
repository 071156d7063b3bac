"""Every action over HTTP: what it answers, to whom, in which version, and what it leads to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import webob

from minicloud.api.app import WsgiApp, load
from minicloud.db import images
from minicloud.zones.base import ZoneHolder
from tests.functional.boot_cloud import BootCloud, boot_cloud, eventually
from tests.functional.things import IMAGE, add_image

LIVE = {"os-migrateLive": {"host": None, "block_migration": False, "disk_over_commit": False}}


class Client:
    """Speaks HTTP to the compute API of a cloud in this process."""

    def __init__(self, cloud: BootCloud, app: WsgiApp) -> None:
        self.cloud, self._app = cloud, app
        self.uuid = cloud.create()
        cloud.wait(self.uuid, "active")

    def call(
        self, verb: str, path: str, body: Any = None, *, version: int = 1, who: str = "admin"
    ) -> webob.Response:
        request = webob.Request.blank(f"/compute/v2.1{path}", method=verb)
        request.headers["X-Auth-Token"] = f"{who}:p1"
        request.headers["OpenStack-API-Version"] = f"compute 2.{version}"
        if body is not None:
            request.content_type, request.body = "application/json", orjson.dumps(body)
        return request.get_response(self._app)

    def act(self, body: Any, **how: Any) -> webob.Response:
        return self.call("POST", f"/servers/{self.uuid}/action", body, **how)

    def show(self, version: int = 1) -> dict[str, Any]:
        reply = self.call("GET", f"/servers/{self.uuid}", version=version)
        server: dict[str, Any] = reply.json["server"]
        return server

    def becomes(self, status: str) -> dict[str, Any]:
        """The server once it is at rest in this status; fails when it rests in another."""

        def at_rest() -> dict[str, Any] | None:
            server = self.show()
            busy = server["OS-EXT-STS:task_state"] or server["status"] == "VERIFY_RESIZE" != status
            return None if busy else server

        server = eventually(at_rest)
        assert server["status"] == status
        return server


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with boot_cloud(tmp_path) as cloud:
        add_image(cloud.books)
        app = load(cloud.conf, cloud.books, ZoneHolder(cloud.zone), name="main_noauth2")
        yield Client(cloud, app)


WALKS: dict[str, list[tuple[Any, int, str]]] = {
    "pause": [({"pause": None}, 202, "PAUSED"), ({"unpause": None}, 202, "ACTIVE")],
    "suspend": [({"suspend": None}, 202, "SUSPENDED"), ({"resume": None}, 202, "ACTIVE")],
    "rescue": [({"rescue": None}, 200, "RESCUE"), ({"unrescue": None}, 202, "ACTIVE")],
    "shelve": [({"shelve": None}, 202, "SHELVED_OFFLOADED"), ({"unshelve": None}, 202, "ACTIVE")],
    "resize": [
        ({"resize": {"flavorRef": "2"}}, 202, "VERIFY_RESIZE"),
        ({"confirmResize": None}, 204, "ACTIVE"),
    ],
    "revert": [
        ({"resize": {"flavorRef": "2"}}, 202, "VERIFY_RESIZE"),
        ({"revertResize": None}, 202, "ACTIVE"),
    ],
    "migrate": [
        ({"migrate": None}, 202, "VERIFY_RESIZE"),
        ({"confirmResize": None}, 204, "ACTIVE"),
    ],
    "live": [
        (
            LIVE,
            202,
            "ACTIVE",
        )
    ],
    "password": [({"changePassword": {"adminPass": "x"}}, 202, "ACTIVE")],
    "state": [
        ({"os-resetState": {"state": "error"}}, 202, "ERROR"),
        ({"reboot": {"type": "HARD"}}, 202, "ACTIVE"),
    ],
    "lock": [({"lock": None}, 202, "ACTIVE"), ({"unlock": None}, 202, "ACTIVE")],
    "rebuild": [({"rebuild": {"imageRef": IMAGE}}, 202, "ACTIVE")],
    "image": [({"createImage": {"name": "snap"}}, 202, "ACTIVE")],
    "backup": [
        ({"createBackup": {"name": "b", "backup_type": "daily", "rotation": 1}}, 202, "ACTIVE")
    ],
}  # fmt: skip


@pytest.mark.parametrize("walk", sorted(WALKS))
def test_an_action_answers_as_novas_and_leads_where_novas_does(client: Client, walk: str) -> None:
    for body, code, status in WALKS[walk]:
        reply = client.act(body)

        assert reply.status_int == code, reply.text
        client.becomes(status)


ADMINS = {
    "migrate": {"migrate": None},
    "live": {
        "os-migrateLive": {"host": None, "block_migration": False, "disk_over_commit": False}
    },
    "evacuate": {"evacuate": {"onSharedStorage": False}},
    "state": {"os-resetState": {"state": "error"}},
    "offload": {"shelveOffload": None},
}


@pytest.mark.parametrize("name", sorted(ADMINS))
def test_what_touches_hosts_is_for_administrators(client: Client, name: str) -> None:
    reply = client.act(ADMINS[name], who="alice")

    assert reply.status_int == 403
    assert reply.json["forbidden"]["message"].startswith("Policy doesn't allow os_compute_api:")


WRONG = {
    "unpause": {"unpause": None},
    "resume": {"resume": None},
    "unrescue": {"unrescue": None},
    "confirmResize": {"confirmResize": None},
    "revertResize": {"revertResize": None},
    "unshelve": {"unshelve": None},
    "shelveOffload": {"shelveOffload": None},
    "restore": {"restore": None},
    "start": {"os-start": None},
}


@pytest.mark.parametrize("word", sorted(WRONG))
def test_a_wrong_state_is_a_conflict_in_novas_words(client: Client, word: str) -> None:
    reply = client.act(WRONG[word])

    assert reply.status_int == 409
    assert reply.json["conflictingRequest"]["message"] == (
        f"Cannot '{word}' instance {client.uuid} while it is in vm_state active"
    )


BAD = {
    "same flavor": {"resize": {"flavorRef": "1"}},
    "no flavor": {"resize": {"flavorRef": "nope"}},
    "no image": {"rebuild": {"imageRef": "aaaaaaaa-2222-4333-8444-555555555555"}},
    "no rescue image": {"rescue": {"rescue_image_ref": "aaaaaaaa-2222-4333-8444-555555555555"}},
    "no password": {"changePassword": {}},
    "no state": {"os-resetState": {"state": "shiny"}},
    "no host": {
        "os-migrateLive": {"host": "nope", "block_migration": False, "disk_over_commit": False}
    },
    "negative rotation": {"createBackup": {"name": "b", "backup_type": "d", "rotation": -1}},
    "no name": {"createImage": {"name": ""}},
    "still up": {"evacuate": {"onSharedStorage": False}},
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_request_is_told_so_and_changes_nothing(client: Client, name: str) -> None:
    reply = client.act(BAD[name])

    assert reply.status_int == 400
    assert reply.json["badRequest"]["message"]
    assert client.becomes("ACTIVE")


def test_a_rescue_answers_a_password(client: Client) -> None:
    made = client.act({"rescue": None}).json
    client.becomes("RESCUE")
    client.act({"unrescue": None})
    client.becomes("ACTIVE")
    given = client.act({"rescue": {"adminPass": "mine"}}).json

    assert len(made["adminPass"]) == 12
    assert given == {"adminPass": "mine"}


def test_a_rebuild_answers_the_server(client: Client) -> None:
    body = {"imageRef": IMAGE, "name": "anew", "metadata": {"a": "b"}, "adminPass": "p"}

    reply = client.act({"rebuild": body})

    server = reply.json["server"]
    assert (server["name"], server["metadata"], server["adminPass"]) == ("anew", {"a": "b"}, "p")
    assert server["image"]["id"] == IMAGE
    assert server["status"] in ("REBUILD", "ACTIVE")
    assert reply.headers["Location"].endswith(client.uuid)


@pytest.mark.parametrize("version", [1, 44, 45, 104])
def test_the_id_of_a_snapshot_is_in_the_header_or_the_body(client: Client, version: int) -> None:
    reply = client.act({"createImage": {"name": "snap"}}, version=version)
    client.becomes("ACTIVE")

    if version < 45:
        ref = reply.headers["Location"].rsplit("/", 1)[1]
        assert reply.body == b""
    else:
        ref = reply.json["image_id"]
    image = client.cloud.books.read(lambda db: images.get(db, ref, "p1", is_admin=False))
    assert image is not None
    assert image.status == "active"


def test_the_reason_of_a_lock_is_shown_from_2_73(client: Client) -> None:
    reply = client.act({"lock": {"locked_reason": "busy"}}, version=73)

    assert reply.status_int == 202
    assert client.show(73)["locked"] is True
    assert client.show(73)["locked_reason"] == "busy"
    assert "locked_reason" not in client.show(72)


@pytest.mark.parametrize(
    ("body", "since"),
    [
        ({"migrate": {"host": "node2"}}, 56),
        ({"unshelve": {"availability_zone": "nova"}}, 77),
        ({"lock": {"locked_reason": "x"}}, 73),
    ],
)
def test_what_a_version_does_not_know_it_ignores_where_it_had_no_schema(
    client: Client, body: dict[str, Any], since: int
) -> None:
    before = client.act(body, version=since - 1)

    assert before.status_int in (202, 409)


def test_a_task_is_shown_in_novas_words(client: Client) -> None:
    with client.cloud.books.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE instances SET meta = ?", ('{"fake:spawn_s": "1"}',))
    client.act({"os-migrateLive": {"host": None, "block_migration": "auto"}}, version=30)
    seen = set()

    def over() -> bool:
        server = client.show()
        seen.add((server["status"], server["OS-EXT-STS:task_state"]))
        return server["OS-EXT-STS:task_state"] is None

    eventually(over)
    assert seen <= {("MIGRATING", "migrating"), ("ACTIVE", None)}
    assert ("MIGRATING", "migrating") in seen


def test_a_crash_dump_is_more_than_a_simulated_guest_can_do(client: Client) -> None:
    assert client.act({"trigger_crash_dump": None}, version=16).status_int == 404
    assert client.act({"trigger_crash_dump": None}, version=17).status_int == 501


def test_an_evacuation_answers_a_password_up_to_2_13(client: Client) -> None:
    host = client.show()["OS-EXT-SRV-ATTR:host"]
    with client.cloud.books.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE services SET forced_down = 1 WHERE host = ?", (host,))

    reply = client.act({"evacuate": {"onSharedStorage": False}}, version=13)

    assert (reply.status_int, len(reply.json["adminPass"])) == (200, 12)
    assert client.becomes("ACTIVE")["OS-EXT-SRV-ATTR:host"] != host


def test_a_console_has_an_address_that_shows_it(client: Client) -> None:
    body = {"remote_console": {"protocol": "vnc", "type": "novnc"}}
    made = client.call("POST", f"/servers/{client.uuid}/remote-consoles", body, version=6).json
    old = client.act({"os-getVNCConsole": {"type": "novnc"}}, version=5).json
    token = made["remote_console"]["url"].partition("token=")[2]
    found = client.call("GET", f"/os-console-auth-tokens/{token}", version=31).json

    assert made["remote_console"]["url"].startswith("http://localhost/console/?token=")
    assert old["console"]["type"] == "novnc"
    assert found["console"]["instance_uuid"] == client.uuid
    assert client.call("GET", f"/os-console-auth-tokens/{token}", version=30).status_int == 401
    assert client.act({"os-getVNCConsole": {"type": "novnc"}}, version=6).status_int == 404
