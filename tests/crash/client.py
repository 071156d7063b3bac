"""A client of the public interfaces by plain HTTP, as anybody could write one."""

from collections.abc import Mapping
from typing import Any

import requests

NANO = "42"
SECONDS = 60.0  # longer than any answer takes, so that a hang is an error


class Client:
    """One user. `session`: keeps its connections; otherwise each request opens one."""

    IMAGE = "the image"  # stands for its id, where that is not known yet

    def __init__(self, url: str, password: str, *, keep_alive: bool = False) -> None:
        self.url, self._password = url, password
        self._session = requests.Session() if keep_alive else None
        self._headers: dict[str, str] = {}
        self.image = ""

    def like(self, *, keep_alive: bool) -> "Client":
        """Another client of the same user, who need not log in again."""
        other = Client(self.url, self._password, keep_alive=keep_alive)
        other._headers, other.image = self._headers, self.image
        return other

    def log_in(self) -> "Client":
        domain = {"id": "default"}
        user = {"name": "admin", "domain": domain, "password": self._password}
        body = {
            "auth": {
                "identity": {"methods": ["password"], "password": {"user": user}},
                "scope": {"project": {"name": "admin", "domain": domain}},
            }
        }
        answer = requests.post(f"{self.url}/identity/v3/auth/tokens", json=body, timeout=SECONDS)
        assert answer.status_code == 201, answer.text
        self._headers = {"X-Auth-Token": answer.headers["X-Subject-Token"]}
        images = self.ask("GET", "/image/v2/images?name=cirros").json()["images"]
        self.image = images[0]["id"]
        return self

    def ask(self, verb: str, path: str, body: Any = None) -> requests.Response:
        send = self._session.request if self._session else requests.request
        return send(verb, f"{self.url}{path}", json=body, headers=self._headers, timeout=SECONDS)

    def create(
        self,
        name: str,
        meta: Mapping[str, str] | None = None,
        zone: str | None = None,
        flavor: str = NANO,
        count: int = 1,
        group: str | None = None,
    ) -> requests.Response:
        server: dict[str, Any] = {"name": name, "flavorRef": flavor, "imageRef": self.image}
        server |= {"min_count": count} if count > 1 else {}
        server |= {"metadata": dict(meta or {}), "networks": "none"}
        if zone:
            server["availability_zone"] = zone
        self._headers["X-OpenStack-Nova-API-Version"] = "2.37"
        hints = {"os:scheduler_hints": {"group": group}} if group else {}
        return self.ask("POST", "/compute/v2.1/servers", {"server": server, **hints})

    def create_group(self, policy: str) -> str:
        self._headers["X-OpenStack-Nova-API-Version"] = "2.37"
        body = {"server_group": {"name": "g", "policies": [policy]}}
        answer = self.ask("POST", "/compute/v2.1/os-server-groups", body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["server_group"]["id"])

    def delete(self, uuid: str) -> requests.Response:
        return self.ask("DELETE", f"/compute/v2.1/servers/{uuid}")

    def act(self, uuid: str, action: str, argument: Any = None) -> requests.Response:
        return self.ask("POST", f"/compute/v2.1/servers/{uuid}/action", {action: argument})

    def show(self, uuid: str) -> requests.Response:
        return self.ask("GET", f"/compute/v2.1/servers/{uuid}")

    def status(self, uuid: str) -> str:
        """The server's status; "404" when there is no such server."""
        answer = self.show(uuid)
        if answer.status_code == 404:
            return "404"
        assert answer.status_code == 200, answer.text
        return str(answer.json()["server"]["status"])
