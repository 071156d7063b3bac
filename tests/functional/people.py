"""Projects, users and roles in a real Keystone, made by its administrator."""

import itertools
from dataclasses import dataclass
from typing import Any

import requests

from minicloud.runtime.servers.keystone import Keystone

_NUMBERS = itertools.count(1)
_PATIENCE_S = 60.0


@dataclass(frozen=True)
class Person:
    """A user who has roles on one project."""

    name: str
    user_id: str
    project: str
    project_id: str
    password: str
    domain_id: str = "default"  # of user and project


class People:
    """Names are made up, so that tests share a Keystone and do not meet."""

    def __init__(self, keystone: Keystone) -> None:
        self.url = keystone.url
        self.admin = Person("admin", "", "admin", "", keystone.password)
        self._token = self.token(self.admin)

    def project(self) -> dict[str, Any]:
        return self.make("projects", name=f"project-{next(_NUMBERS)}", domain_id="default")

    def person(self, *roles: str, project: dict[str, Any] | None = None) -> Person:
        """A new user; without a project it gets one of its own."""
        where = project or self.project()
        name, password = f"user-{next(_NUMBERS)}", "the user's own"
        user = self.make("users", name=name, password=password, domain_id="default")
        found = Person(name, user["id"], where["name"], where["id"], password)
        for role in roles:
            self.give(found, role)
        return found

    def give(self, person: Person, role: str) -> None:
        self.ask("PUT", self._assignment(person, role))

    def take(self, person: Person, role: str) -> None:
        self.ask("DELETE", self._assignment(person, role))

    def make(self, nouns: str, **facts: Any) -> dict[str, Any]:
        noun = nouns[:-1]
        made: dict[str, Any] = self.ask("POST", f"/{nouns}", {noun: facts}).json()[noun]
        return made

    def change(self, nouns: str, ref: str, **facts: Any) -> None:
        self.ask("PATCH", f"/{nouns}/{ref}", {nouns[:-1]: facts})

    def token(self, person: Person, **more: Any) -> str:
        """A new token by the person's password."""
        home = {"id": person.domain_id}
        user = {"name": person.name, "domain": home, "password": person.password}
        identity = {"methods": ["password"], "password": {"user": user}}
        scope = {"project": {"name": person.project, "domain": home}}
        return self.logged_in({"identity": identity, "scope": scope} | more)

    def logged_in(self, auth: dict[str, Any]) -> str:
        answer = requests.post(f"{self.url}/auth/tokens", json={"auth": auth}, timeout=_PATIENCE_S)
        assert answer.status_code == 201, answer.text
        return answer.headers["X-Subject-Token"]

    def revoke(self, token: str) -> None:
        self.ask("DELETE", "/auth/tokens", headers={"X-Subject-Token": token})

    def ask(
        self,
        verb: str,
        path: str,
        body: Any = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """A request, by default the administrator's, which must succeed."""
        sent = {"X-Auth-Token": token or self._token, **(headers or {})}
        answer = requests.request(
            verb, self.url + path, json=body, headers=sent, timeout=_PATIENCE_S
        )
        assert answer.ok, answer.text
        return answer

    def _assignment(self, person: Person, role: str) -> str:
        (found,) = self.ask("GET", f"/roles?name={role}").json()["roles"]
        return f"/projects/{person.project_id}/users/{person.user_id}/roles/{found['id']}"
