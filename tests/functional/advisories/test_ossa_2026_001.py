"""OSSA-2026-001, -004, -010, CVE-2026-22797, -34881, -42997: forged headers, and foreign URLs.

A new middleware believed the identity headers that a client sent; a URL of a client's was fetched;
a service's password was sent to a URL that a client had chosen.
"""

import http.server
import socket
import threading
import urllib.request
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
import webob

from minicloud.api.app import paste_file
from minicloud.api.handlers import server_create
from minicloud.api.middleware.context import Context
from minicloud.api.middleware.identity_headers import IdentityHeaders
from minicloud.auth.authenticator import Authenticator
from minicloud.auth.keystone import Keystone
from tests.functional.advisories import demands_failure
from tests.functional.whole import Person, Whole

_FORGED: Final = "forged-by-a-client"
_CLAIMS: Final = (
    *("X-Identity-Status", "X-Service-Identity-Status", "X-Is-Admin-Project", "X-User"),
    *("X-User-Id", "X-User-Name", "X-User-Domain-Id", "X-User-Domain-Name", "X-Role", "X-Roles"),
    *("X-Project-Id", "X-Project-Name", "X-Project-Domain-Id", "X-Project-Domain-Name"),
    *("X-Tenant", "X-Tenant-Id", "X-Tenant-Name", "X-Domain-Id", "X-Domain-Name"),
    *("X-Service-User-Id", "X-Service-User-Name", "X-Service-Project-Id", "X-Service-Roles"),
    *("X-Service-Catalog", "X-System-Scope", "OpenStack-System-Scope", "X-Trust-Id"),
    *("X-OAuth-Access-Token", "X-Authenticated-Userid", "X-External-User", "X-Is-Admin"),
)
_READ: Final = (
    *("/compute/v2.1/servers", "/compute/v2/servers", "/compute/v2.1/os-services"),
    *("/image/v2/images", "/identity/v3/users", "/identity/v3/auth/projects", "/console/?token=x"),
)
_ELSEWHERE: Final = "http://169.254.169.254/latest"


def _headers(value: str) -> dict[str, str]:
    believed = {"X-Roles": "admin", "X-Identity-Status": "Confirmed", "X-Is-Admin": "True"}
    return dict.fromkeys(_CLAIMS, value) | (believed if value == _FORGED else {})


def forged_headers_open_nothing(cloud: Whole, alice: Person) -> None:
    """Without a token they are nobody's; with one they change not a byte of what is answered."""
    forged = _headers(_FORGED)
    as_admin = forged | {"X-Project-Id": cloud.admin.project_id, "X-User-Id": cloud.admin.user_id}
    for path in _READ:
        for headers in (forged, as_admin):
            alone = cloud.ask("GET", path, headers=headers)
            assert alone.status_int in (401, 404), (path, alone.text)
            honest = cloud.ask("GET", path, who=alice)
            lying = cloud.ask("GET", path, who=alice, headers=headers)
            assert (lying.status_int, lying.body) == (honest.status_int, honest.body), path


def no_pipeline_lets_them_pass(cloud: Whole, patch: pytest.MonkeyPatch) -> None:
    """Whatever is at the end of a pipeline sees none of what a client claims."""
    parser = ConfigParser(strict=True, interpolation=None)
    parser.read(paste_file(cloud.conf))
    pipelines = [name for name in parser.sections() if name.startswith("pipeline:")]
    alone = [name for name in parser.sections() if name.startswith("app:")]
    ends = {parser[name]["pipeline"].split()[-1] for name in pipelines}
    assert {name.removeprefix("app:") for name in alone} == ends  # none is served by itself
    for name in pipelines:
        seen = _seen_at_the_end(cloud, name.removeprefix("pipeline:"), patch)
        assert seen, name
        told = [key for environ in seen for key, value in environ.items() if value == _FORGED]
        assert told == [], (name, told)


