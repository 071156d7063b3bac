"""OSSA-2012-002, -003 and 2013-003, CVE-2012-1572, -1585 and 2013-0247: floods.

A huge password made the service crash; huge names and floods of bad tokens filled the logs.
"""

import base64
import json
import logging
from collections.abc import Callable
from typing import Any, Final

import orjson
import pytest

from minicloud.api.middleware import faults
from minicloud.identity import schemas
from minicloud.identity.passwords import Passwords
from minicloud.runtime import wsgi
from tests.functional.advisories import demands_failure
from tests.functional.over_http import logged, sent, serving
from tests.functional.service_client import login, with_token
from tests.functional.whole import COMPUTE_URL, Person, Whole

_TIMES: Final = 5
_MOST_BYTES: Final = 1024


def _request(verb: str, path: str, body: Any = None, **headers: str) -> bytes:
    text = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    lines = {"Host": "cloud", "Content-Type": "application/json", "Connection": "close"}
    lines |= {"Content-Length": str(len(text))} | headers
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return f"{verb} {path} HTTP/1.1\r\n{head}\r\n".encode() + text


def _hostile(cloud: Whole, alice: Person) -> dict[str, bytes]:
    """Whatever might be written down."""
    auth, servers = "/identity/v3/auth/tokens", COMPUTE_URL + "/servers"
    long, token = "x" * 60_000, alice.token
    lines = "x\\nERROR a line of its own\\r\\n"
    server: dict[str, Any] = {"name": "vm", "flavorRef": "42", "imageRef": cloud.picture()}
    injected = f'{{"server": {{"name": "{lines}", "flavorRef": "{lines}", "imageRef": ""}}}}'
    return {
        "no request": b"\x00\xff" * 500 + b"\r\n\r\n",
        "a verb that is long": b"X" * 30_000 + b" / HTTP/1.1\r\n\r\n",
        "a verb that is none": _request("BREW", servers, X_Auth_Token=token),
        "a long header": _request("GET", servers, X_Junk=long),
        "a header too long": _request("GET", servers, X_Junk=long * 3),
        "a header that is none": b"GET / HTTP/1.1\r\n: : :\r\n\tx\r\n\r\n",
        "many headers": b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 5000 + b"\r\n",
        "a host that is none": _request("GET", servers, Host="<script>" * 50),
        "a length that lies": _request("POST", auth, b"{}", Content_Length="4000"),
        "a length that is none": _request("POST", auth, b"{}", Content_Length="-1"),
        "a length beyond all": _request("POST", auth, b"{}", Content_Length="9" * 40),
        "chunks that are none": _request(
            "POST", auth, b"zz\r\n" * 99, Transfer_Encoding="chunked", Content_Length=""
        ),
        "a coding": _request("POST", auth, b"{}", Transfer_Encoding="gzip, " * 900),
        "a bad token": _request("GET", servers, X_Auth_Token="nobody"),
        "a long token": _request("GET", servers, X_Auth_Token=long),
        "a token of bytes": _request("GET", servers, X_Auth_Token="\u00ff\u00fe" * 300),
        "a long request id": _request("GET", servers, X_OpenStack_Request_Id=long),
        "a version that is none": _request(
            "GET", servers, X_Auth_Token=token, OpenStack_API_Version="compute " + long
        ),
        "a long path": _request("GET", f"{servers}/{long}", X_Auth_Token=token),
        "a path of escapes": _request("GET", f"{servers}/{'%0a' * 9000}", X_Auth_Token=token),
        "a path outside": _request("GET", "/../" * 5000),
        "a long query": _request("GET", f"{servers}?name={long}", X_Auth_Token=token),
        "an expression": _request("GET", f"{servers}?name={'(' * 9000}", X_Auth_Token=token),
        "a large body": _request("POST", servers, b"x" * 900_000, X_Auth_Token=token),
        "a body beyond all": _request("POST", servers, b"x" * 1_500_000, X_Auth_Token=token),
        "a deep body": _request("POST", servers, b"[" * 90_000, X_Auth_Token=token),
        "a body that is none": _request("POST", servers, b"{" * 900, X_Auth_Token=token),
        "a long name": _request(
            "POST", servers, {"server": server | {"name": long}}, X_Auth_Token=token
        ),
        "a long flavor": _request(
            "POST", servers, {"server": server | {"flavorRef": long}}, X_Auth_Token=token
        ),
        "lines": _request("POST", servers, injected.encode(), X_Auth_Token=token),
        "user data": _request(
            "POST",
            servers,
            {"server": server | {"user_data": base64.b64encode(long.encode()).decode()}},
            X_Auth_Token=token,
        ),
        "an action of no name": _request(
            "POST", f"{servers}/x/action", {long: None}, X_Auth_Token=token
        ),
        "a wrong password": _request("POST", auth, login("alice", "one", "wrong")),
        "a long password": _request("POST", auth, login("alice", "one", long)),
        "a user of no name": _request("POST", auth, login(lines, "one")),
        "a long user": _request("POST", auth, login(long, "one")),
        "a long token to log in": _request("POST", auth, with_token(long)),
        "a log-in that is none": _request("POST", auth, {"auth": long}),
        "a long image": _request("POST", "/image/v2/images", {"name": long}, X_Auth_Token=token),
        "an image of no size": _request(
            "PUT", "/image/v2/images/x/file", b"x" * 900_000, X_Auth_Token=token
        ),
        "a console": _request("GET", f"/console/?token={long}"),
        "what is right": _request("GET", servers, X_Auth_Token=token),
        "a server": _request("POST", servers, {"server": server}, X_Auth_Token=token),
    }


