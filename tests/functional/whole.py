"""The pipeline `main` over real books, whole: log-ins, tokens, images, servers; nobody builds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import webob
from oslo_config import cfg

from minicloud import conf as options
from minicloud.api.app import load
from minicloud.auth.choice import authenticator
from minicloud.cmd.bootstrap import bootstrap
from minicloud.cmd.parts import refused_by
from minicloud.db import schema, services
from minicloud.db.engine import Database
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.conductor import ConductorClient
from minicloud.rpc.direct import DirectLine
from minicloud.servicegroup.base import COMPUTE
from minicloud.servicegroup.drivers.db import DbDriver
from minicloud.zones.base import ZoneHolder
from minicloud.zones.local import LocalZone
from minicloud.zones.wakes import Wakes
from tests.contract.db.rows import add_host
from tests.functional.service_client import PASSWORD, TestClock, login

COMPUTE_URL, IDENTITY, IMAGE = "/compute/v2.1", "/identity/v3", "/image/v2"


@dataclass(frozen=True)
class Person:
    """Who has a password, roles on one project, and a token that tells so."""

    name: str
    user_id: str
    project: str  # its name
    project_id: str
    token: str


class Whole:
    """Real clients, and rows for hosts; its clock is put forward by hand."""

    def __init__(
        self, directory: Path, pipeline: str = "main", config: str = "", **overrides: Any
    ) -> None:
        """`config` is the text of its file; `group__option` overrides it."""
        conf = options.register_opts(cfg.ConfigOpts())
        (directory / "minicloud.conf").write_text(config)
        files = [str(directory / "minicloud.conf")]
        conf([], default_config_files=files, default_config_dirs=[])
        conf.set_override("state_path", str(directory))
        conf.set_override("bcrypt_rounds", 4, "identity")
        for name, value in overrides.items():
            group, _, option = name.rpartition("__")
            conf.set_override(option, value, group or None)
        self.conf, self.clock = conf, TestClock()
        self.books = books = Database(f"sqlite:///{directory / 'books.sqlite'}", self.clock)
        schema.create(books)
        bootstrap(books, conf, PASSWORD)
        books.write(lambda db: services.seen(db, COMPUTE, ["node1", "node2"], books.now()))
        for host in ("node1", "node2"):
            add_host(books, host)
        line = DirectLine()
        compute = ComputeClient(line)
        wakes = Wakes(ConductorClient(line), compute)
        self.zone = LocalZone(conf, books, DbDriver(conf, books), wakes, compute, refused_by(conf))
        self.authenticator = authenticator(conf, books)
        self.app = load(conf, books, self.authenticator, ZoneHolder(self.zone), name=pipeline)
        self._admin: Person | None = None

    def ask(
        self,
        verb: str,
        path: str,
        body: Any = None,
        who: Person | str | None = None,
        *,
        version: int = 1,
        headers: Mapping[str, str] | None = None,
    ) -> webob.Response:
        """`path` from the root of the host; a body that is no bytes is sent as JSON."""
        request = webob.Request.blank(path, base_url="http://cloud:8774", method=verb)
        request.headers["OpenStack-API-Version"] = f"compute 2.{version}"
        if who is not None:
            request.headers["X-Auth-Token"] = who.token if isinstance(who, Person) else who
        if body is not None:
            request.content_type = "application/json"
            request.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        request.headers.update(headers or {})
        return request.get_response(self.app)

    def compute(self, verb: str, path: str, *words: Any, **more: Any) -> webob.Response:
        return self.ask(verb, COMPUTE_URL + path, *words, **more)

    def identity(self, verb: str, path: str, *words: Any, **more: Any) -> webob.Response:
        return self.ask(verb, IDENTITY + path, *words, **more)

    def image(self, verb: str, path: str, *words: Any, **more: Any) -> webob.Response:
        return self.ask(verb, IMAGE + path, *words, **more)

    def token(self, user: str, project: str | None = None, password: str = PASSWORD) -> str:
        answer = self.identity("POST", "/auth/tokens", login(user, project, password))
        assert answer.status_int == 201, answer.text
        return str(answer.headers["X-Subject-Token"])

    @property
    def admin(self) -> Person:
        if self._admin is None:
            self._admin = self._seen("admin", "admin", self.token("admin", "admin"))
        return self._admin

    def person(
        self,
        name: str,
        project: str,
        roles: tuple[str, ...] = ("member", "reader"),
        domain: str = "default",
    ) -> Person:
        """A new user; project and roles are made where they are not there."""
        user = {"name": name, "password": PASSWORD, "domain_id": domain}
        user_id = self.made("users", user)["id"]
        where = {"name": project, "domain_id": domain}
        project_id = (self.named("projects", project) or self.made("projects", where))["id"]
        for role in roles:
            role_id = (self.named("roles", role) or self.made("roles", {"name": role}))["id"]
            path = f"/projects/{project_id}/users/{user_id}/roles/{role_id}"
            assert self.identity("PUT", path, who=self.admin).status_int == 204
        body = login(name, project)
        body["auth"]["identity"]["password"]["user"]["domain"] = {"id": domain}
        body["auth"]["scope"]["project"]["domain"] = {"id": domain}
        answer = self.identity("POST", "/auth/tokens", body)
        return Person(name, user_id, project, project_id, answer.headers["X-Subject-Token"])

    def made(self, nouns: str, facts: Mapping[str, Any]) -> dict[str, Any]:
        """A new row of the identity service."""
        noun = nouns[:-1]
        answer = self.identity("POST", f"/{nouns}", {noun: dict(facts)}, self.admin)
        assert answer.status_int == 201, answer.text
        found: dict[str, Any] = answer.json[noun]
        return found

    def named(self, nouns: str, name: str) -> dict[str, Any] | None:
        found: list[dict[str, Any]] = self.identity(
            "GET", f"/{nouns}?name={name}", who=self.admin
        ).json[nouns]
        return found[0] if found else None

    def picture(self) -> str:
        """The id of the public image that every new cloud has."""
        listed = self.image("GET", "/images", who=self.admin).json["images"]
        return str(listed[0]["id"])

    def boot(self, who: Person, name: str = "vm", **fields: Any) -> str:
        """The id of a new server."""
        wanted = {"name": name, "flavorRef": "42", "imageRef": self.picture()} | fields
        answer = self.compute("POST", "/servers", {"server": wanted}, who)
        assert answer.status_int == 202, answer.text
        return str(answer.json["server"]["id"])

    def _seen(self, user: str, project: str, token: str) -> Person:
        shown = self.identity(
            "GET", "/auth/tokens", who=token, headers={"X-Subject-Token": token}
        ).json["token"]
        return Person(user, shown["user"]["id"], project, shown["project"]["id"], token)