def _seen_at_the_end(cloud: Whole, name: str, patch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What reaches the second filter of a pipeline, and the application."""
    seen: list[dict[str, Any]] = []
    with patch.context() as here:

        def passed(self: Any, environ: dict[str, Any], start_response: Any) -> Any:
            seen.append(dict(environ))
            return called(self, environ, start_response)

        from minicloud.api.app import load
        from minicloud.zones.base import ZoneHolder

        app = load(cloud.conf, cloud.books, cloud.authenticator, ZoneHolder(cloud.zone), name=name)
        assert hasattr(app, "_application"), f"{name} begins with its end"
        second = type(app._application)
        called = second.__call__
        here.setattr(second, "__call__", passed)
        request = webob.Request.blank("/v2.1/servers")
        request.headers.update(dict.fromkeys(_CLAIMS, _FORGED))
        request.headers["X-Auth-Token"] = cloud.admin.token
        request.environ["REMOTE_USER"] = _FORGED
        request.environ["AUTH_TYPE"] = _FORGED
        request.get_response(app)
    return seen


@contextmanager
def connections(patch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Whom anybody in this process connects to, or asks a name server for."""
    to: list[Any] = []

    def connected(self: socket.socket, address: Any) -> None:
        to.append(address)
        return connect(self, address)

    def looked_up(host: Any, *words: Any, **more: Any) -> Any:
        to.append((host, words[0] if words else None))
        return resolve(host, *words, **more)

    connect, resolve = socket.socket.connect, socket.getaddrinfo
    with patch.context() as here:
        here.setattr(socket.socket, "connect", connected)
        here.setattr(socket, "getaddrinfo", looked_up)
        yield to


def no_url_of_a_client_is_fetched(cloud: Whole, alice: Person, patch: pytest.MonkeyPatch) -> None:
    server = {"name": "vm", "flavorRef": "42", "imageRef": cloud.picture()}
    image = {"name": "i", "disk_format": "raw", "container_format": "bare"}
    there = {**image, "locations": [{"url": _ELSEWHERE, "metadata": {}}]}
    import_task = {"method": {"name": "web-download", "uri": _ELSEWHERE}}
    queued = cloud.image("POST", "/images", image, alice).json["id"]
    hosts = {"Host": "169.254.169.254", "X-Forwarded-Host": "169.254.169.254"}
    with connections(patch) as to:
        for verb, path, body in (
            ("POST", "/compute/v2.1/servers", {"server": server | {"imageRef": _ELSEWHERE}}),
            ("POST", "/compute/v2.1/servers", {"server": server | {"flavorRef": _ELSEWHERE}}),
            (
                "POST",
                "/compute/v2.1/servers",
                {"server": server | {"imageRef": f"{_ELSEWHERE}/{server['imageRef']}"}},
            ),
            ("POST", "/compute/v2.1/servers", {"server": server | {"user_data": _ELSEWHERE}}),
            (
                "POST",
                "/compute/v2.1/servers",
                {"server": server | {"metadata": {"u": _ELSEWHERE}}},
            ),
            ("POST", "/compute/v2.1/images", {"image": image | {"location": _ELSEWHERE}}),
            ("POST", "/image/v2/images", there),
            ("POST", "/image/v2/images", image | {"copy_from": _ELSEWHERE}),
            ("POST", f"/image/v2/images/{queued}/import", import_task),
            ("POST", "/image/v2/tasks", {"type": "import", "input": {"import_from": _ELSEWHERE}}),
            ("POST", "/identity/v3/auth/tokens", {"auth": {"identity": {"methods": ["token"]}}}),
            ("GET", f"/compute/v2.1/servers?changes-since={_ELSEWHERE}", None),
        ):
            answer = cloud.ask(verb, path, body, alice, headers=hosts)
            assert answer.status_int < 500 or answer.status_int == 501, (path, answer.text)
            moved = {"x-image-meta-location": _ELSEWHERE, "x-glance-api-copy-from": _ELSEWHERE}
            cloud.ask(verb, path, body, alice, headers=moved)
    assert to == []


class _Identity(http.server.BaseHTTPRequestHandler):
    """An identity service that knows nobody, and remembers what it was told."""

    told: list[bytes]

    def do_POST(self) -> None:
        self.told.append(self.rfile.read(int(self.headers["Content-Length"])))
        self._say(401, {"error": {"code": 401, "message": "no", "title": "Unauthorized"}})

    def do_GET(self) -> None:
        here = f"http://127.0.0.1:{self.server.server_port}/v3"  # type: ignore[attr-defined]
        links = [{"rel": "self", "href": here}]
        self._say(200, {"version": {"id": "v3.14", "status": "stable", "links": links}})

    def _say(self, status: int, document: Any) -> None:
        body = orjson.dumps(document)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: Any) -> None: ...


@contextmanager
def an_identity() -> Iterator[tuple[str, list[bytes]]]:
    told: list[bytes] = []
    kind = type("Identity", (_Identity,), {"told": told})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v3", told
        server.shutdown()
        thread.join()


