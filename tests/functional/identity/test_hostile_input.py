"""Whatever is sent, the answer is JSON and the fault is the client's."""

import io
from typing import Any

import pytest

from tests.functional.service_client import Cloud, login, with_token

WRONG: tuple[Any, ...] = (None, True, 7, 1e300, "", "x", "a\0b", [], [[]], {}, {"id": {}}, ["x"])
PLACES = (
    (),
    ("auth",),
    ("auth", "identity"),
    ("auth", "identity", "methods"),
    ("auth", "identity", "password"),
    ("auth", "identity", "password", "user"),
    ("auth", "identity", "password", "user", "name"),
    ("auth", "identity", "password", "user", "id"),
    ("auth", "identity", "password", "user", "password"),
    ("auth", "identity", "password", "user", "domain"),
    ("auth", "identity", "password", "user", "domain", "id"),
    ("auth", "identity", "password", "user", "domain", "name"),
    ("auth", "scope"),
    ("auth", "scope", "project"),
    ("auth", "scope", "project", "id"),
    ("auth", "scope", "project", "name"),
    ("auth", "scope", "project", "domain"),
    ("auth", "scope", "project", "domain", "id"),
)
IDS = (
    "x",
    "%00",
    "a%00b",
    "%ff%fe",
    "..",
    "..%2f..",
    "'--",
    '"',
    "%c3%a9" * 300,
    "x" * 10000,
    "%0d%0a",
)


@pytest.mark.parametrize("place", PLACES, ids=".".join)
def test_a_wrong_type_anywhere_in_a_log_in_is_refused(
    cloud: Cloud, place: tuple[str, ...]
) -> None:
    for wrong in (*WRONG, "x" * 100_000, 10**40):
        answer = cloud.ask("POST", "/v3/auth/tokens", changed(login("demo", "demo"), place, wrong))

        assert_refused(answer, (201, 400, 401))


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_a_wrong_type_of_token_is_refused(cloud: Cloud, wrong: Any) -> None:
    assert_refused(cloud.ask("POST", "/v3/auth/tokens", with_token(wrong)), (400, 401))


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[" * 5000, b'{"auth": NaN}', b'"\\ud800"', b"null", b"1" * 5000],
    ids=lambda body: repr(body[:12]),
)
def test_a_body_that_is_not_json_is_refused(cloud: Cloud, body: bytes) -> None:
    assert_refused(cloud.ask("POST", "/v3/auth/tokens", body), (400,))


def test_a_body_that_is_too_large_is_not_read(cloud: Cloud) -> None:
    assert_refused(cloud.ask("POST", "/v3/auth/tokens", b" " * 200_000), (413,))


@pytest.mark.parametrize(
    ("length", "status"), [("x", 400), ("-5", 400), ("1_0", 400), ("100", 400), ("9" * 30, 413)]
)
def test_a_length_that_is_not_true_is_refused(cloud: Cloud, length: str, status: int) -> None:
    headers = {"Content-Length": length}

    answer = cloud.ask("POST", "/v3/auth/tokens", io.BytesIO(b"{"), **headers)

    assert_refused(answer, (status,))


def test_a_password_that_is_too_long_is_refused_before_it_is_hashed(cloud: Cloud) -> None:
    answer = cloud.ask("POST", "/v3/auth/tokens", login("demo", "demo", "x" * 4097))

    assert_refused(answer, (400,))
    assert "xxx" not in answer.text


def test_a_method_without_its_claim_and_a_method_that_is_not_known_are_refused(
    cloud: Cloud,
) -> None:
    without: dict[str, Any] = {"auth": {"identity": {"methods": ["token"]}}}
    unknown: dict[str, Any] = {"auth": {"identity": {"methods": ["external"]}}}

    assert_refused(cloud.ask("POST", "/v3/auth/tokens", without), (400,))
    assert_refused(cloud.ask("POST", "/v3/auth/tokens", unknown), (401,))


def test_two_methods_must_prove_the_same_user(cloud: Cloud) -> None:
    body = login("demo", "demo")
    body["auth"]["identity"] |= with_token(cloud.token("admin"))["auth"]["identity"]
    body["auth"]["identity"]["methods"] = ["password", "token"]

    assert_refused(cloud.ask("POST", "/v3/auth/tokens", body), (401,))


@pytest.mark.parametrize("token", ["", "x", "é", "x" * 100_000, "' or 1=1"], ids=lambda t: t[:5])
def test_a_token_that_is_none_is_refused(cloud: Cloud, token: str) -> None:
    answer = cloud.ask("GET", "/v3/auth/projects", **{"X-Auth-Token": token})

    assert_refused(answer, (401,))
    assert answer.headers["WWW-Authenticate"] == 'Keystone uri="http://cloud:8774/identity"'


@pytest.mark.parametrize("ident", IDS, ids=lambda ident: repr(ident[:12]))
def test_any_text_in_the_place_of_an_id_is_not_found(cloud: Cloud, ident: str) -> None:
    admin = cloud.token("admin", "admin")

    for nouns in ("users", "projects", "roles", "domains", "regions", "services", "endpoints"):
        for method, body in (("GET", None), ("DELETE", None), ("PATCH", {nouns[:-1]: {}})):
            answer = cloud.ask(method, f"/v3/{nouns}/{ident}", body, token=admin)

            assert_refused(answer, (404,))


@pytest.mark.parametrize(
    "query", ["name=%00", "name=%ff", "enabled=perhaps", "a&" * 200, "name[]"]
)
def test_any_query_is_answered(cloud: Cloud, query: str) -> None:
    answer = cloud.ask("GET", f"/v3/users?{query}", token=cloud.token("admin", "admin"))

    assert answer.status_int in (200, 400)
    assert answer.json


@pytest.mark.parametrize("noun", ["user", "project", "role", "domain", "service", "endpoint"])
def test_a_wrong_type_in_a_new_row_is_refused(cloud: Cloud, noun: str) -> None:
    admin = cloud.token("admin", "admin")

    for wrong in WRONG:
        for body in (wrong, {noun: wrong}, {noun: {"name": wrong}}, {noun: {"unknown": 1}}):
            answer = cloud.ask("POST", f"/v3/{noun}s", body or b"{}", token=admin)

            assert_refused(answer, (201, 400))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/v3//users", 404),
        ("PUT", "/v3", 405),
        ("BREW", "/v3/users", 405),
    ],
)
def test_an_unknown_path_or_verb_is_a_json_fault(
    cloud: Cloud, method: str, path: str, status: int
) -> None:
    assert_refused(cloud.ask(method, path), (status,))


def changed(body: Any, place: tuple[str, ...], value: Any) -> Any:
    """The body with another value at one place."""
    if not place:
        return value
    inner = body.get(place[0], {}) if isinstance(body, dict) else {}
    return {**body, place[0]: changed(inner, place[1:], value)}


def assert_refused(answer: Any, statuses: tuple[int, ...]) -> None:
    assert answer.status_int in statuses, answer.text
    if answer.status_int >= 400:
        error = answer.json["error"]
        assert error["code"] == answer.status_int
        assert set(error) == {"code", "message", "title"}
        assert len(answer.text) < 1000
        assert "Traceback" not in answer.text