def the_log_stays_small(cloud: Whole, alice: Person) -> None:
    """However often, and whatever it is: on average no more than a line or two."""
    requests = _hostile(cloud, alice)
    with serving(cloud) as address:
        for name, text in requests.items():
            with logged() as lines:
                answers = [sent(address, text) for _ in range(_TIMES)]
            written = lines.getvalue()
            assert len(written.encode()) <= _MOST_BYTES * _TIMES, (name, written[:3000])
            assert "\nERROR a line" not in written, name
            assert not any(b" 500 " in answer[:20] for answer in answers), (name, answers)


def no_field_is_boundless(cloud: Whole, alice: Person, patch: pytest.MonkeyPatch) -> None:
    """What is too long is refused, and no hash of it is computed."""
    hashed: list[str] = []

    def noted(call: Callable[..., Any]) -> Callable[..., Any]:
        def called(self: Passwords, password: str, *more: Any) -> Any:
            hashed.append(password)
            return call(self, password, *more)

        return called

    patch.setattr(Passwords, "match", noted(Passwords.match))
    patch.setattr(Passwords, "hashed", noted(Passwords.hashed))
    long, admin = "x" * 70_000, cloud.admin
    del hashed[:]
    new = {"original_password": "x", "password": long}
    bodies: list[tuple[str, str, Any, Person | None]] = [
        ("POST", "/auth/tokens", login("alice", "one", long), None),
        ("POST", "/auth/tokens", login(long, "one"), None),
        ("POST", "/auth/tokens", with_token(long), None),
        ("POST", f"/users/{alice.user_id}/password", {"user": new}, None),
        ("POST", "/users", {"user": {"name": "u", "password": long}}, admin),
        ("POST", "/users", {"user": {"name": long}}, admin),
        ("PATCH", f"/users/{alice.user_id}", {"user": {"password": long}}, admin),
        ("POST", "/projects", {"project": {"name": long}}, admin),
    ]
    for verb, path, body, who in bodies:
        answer = cloud.identity(verb, path, body, who)
        assert answer.status_int == 400, (path, answer.text)
        assert len(answer.text) < 1000
    server = {"name": "vm", "flavorRef": "42", "imageRef": cloud.picture()}
    for name in ("name", "adminPass", "key_name", "availability_zone", "flavorRef"):
        body = {"server": server | {name: long}}
        answer = cloud.compute("POST", "/servers", body, alice)
        assert answer.status_int == 400, (name, answer.text)
        assert len(answer.text) < 4000
    assert hashed == []


def test_the_log_grows_by_no_more_than_a_line_or_two_for_a_request(
    cloud: Whole, alice: Person
) -> None:
    the_log_stays_small(cloud, alice)


def test_what_is_too_long_is_refused_before_any_work(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_field_is_boundless(cloud, alice, monkeypatch)


def test_passwords_without_a_limit_are_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(schemas.PASSWORD, "maxLength")

    with demands_failure():
        no_field_is_boundless(cloud, alice, monkeypatch)


def test_a_service_that_writes_down_whom_it_refuses_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(self: wsgi.Call, schema: Any) -> Any:
        logging.getLogger("minicloud.identity").warning("asked: %s", body := self.http.body)
        self.http.body = body
        return orjson.loads(body)

    monkeypatch.setattr(wsgi.Call, "read", read)

    with demands_failure():
        the_log_stays_small(cloud, alice)


def test_an_api_that_writes_down_its_faults_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replied(self: faults.Faults, error: Exception, environ: dict[str, Any]) -> Any:
        faults.LOG.warning("%s: %s", environ.get("PATH_INFO"), error)
        return reply(self, error, environ)

    reply = faults.Faults._reply
    monkeypatch.setattr(faults.Faults, "_reply", replied)

    with demands_failure():
        the_log_stays_small(cloud, alice)