def credentials_go_to_the_configured_identity_alone(
    directory: Path, patch: pytest.MonkeyPatch
) -> None:
    """Whatever a request says of where identity is."""
    with an_identity() as (url, told), an_identity() as (other, told_there):
        config = (
            "[identity]\nexternal = true\n[keystone_authtoken]\nauth_type = password\n"
            f"auth_url = {url}\nusername = nova\npassword = canary-of-the-service\n"
            "user_domain_id = default\nproject_name = service\nproject_domain_id = default\n"
        )
        (directory / "other").mkdir()
        cloud = Whole(directory / "other", config=config)
        place = other.removeprefix("http://").removesuffix("/v3")
        with connections(patch) as to:
            for name in ("Host", "X-Forwarded-Host", "X-Auth-Url", "Referer", "X-Service-Catalog"):
                headers = {name: place if "ost" in name else other, "X-Auth-Token": "t" * 32}
                answer = cloud.ask("GET", "/compute/v2.1/servers", headers=headers)
                assert answer.status_int in (401, 503), answer.text
        cloud.books.dispose()
        assert any(b"canary-of-the-service" in text for text in told)
        assert told_there == []
        assert {address[1] for address in to} == {int(url.rsplit(":", 1)[1].partition("/")[0])}


def test_forged_identity_headers_open_nothing(cloud: Whole, alice: Person) -> None:
    forged_headers_open_nothing(cloud, alice)


def test_every_pipeline_takes_them_away(cloud: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    no_pipeline_lets_them_pass(cloud, monkeypatch)


def test_no_url_that_a_client_names_is_fetched(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_url_of_a_client_is_fetched(cloud, alice, monkeypatch)


def test_the_service_s_password_goes_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials_go_to_the_configured_identity_alone(tmp_path, monkeypatch)


def test_a_filter_that_believes_headers_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(self: Context, caller: Any, environ: dict[str, Any]) -> Any:
        context = true(self, caller, environ)
        context.roles = environ.get("HTTP_X_ROLES", "").split(",") or context.roles
        context.is_admin = "admin" in context.roles
        return context

    true = Context._context
    monkeypatch.setattr(Context, "_context", made)
    monkeypatch.setattr(
        IdentityHeaders, "__call__", lambda self, *words: self._application(*words)
    )

    with demands_failure():
        forged_headers_open_nothing(cloud, alice)


def test_headers_that_let_in_without_a_token_are_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def admit(self: Authenticator, environ: dict[str, Any], service: str = "compute") -> Any:
        if environ.get("HTTP_X_IDENTITY_STATUS") == "Confirmed":
            environ["HTTP_X_AUTH_TOKEN"] = cloud.admin.token
        return true(self, environ, service)

    true = Authenticator.admit
    monkeypatch.setattr(Authenticator, "admit", admit)
    monkeypatch.setattr(
        IdentityHeaders, "__call__", lambda self, *words: self._application(*words)
    )

    with demands_failure():
        forged_headers_open_nothing(cloud, alice)


def test_a_pipeline_that_lets_them_pass_is_found(
    cloud: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        IdentityHeaders, "__call__", lambda self, *words: self._application(*words)
    )

    with demands_failure():
        no_pipeline_lets_them_pass(cloud, monkeypatch)


def test_a_pipeline_that_does_not_begin_with_it_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Whole(tmp_path)
    text = paste_file(plain.conf).read_text()
    changed = tmp_path / "other.ini"
    changed.write_text(text.replace("= identity_headers console_app", "= console_app"))
    plain.conf.set_override("paste_config", str(changed), "api")

    with demands_failure():
        no_pipeline_lets_them_pass(plain, monkeypatch)


def test_an_address_that_is_looked_at_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def last_part(ref: str) -> str:
        if ref.startswith("http:"):
            with suppress(OSError):
                urllib.request.urlopen(ref, timeout=0.01)
        return true(ref)

    true = server_create._last_part
    monkeypatch.setattr(server_create, "_last_part", last_part)

    with demands_failure():
        no_url_of_a_client_is_fetched(cloud, alice, monkeypatch)


def test_an_identity_that_the_client_chooses_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def called(self: Keystone, environ: dict[str, Any], start_response: Any) -> Any:
        wished = environ.get("HTTP_X_AUTH_URL")
        if wished:
            body = b'{"password": "canary-of-the-service"}'
            with suppress(OSError):
                urllib.request.urlopen(wished, body, timeout=5)
        return true(self, environ, start_response)

    true = Keystone.__call__
    monkeypatch.setattr(Keystone, "__call__", called)

    with demands_failure():
        credentials_go_to_the_configured_identity_alone(tmp_path, monkeypatch)
