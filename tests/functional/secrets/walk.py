"""A walk through a cloud that puts a secret into every field that can hold one."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import requests

from tests.functional.secrets.canaries import (
    ADMIN,
    FAULT,
    ITSELF,
    PROJECT,
    STRANGER,
    Canaries,
    Found,
)

_PATIENCE_S: Final = 90.0
_DOMAIN: Final = {"id": "default"}
_READ: Final = (  # below a project, as whoever asks may
    *("/servers", "/servers/detail", "/os-keypairs", "/limits", "/os-server-groups", "/flavors"),
    *("/os-migrations", "/os-services", "/os-hypervisors/detail", "/os-simple-tenant-usage"),
    *("/os-aggregates", "/servers/detail?all_tenants=1", "/os-instance_usage_audit_log"),
)
_OF_SERVER: Final = (
    *("", "/metadata", "/os-instance-actions", "/diagnostics", "/os-server-password", "/ips"),
    *("/migrations", "/os-interface", "/os-security-groups", "/tags"),
)


@dataclass
class Walk:
    """Who asks, what was answered, and every secret on the way."""

    url: str
    canaries: Canaries
    found: list[Found] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    servers: list[str] = field(default_factory=list)
    _line: requests.Session = field(default_factory=requests.Session)

    def ask(
        self,
        verb: str,
        path: str,
        body: Any = None,
        who: str | None = None,
        place: str = ITSELF,
        version: str = "2.96",
        headers: dict[str, str] | None = None,
        own: tuple[str, ...] = (),
    ) -> requests.Response:
        """`own`: the secrets that this request bears or makes."""
        sent = {"OpenStack-API-Version": f"compute {version}", **(headers or {})}
        if who is not None:
            sent["X-Auth-Token"] = self.tokens[who]
        data = body if isinstance(body, bytes) else body and json.dumps(body)
        sent["Content-Type"] = "application/json"
        answer = self._line.request(verb, self.url + path, data=data, headers=sent, timeout=60)
        self.note(answer, place, f"{verb} {path} as {who}: {answer.status_code}", own)
        return answer

    def note(
        self, answer: requests.Response, place: str, about: str, own: tuple[str, ...] = ()
    ) -> None:
        refused = answer.status_code >= 400
        text = repr(dict(answer.headers)).encode() + answer.content
        kept = frozenset() if refused else frozenset(own)
        self.found.append(Found(FAULT if refused else place, about, text, kept))

    def compute(self, verb: str, path: str, *words: Any, **more: Any) -> requests.Response:
        return self.ask(verb, f"/compute/v2.1{path}", *words, **more)

    def identity(self, verb: str, path: str, *words: Any, **more: Any) -> requests.Response:
        return self.ask(verb, f"/identity/v3{path}", *words, **more)

    def good(self, answer: requests.Response) -> Any:
        assert answer.status_code < 300, (answer.request.url, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    # Who is there.

    def log_in(self, name: str, password: str, project: str, who: str | None = None) -> str:
        """The token, which is a secret too."""
        auth = _login(name, password, project)
        answer = self._line.post(f"{self.url}/identity/v3/auth/tokens", json=auth, timeout=60)
        assert answer.status_code == 201, answer.text
        token = self.canaries.known("a token", answer.headers["X-Subject-Token"])
        self.note(answer, ITSELF, f"log-in of {name}", (token,))
        self.tokens[who or name] = token
        return token

    def people(self, operator: str) -> None:
        self.log_in("admin", operator, "admin")
        made = self.identity("GET", "/roles", who="admin", place=ADMIN)
        roles = {role["name"]: role["id"] for role in self.good(made)["roles"]}
        projects = {}
        for name in ("one", "two"):
            body = {"project": {"name": name, "domain_id": "default"}}
            projects[name] = self.good(self.identity("POST", "/projects", body, "admin"))
        for name, project, role in (
            ("alice", "one", "member"),
            ("carol", "one", "reader"),
            ("mallory", "two", "member"),
        ):
            secret = self.canaries.new("a user's password")
            body = {"user": {"name": name, "domain_id": "default", "password": secret}}
            user = self.good(self.identity("POST", "/users", body, "admin"))["user"]["id"]
            where = projects[project]["project"]["id"]
            path = f"/projects/{where}/users/{user}/roles/{roles[role]}"
            self.good(self.identity("PUT", path, who="admin"))
            self.log_in(name, secret, project)
            if name == "alice":
                self._change_password(user, secret)
                self._application_credentials(user)

    def _change_password(self, user: str, old: str) -> None:
        new = self.canaries.new("a user's password")
        body = {"user": {"original_password": old, "password": new}}
        self.good(self.identity("POST", f"/users/{user}/password", body))
        set_by_admin = self.canaries.new("a user's password")
        body = {"user": {"password": set_by_admin}}
        self.good(self.identity("PATCH", f"/users/{user}", body, "admin", ADMIN))
        self.log_in("alice", set_by_admin, "one")

    def _application_credentials(self, user: str) -> None:
        kind, path = "a secret of an application credential", f"/users/{user}"
        given = self.canaries.new(kind)
        many = f"{path}/application_credentials"
        body = {"application_credential": {"name": "given", "secret": given}}
        made = self.good(self.identity("POST", many, body, "alice", own=(given,)))
        answer = self._line.post(
            f"{self.url}/identity/v3{many}",
            json={"application_credential": {"name": "made"}},
            headers={"X-Auth-Token": self.tokens["alice"]},
            timeout=60,
        )
        secret = self.canaries.known(kind, answer.json()["application_credential"]["secret"])
        self.note(answer, ITSELF, "a new application credential", (secret,))
        ident = made["application_credential"]["id"]
        method = "application_credential"
        auth = {"identity": {"methods": [method], method: {"id": ident, "secret": given}}}
        answer = self._line.post(
            f"{self.url}/identity/v3/auth/tokens", json={"auth": auth}, timeout=60
        )
        assert answer.status_code == 201, answer.text
        token = self.canaries.known("a token", answer.headers["X-Subject-Token"])
        self.note(answer, ITSELF, "log-in by an application credential", (token,))
        self.identity("GET", many, who="alice", place=PROJECT)
        self.identity("GET", f"{many}/{ident}", who="alice", place=PROJECT)

    # What is done with servers.

    def lives(self) -> None:
        ref = self._boot()
        self._passwords(ref)
        self._consoles(ref)
        self._key_pairs()
        headers = {"X-Service-Token": self.canaries.new("a token of a service")}
        self.compute("GET", "/servers/detail", who="alice", place=PROJECT, headers=headers)
        subject = {"X-Subject-Token": self.tokens["alice"]}
        own = (self.tokens["alice"],)
        self.identity("GET", "/auth/tokens", who="alice", headers=subject, own=own)

    def _boot(self) -> str:
        password = self.canaries.new("a password of a guest")
        meta, data = self.canaries.new("metadata"), self.canaries.encoded("user data")
        images = self.good(self.ask("GET", "/image/v2/images", who="alice", place=PROJECT))
        self.image = images["images"][0]["id"]
        self.wanted = {"name": "vm", "flavorRef": "42", "imageRef": self.image}
        wanted = self.wanted | {"adminPass": password, "user_data": data, "networks": "auto"}
        body = {"server": wanted | {"metadata": {"password": meta}}}
        own = (password, meta, data)
        made = self.good(self.compute("POST", "/servers", body, "alice", own=own))
        ref: str = made["server"]["id"]
        self.servers.append(ref)
        self.rests(ref, "ACTIVE")
        more = self.canaries.new("metadata")
        body = {"metadata": {"api_token": more}}
        self.good(self.compute("POST", f"/servers/{ref}/metadata", body, "alice", own=(more,)))
        return ref

    def _passwords(self, ref: str) -> None:
        for action, more, rests in (
            ("changePassword", {}, "ACTIVE"),
            ("rebuild", {"imageRef": self.image}, "ACTIVE"),
            ("rescue", {}, "RESCUE"),
        ):
            password = self.canaries.new("a password of a guest")
            wish = {"adminPass": password, **more}
            own: tuple[str, ...] = (password,)
            if action == "rebuild":
                wish["user_data"] = self.canaries.encoded("user data")
                wish["metadata"] = {"password": self.canaries.new("metadata")}
                own += (wish["user_data"], wish["metadata"]["password"])
            done = self.compute("POST", f"/servers/{ref}/action", {action: wish}, "alice", own=own)
            assert done.status_code < 300, done.text
            if action == "rebuild":
                assert password in done.text  # what is looked for can be found
            self.rests(ref, rests)
        self.good(self.compute("POST", f"/servers/{ref}/action", {"unrescue": None}, "alice"))
        self.rests(ref, "ACTIVE")
        self._evacuate(ref)

    def _evacuate(self, ref: str) -> None:
        shown = self.compute("GET", f"/servers/{ref}", who="admin", place=ADMIN)
        host = self.good(shown)["server"]["OS-EXT-SRV-ATTR:host"]
        body = {"binary": "nova-compute", "host": host, "forced_down": True}
        path = "/os-services/force-down"
        self.good(self.compute("PUT", path, body, "admin", ADMIN, version="2.11"))
        password = self.canaries.new("a password of a guest")
        wish = {"evacuate": {"adminPass": password, "onSharedStorage": "False"}}
        where, own = f"/servers/{ref}/action", (password,)
        done = self.compute("POST", where, wish, "admin", version="2.1", own=own)
        assert done.status_code < 300, done.text
        self.rests(ref, "ACTIVE")

    def _consoles(self, ref: str) -> None:
        body = {"remote_console": {"protocol": "vnc", "type": "novnc"}}
        answer = self._line.post(
            f"{self.url}/compute/v2.1/servers/{ref}/remote-consoles",
            json=body,
            headers={
                "X-Auth-Token": self.tokens["alice"],
                "OpenStack-API-Version": "compute 2.96",
            },
            timeout=60,
        )
        url = self.good(answer)["remote_console"]["url"]
        token = self.canaries.known("a token of a console", url.rpartition("=")[2])
        self.note(answer, ITSELF, "a console", (token,))
        self.ask("GET", f"/console/?token={token}")
        self.compute("GET", f"/os-console-auth-tokens/{token}", who="admin", place=ADMIN)
        wrong = self.canaries.new("a token that is none")
        self.ask("GET", f"/console/?token={wrong}")
        self.compute("GET", f"/os-console-auth-tokens/{wrong}", who="admin", place=ADMIN)
        output: dict[str, Any] = {"os-getConsoleOutput": {}}
        self.compute("POST", f"/servers/{ref}/action", output, "alice", PROJECT)

    def _key_pairs(self) -> None:
        for kind in ("ssh", "x509"):
            answer = self._line.post(
                f"{self.url}/compute/v2.1/os-keypairs",
                json={"keypair": {"name": kind, "type": kind}},
                headers={
                    "X-Auth-Token": self.tokens["alice"],
                    "OpenStack-API-Version": "compute 2.20",
                },
                timeout=60,
            )
            lines = self.good(answer)["keypair"]["private_key"].splitlines()
            own = tuple(self.canaries.known("a private key", line) for line in lines[-8:-5])
            self.note(answer, ITSELF, "a new key pair", own)

    def rests(self, ref: str, status: str) -> None:
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            shown = self.compute("GET", f"/servers/{ref}", who="admin", place=ADMIN)
            server = self.good(shown)["server"]
            if server["status"] == status and server["OS-EXT-STS:task_state"] is None:
                return
            time.sleep(0.05)
        raise AssertionError(f"it is not {status} but {server['status']}, {server.get('fault')}")

    # What goes wrong.

    def mistakes(self) -> None:
        """A secret in every request that is refused, in as many ways as there are."""
        new = self.canaries.new
        none, wrong = "a token that is none", "a password that is wrong"
        for path in ("/compute/v2.1/servers", "/image/v2/images", "/identity/v3/auth/projects"):
            self.ask("GET", path, headers={"X-Auth-Token": new(none)})
        self.identity("GET", "/auth/tokens", who="admin", headers={"X-Subject-Token": new(none)})
        auth = "/auth/tokens"
        self.identity("POST", auth, {"auth": _with(new(none))})
        self.identity("POST", auth, _login("alice", new(wrong), "one"))
        self.identity("POST", auth, _login("nobody", new(wrong), "one"))
        self.identity("POST", auth, _login("alice", new(wrong) * 300, "one"))
        self.identity("POST", auth, _login("alice", [new(wrong)], "one"))
        typed = _login("alice", new(wrong), "one")
        typed["auth"]["scope"] = {"project": new(wrong)}
        self.identity("POST", auth, typed)
        self.identity("POST", auth, json.dumps(_login("alice", new(wrong), "one"))[:-3].encode())
        self._mistakes_with_servers()

    def _mistakes_with_servers(self) -> None:
        kind, ref = "a password in a bad request", self.servers[0]
        good = self.wanted | {"networks": "auto"}

        def secret() -> str:
            return self.canaries.new(kind)

        for server in (
            good | {"adminPass": [secret()]},
            good | {"adminPass": {"a": secret()}},
            good | {"adminPass": secret() * 20},
            good | {"adminPass": secret(), "nobody_knows": 1},
            good | {"adminPass": secret(), "name": ""},
            good | {"adminPass": secret(), "imageRef": "none"},
            good | {"adminPass": secret(), "flavorRef": "none"},
            good | {"adminPass": secret(), "min_count": 500},
            good | {"adminPass": secret(), "metadata": {"x" * 300: "y"}},
            [good | {"adminPass": secret()}],
        ):
            self.compute("POST", "/servers", {"server": server}, "alice")
        for data in ("!!" + self.canaries.new("user data in a bad request"), 7):
            self.compute("POST", "/servers", {"server": good | {"user_data": data}}, "alice")
        data = self.canaries.encoded("user data in a bad request")
        body = {"server": good | {"user_data": data, "key_name": 7}}
        self.compute("POST", "/servers", body, "alice")
        for action in ("changePassword", "rebuild", "rescue", "evacuate"):
            for wish in (
                {"adminPass": [secret()]},
                {"adminPass": secret() * 20, "imageRef": self.image},
                {"adminPass": secret(), "nobody_knows": 1},
                [{"adminPass": secret()}],
            ):
                self.compute("POST", f"/servers/{ref}/action", {action: wish}, "alice")
            both = {action: {"adminPass": secret()}, "os-stop": None}
            self.compute("POST", f"/servers/{ref}/action", both, "alice")
            missing = f"/servers/{ref[:-4]}0000/action"
            self.compute("POST", missing, {action: {"adminPass": secret()}}, "alice")
        text = json.dumps({"server": good | {"adminPass": secret()}}).encode()
        for broken in (text[:-2], b"\xff" + text, text.replace(b'"vm"', b'"\\u0000"')):
            self.compute("POST", "/servers", broken, "alice")
        pasted = "\n".join(
            ("-----BEGIN PRIVATE KEY-----", self.canaries.new("a private key in a bad request"))
        )
        for key in ("ssh", "x509"):
            pair = {"name": "pasted", "type": key, "public_key": pasted}
            self.compute("POST", "/os-keypairs", {"keypair": pair}, "alice", version="2.2")

    def crash(self) -> None:
        """With secrets in the body; whoever calls has broken something before."""
        secret, data = "a password in a bad request", "user data in a bad request"
        wanted = self.wanted | {"adminPass": self.canaries.new(secret), "networks": "auto"}
        body = {"server": wanted | {"user_data": self.canaries.encoded(data)}}
        answer = self.compute("POST", "/servers", body, "alice")
        assert answer.status_code in (500, 503), (answer.status_code, answer.text)
        change = {"changePassword": {"adminPass": self.canaries.new(secret)}}
        self.compute("POST", f"/servers/{self.servers[0]}/action", change, "alice")

    # What others see.

    def look(self) -> None:
        for who, place in (
            ("alice", PROJECT),
            ("carol", PROJECT),
            ("mallory", STRANGER),
            ("admin", ADMIN),
        ):
            for path in _READ:
                self.compute("GET", path, who=who, place=place)
            for ref in self.servers:
                for below in _OF_SERVER:
                    self.compute("GET", f"/servers/{ref}{below}", who=who, place=place)
                listed = self.compute(
                    "GET", f"/servers/{ref}/os-instance-actions", who=who, place=place
                )
                if listed.status_code != 200:
                    continue
                for action in listed.json()["instanceActions"]:
                    path = f"/servers/{ref}/os-instance-actions/{action['request_id']}"
                    self.compute("GET", path, who=who, place=place)
            for path in ("/users", "/projects", "/credentials", "/role_assignments"):
                self.identity("GET", path, who=who, place=place)


@contextmanager
def seen(walk: Walk) -> Iterator[None]:
    """The cloud is used, and everybody looks at it."""
    walk.lives()
    walk.mistakes()
    yield
    walk.look()


def _login(name: str, password: Any, project: str) -> dict[str, Any]:
    user = {"name": name, "domain": _DOMAIN, "password": password}
    scope = {"project": {"name": project, "domain": _DOMAIN}}
    identity = {"methods": ["password"], "password": {"user": user}}
    return {"auth": {"identity": identity, "scope": scope}}


def _with(token: str) -> dict[str, Any]:
    return {"identity": {"methods": ["token"], "token": {"id": token}}}
