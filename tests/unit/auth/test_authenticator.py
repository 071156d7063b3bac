"""Who asks: what keystonemiddleware found, and nothing that a request brings along."""

import logging
from typing import Any

import pytest
import webob
from keystoneauth1 import access
from keystonemiddleware.auth_token import InvalidToken

from minicloud.auth.authenticator import Authenticator
from minicloud.auth.caller import MARKS, TOKEN_AUTH, TOKEN_INFO, caller_of
from minicloud.auth.in_process import InProcess
from minicloud.auth.keystone import Keystone
from minicloud.errors import IdentityUnavailable, Unauthorized

_DOMAIN = {"id": "default", "name": "Default"}


def _document(name: str, *roles: str) -> dict[str, Any]:
    named = {"id": f"id-{name}", "name": name, "domain": _DOMAIN}
    return {"user": named, "project": named, "roles": [{"name": role} for role in roles]}


class _Known(InProcess):
    def fetch_token(self, token: str, **_: Any) -> dict[str, Any]:
        if token == "alice":
            return {"token": _document("alice", "member", "reader")}
        if token == "nova":
            return {"token": _document("nova", "service")}
        if token == "unscoped":
            return {"token": {"user": {"id": "id-bob", "name": "bob", "domain": _DOMAIN}}}
        raise InvalidToken


@pytest.fixture
def authenticator() -> Authenticator:
    return Authenticator({"compute": _Known()})


def _environ(**headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found: dict[str, Any] = webob.Request.blank("/v2.1/servers", headers=named).environ
    return found


def test_a_valid_token_says_who_where_and_with_which_roles(authenticator: Authenticator) -> None:
    environ = _environ(X_Auth_Token="alice")

    caller = authenticator.admit(environ)

    assert (caller.user_id, caller.user_name, caller.user_domain_id) == (
        *("id-alice", "alice", "default"),
    )
    assert (caller.project_id, caller.project_name) == ("id-alice", "alice")
    assert caller.roles == ("member", "reader")
    assert caller.service is None
    assert caller_of(environ) == caller


def test_an_unscoped_token_has_no_project_and_no_roles(authenticator: Authenticator) -> None:
    caller = authenticator.admit(_environ(X_Auth_Token="unscoped"))

    assert (caller.project_id, caller.roles) == (None, ())


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X_Auth_Token": ""},
        {"X_Auth_Token": "wrong"},
        {"X_Service_Token": "nova"},
        {"X_Auth_Token": "wrong", "X_Service_Token": "nova"},
        {"X_Auth_Token": "alice", "X_Service_Token": "wrong"},
        {"X_Auth_Token": "alice", "X_Service_Token": "alice"},
    ],
)
def test_whoever_has_no_valid_token_is_nobody(
    authenticator: Authenticator, headers: dict[str, str]
) -> None:
    environ = _environ(**headers)

    with pytest.raises(Unauthorized):
        authenticator.admit(environ)

    assert caller_of(environ) is None
    assert not set(MARKS) & set(environ)


def test_a_service_that_passes_a_request_on_is_known_beside_the_user(
    authenticator: Authenticator,
) -> None:
    caller = authenticator.admit(_environ(X_Auth_Token="alice", X_Service_Token="nova"))

    assert caller.user_name == "alice"
    assert caller.roles == ("member", "reader")
    assert caller.service is not None
    assert (caller.service.user_name, caller.service.roles) == ("nova", ("service",))


def test_marks_that_were_there_before_count_for_nothing(authenticator: Authenticator) -> None:
    environ = _environ(X_Auth_Token="alice")
    authenticator.admit(environ)
    environ["HTTP_X_AUTH_TOKEN"] = "wrong"

    with pytest.raises(Unauthorized):
        authenticator.admit(environ)

    assert caller_of(environ) is None


@pytest.mark.parametrize("mark", ["text", access.create(body={"token": _document("eve")})])
def test_only_the_middlewares_own_objects_are_marks(mark: Any) -> None:
    assert caller_of({TOKEN_INFO: {"token": _document("eve")}, TOKEN_AUTH: mark}) is None
    assert caller_of({}) is None


def test_a_token_that_was_found_but_is_not_valid_leaves_nobody(
    authenticator: Authenticator,
) -> None:
    """keystonemiddleware keeps what it read of a token that it then refuses."""
    environ = _environ(X_Auth_Token="alice")
    authenticator.admit(environ)

    del environ[TOKEN_INFO]

    assert caller_of(environ) is None


def test_what_the_middleware_writes_into_headers_stays_behind(
    authenticator: Authenticator,
) -> None:
    environ = _environ(X_Auth_Token="alice", X_Service_Token="nova")
    before = {name for name in environ if name.startswith("HTTP_")}

    authenticator.admit(environ)

    assert {name for name in environ if name.startswith("HTTP_")} == before


def _answering(status: str) -> Any:
    def protocol(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response(status, [])
        return [b""]

    return protocol


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("503 Service Unavailable", IdentityUnavailable),
        ("401 Unauthorized", Unauthorized),
        ("204 No Content", Unauthorized),  # without marks it means nothing
        ("500 Internal Server Error", Unauthorized),
    ],
)
def test_what_a_protocol_answers_becomes_an_error_of_ours(
    status: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        Authenticator({"compute": _answering(status)}).admit(_environ(X_Auth_Token="alice"))


class _Keystone(Keystone):
    """Without a Keystone behind."""

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol


@pytest.mark.parametrize("header", ["X_Auth_Token", "X_Storage_Token", "X_Service_Token"])
@pytest.mark.parametrize("text", ["x" * 8192, "x" * 4097, "ä", "a b", "a\x7fb", "a\x00b"])
def test_what_cannot_be_a_token_is_not_asked_about(header: str, text: str) -> None:
    def never(_environ: dict[str, Any], _start_response: Any) -> list[bytes]:
        raise AssertionError("asked")

    environ = _environ(X_Auth_Token="good")
    environ[f"HTTP_{header.upper()}"] = text

    with pytest.raises(Unauthorized):
        Authenticator({"compute": _Keystone(never)}).admit(environ)


def test_trouble_in_the_middleware_is_identity_being_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_environ: dict[str, Any], _start_response: Any) -> list[bytes]:
        raise ZeroDivisionError

    with pytest.raises(IdentityUnavailable), caplog.at_level(logging.ERROR):
        Authenticator({"compute": _Keystone(broken)}).admit(_environ(X_Auth_Token="good"))

    assert "ZeroDivisionError" in caplog.text
