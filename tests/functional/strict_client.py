"""A client as strict as compiled ones: it decodes every field, and waits as terraform does.

The status of a server on the way to the one that is waited for must be one that was foreseen;
anything else is an error, as in terraform's StateChangeConf.
"""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Mapping
from email.message import Message
from typing import Any, Final

from tests.functional.clouds import PASSWORD, Cloud

GONE: Final = "DELETED"  # what terraform calls a server that is answered with 404
_PATIENCE_S: Final = 60.0
_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_WITHOUT_ZONE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")


class Answer:
    def __init__(self, status: int, headers: Message, body: bytes) -> None:
        self.status, self.headers = status, headers
        self.json: Any = json.loads(body) if body else None


def ask(verb: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, dict(headers or {}), method=verb)
    request.add_header("Accept", "application/json")
    if data is not None:
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_S) as reply:
            return Answer(reply.status, reply.headers, reply.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())


class Client:
    """Logged in; addresses are those of the catalogue."""

    def __init__(self, cloud: Cloud, user: str = "admin") -> None:
        domain = {"id": "default"}
        person = {"name": user, "password": PASSWORD, "domain": domain}
        identity = {"methods": ["password"], "password": {"user": person}}
        scope = {"project": {"name": user, "domain": domain}}
        body = {"auth": {"identity": identity, "scope": scope}}
        made = ask("POST", f"{cloud.url}/identity/v3/auth/tokens", body)
        assert made.status == 201, made.json
        self.token = made.headers["X-Subject-Token"]
        self.project: str = made.json["token"]["project"]["id"]
        self.addresses = {
            entry["type"]: end["url"].rstrip("/")
            for entry in made.json["token"]["catalog"]
            for end in entry["endpoints"]
            if end["interface"] == "public"
        }

    def call(
        self,
        verb: str,
        path: str,
        body: Any = None,
        *,
        wants: Collection[int] = (200,),
        version: str | None = None,
        service: str = "compute",
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        sent = {"X-Auth-Token": self.token, **(headers or {})}
        if version:  # gophercloud sends both
            sent["OpenStack-API-Version"] = f"compute {version}"
            sent["X-OpenStack-Nova-API-Version"] = version
        answer = ask(verb, self.addresses[service] + path, body, sent)
        assert answer.status in wants, (verb, path, answer.status, answer.json)
        return answer.json

    def act(self, ref: str, key: str, body: Any = None, wants: Collection[int] = (202,)) -> Any:
        return self.call("POST", f"/servers/{ref}/action", {key: body}, wants=wants)

    def server(self, ref: str) -> dict[str, Any]:
        return decoded(self.call("GET", f"/servers/{ref}")["server"])

    def wait(self, ref: str, pending: Collection[str], target: Collection[str]) -> list[str]:
        """Ask until it is in a target status; returns what was seen on the way."""
        seen: list[str] = []
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            status = self._status(ref)
            if not seen or seen[-1] != status:
                seen.append(status)
            if status in target:
                return seen
            assert status in pending, f"unexpected state {seen}, wanted {target}"
            time.sleep(0.02)
        raise AssertionError(f"it does not become {target}: {seen}")

    def _status(self, ref: str) -> str:
        answer = self.call("GET", f"/servers/{ref}", wants=(200, 404))
        return str(decoded(answer["server"])["status"]) if "server" in answer else GONE


def decoded(server: dict[str, Any]) -> dict[str, Any]:
    """As gophercloud's structure takes it; AssertionError where a Go program would fail."""
    for key in ("created", "updated"):
        assert _RFC3339.fullmatch(server[key]), (key, server[key])
    for key in ("OS-SRV-USG:launched_at", "OS-SRV-USG:terminated_at"):
        moment = server.get(key)
        assert moment is None or _WITHOUT_ZONE.fullmatch(moment), (key, moment)
    for key in ("id", "name", "status", "tenant_id", "user_id", "hostId", "accessIPv4"):
        assert isinstance(server[key], str), key
    assert server["image"] == "" or isinstance(server["image"]["id"], str)
    assert isinstance(server["flavor"], dict)
    assert isinstance(server["addresses"], dict)
    for addresses in server["addresses"].values():
        for each in addresses:
            assert (isinstance(each["addr"], str), each["version"] in (4, 6)) == (True, True)
    assert all(isinstance(text, str) for text in server["metadata"].values())
    assert type(server.get("progress", 0)) is int
    assert type(server["OS-EXT-STS:power_state"]) is int
    assert isinstance(server.get("OS-EXT-STS:task_state") or "", str)
    assert isinstance(server["key_name"] or "", str)
    assert isinstance(server["config_drive"], str)
    assert isinstance(server["os-extended-volumes:volumes_attached"], list)
    assert all(isinstance(each["name"], str) for each in server.get("security_groups", []))
    assert all({"href", "rel"} <= link.keys() for link in server["links"])
    if "fault" in server:
        assert _RFC3339.fullmatch(server["fault"]["created"])
        assert type(server["fault"]["code"]) is int
        assert isinstance(server["fault"]["message"], str)
    return server
