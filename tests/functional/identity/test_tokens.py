"""Tokens: what they say, and when they stop being worth anything."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from minicloud.db.models import Token
from tests.functional.service_client import PASSWORD, Cloud, begin, login, with_token
from tests.statements import statements


def test_a_scoped_token_tells_who_where_and_what(cloud: Cloud) -> None:
    answer = cloud.ask("POST", "/v3/auth/tokens", login("demo", "demo"))

    token = answer.json["token"]
    assert answer.status_int == 201
    assert answer.headers["Vary"] == "X-Auth-Token"
    assert answer.headers["x-openstack-request-id"].startswith("req-")
    assert token["user"]["name"] == "demo"
    assert token["user"]["domain"] == {"id": "default", "name": "Default"}
    assert token["project"]["name"] == "demo"
    assert {role["name"] for role in token["roles"]} == {"member", "reader"}
    assert token["methods"] == ["password"]
    for moment in (token["issued_at"], token["expires_at"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", moment)


def test_the_catalogue_is_on_the_address_that_the_client_used(cloud: Cloud) -> None:
    token = cloud.ask("POST", "/v3/auth/tokens", login("demo", "demo")).json["token"]

    urls = {entry["type"]: entry["endpoints"][0]["url"] for entry in token["catalog"]}

    assert urls == {
        "identity": "http://cloud:8774/identity",
        "compute": "http://cloud:8774/compute/v2.1",
        "image": "http://cloud:8774/image",
    }


def test_a_host_header_that_is_no_host_is_not_repeated(cloud: Cloud) -> None:
    answer = cloud.ask("GET", "/v3", Host="evil.example/?x=<script>")

    assert "evil" not in answer.text


def test_an_unscoped_token_has_no_project_and_can_be_scoped(cloud: Cloud) -> None:
    unscoped = cloud.token("demo")
    scope = {"project": {"name": "demo", "domain": {"name": "Default"}}}

    answer = cloud.ask("POST", "/v3/auth/tokens", with_token(unscoped, scope))

    assert "project" not in shown(cloud, unscoped)
    assert answer.json["token"]["project"]["name"] == "demo"
    assert answer.json["token"]["methods"] == ["password", "token"]


def test_the_default_project_is_taken_unless_unscoped_is_said(cloud: Cloud) -> None:
    admin, demo = cloud.token("admin", "admin"), cloud.ident("users", "demo")
    project = cloud.ident("projects", "demo")
    body = {"user": {"default_project_id": project}}
    cloud.ask("PATCH", f"/v3/users/{demo}", body, token=admin)
    unscoped = login("demo")
    unscoped["auth"]["scope"] = "unscoped"

    by_default = cloud.ask("POST", "/v3/auth/tokens", login("demo")).json["token"]
    plain = cloud.ask("POST", "/v3/auth/tokens", unscoped).json["token"]

    assert by_default["project"]["id"] == project
    assert "project" not in plain


def test_a_default_project_that_is_closed_leaves_the_token_unscoped(cloud: Cloud) -> None:
    admin, demo = cloud.token("admin", "admin"), cloud.ident("users", "demo")
    body = {"user": {"default_project_id": cloud.ident("projects", "service")}}
    cloud.ask("PATCH", f"/v3/users/{demo}", body, token=admin)

    token = cloud.ask("POST", "/v3/auth/tokens", login("demo")).json["token"]

    assert "project" not in token


def test_nobody_gets_a_token_for_a_project_without_a_role_on_it(cloud: Cloud) -> None:
    assert cloud.ask("POST", "/v3/auth/tokens", login("demo", "admin")).status_int == 401


def test_an_unknown_user_a_wrong_password_and_a_disabled_user_get_the_same_answer(
    cloud: Cloud,
) -> None:
    disable(cloud, "users", "user", "nova")
    attempts = (
        login("nobody", "demo"),
        login("demo", "demo", "wrong"),
        login("nova", "service"),
        login("demo", "no such project"),
    )

    answers = [cloud.ask("POST", "/v3/auth/tokens", body) for body in attempts]

    assert {answer.status_int for answer in answers} == {401}
    assert len({answer.body for answer in answers}) == 1


def test_only_a_digest_of_a_token_is_stored(cloud: Cloud) -> None:
    text = cloud.token("demo", "demo")

    rows = cloud.database.read(lambda db: db.execute(sa.select(Token.__table__)).all())

    assert rows
    assert text not in str(rows)


def test_a_revoked_token_is_refused_at_the_next_request(cloud: Cloud) -> None:
    text = cloud.token("demo", "demo")

    answer = cloud.ask("DELETE", "/v3/auth/tokens", token=text, **{"X-Subject-Token": text})

    assert answer.status_int == 204
    assert refused(cloud, text)


def test_an_expired_token_is_refused(tmp_path: Path) -> None:
    cloud = begin(tmp_path)  # whose time can be put forward
    text = cloud.token("demo", "demo")

    cloud.clock.ahead = timedelta(days=1, seconds=1)

    assert refused(cloud, text)


@pytest.mark.parametrize(
    ("nouns", "noun", "name"),
    [("users", "user", "demo"), ("projects", "project", "demo")],
)
def test_a_disabled_user_or_project_is_refused_for_good(
    cloud: Cloud, nouns: str, noun: str, name: str
) -> None:
    text = cloud.token("demo", "demo")

    disable(cloud, nouns, noun, name)
    at_once = refused(cloud, text)
    disable(cloud, nouns, noun, name, enabled=True)

    assert at_once
    assert refused(cloud, text)
    assert cloud.token("demo", "demo")


def test_a_disabled_domain_closes_the_door_on_its_users(cloud: Cloud) -> None:
    admin = cloud.token("admin", "admin")
    other = {"domain": {"name": "other"}}
    domain = cloud.ask("POST", "/v3/domains", other, token=admin).json["domain"]["id"]
    user = {"user": {"name": "guest", "domain_id": domain, "password": PASSWORD}}
    cloud.ask("POST", "/v3/users", user, token=admin)
    body = login("guest")
    body["auth"]["identity"]["password"]["user"]["domain"] = {"name": "other"}
    text = cloud.ask("POST", "/v3/auth/tokens", body).headers["X-Subject-Token"]

    cloud.ask("PATCH", f"/v3/domains/{domain}", {"domain": {"enabled": False}}, token=admin)

    assert refused(cloud, text)
    assert cloud.ask("POST", "/v3/auth/tokens", body).status_int == 401


def test_a_role_that_is_taken_away_takes_the_token_with_it(cloud: Cloud) -> None:
    text, admin = cloud.token("demo", "demo"), cloud.token("admin", "admin")
    project, user = cloud.ident("projects", "demo"), cloud.ident("users", "demo")

    for name in ("member", "reader"):
        role = cloud.ident("roles", name)
        path = f"/v3/projects/{project}/users/{user}/roles/{role}"
        assert cloud.ask("DELETE", path, token=admin).status_int == 204

    assert refused(cloud, text)


def test_a_deleted_user_is_refused(cloud: Cloud) -> None:
    text, admin = cloud.token("demo", "demo"), cloud.token("admin", "admin")

    cloud.ask("DELETE", f"/v3/users/{cloud.ident('users', 'demo')}", token=admin)

    assert refused(cloud, text)


def test_a_token_got_with_a_token_does_not_outlive_it(tmp_path: Path) -> None:
    cloud = begin(tmp_path)  # whose time can be put forward
    first = cloud.token("demo")
    end = shown(cloud, first)["expires_at"]

    text = first
    for _ in range(3):
        cloud.clock.ahead += timedelta(hours=5)
        text = cloud.ask("POST", "/v3/auth/tokens", with_token(text)).headers["X-Subject-Token"]

    assert shown(cloud, text)["expires_at"] == end


def test_a_new_password_ends_all_tokens_and_the_old_password(cloud: Cloud) -> None:
    text, user = cloud.token("demo", "demo"), cloud.ident("users", "demo")
    chained = cloud.ask("POST", "/v3/auth/tokens", with_token(text)).headers["X-Subject-Token"]
    body = {"user": {"original_password": PASSWORD, "password": "another"}}

    answer = cloud.ask("POST", f"/v3/users/{user}/password", body)

    assert answer.status_int == 204
    assert refused(cloud, text)
    assert refused(cloud, chained)
    assert cloud.ask("POST", "/v3/auth/tokens", login("demo")).status_int == 401
    assert cloud.token("demo", "demo", "another")


def test_a_password_is_not_changed_without_the_old_one(cloud: Cloud) -> None:
    user = cloud.ident("users", "demo")
    body = {"user": {"original_password": "wrong", "password": "another"}}

    known = cloud.ask("POST", f"/v3/users/{user}/password", body)
    unknown = cloud.ask("POST", "/v3/users/nobody/password", body)

    assert (known.status_int, known.body) == (401, unknown.body)


def test_all_of_a_long_password_counts(cloud: Cloud) -> None:
    admin, user = cloud.token("admin", "admin"), cloud.ident("users", "demo")
    long = "x" * 100
    cloud.ask("PATCH", f"/v3/users/{user}", {"user": {"password": long + "a"}}, token=admin)

    answer = cloud.ask("POST", "/v3/auth/tokens", login("demo", "demo", long + "b"))

    assert answer.status_int == 401
    assert cloud.token("demo", "demo", long + "a")


def test_users_see_their_own_tokens_and_services_those_of_all(cloud: Cloud) -> None:
    of_admin, of_demo = cloud.token("admin", "admin"), cloud.token("demo", "demo")
    of_nova = cloud.token("nova", "service")

    def status(caller: str, subject: str) -> int:
        subjects = {"X-Subject-Token": subject}
        return int(cloud.ask("GET", "/v3/auth/tokens", token=caller, **subjects).status_int)

    assert status(of_demo, of_demo) == 200
    assert status(of_demo, of_admin) == 403
    assert status(of_nova, of_demo) == 200
    assert status(of_admin, "no such token") == 404
    assert status("no such token", of_demo) == 401


def test_tokens_whose_time_is_over_are_forgotten(tmp_path: Path) -> None:
    cloud = begin(tmp_path)  # whose time can be put forward
    cloud.token("demo")

    cloud.clock.ahead = timedelta(days=2)
    for _ in range(101):
        cloud.ask("POST", "/v3/auth/tokens", with_token(cloud.token("demo")))
    counted = sa.select(sa.func.count()).where(Token.expires_at < cloud.database.now())

    assert cloud.database.read(lambda db: db.scalar(counted)) == 0


def test_a_validation_is_one_select(cloud: Cloud) -> None:
    text = cloud.token("demo", "demo")
    with statements(cloud.database) as seen:
        cloud.ask("GET", "/v3/regions", token=text)

    assert len([statement for statement in seen if "tokens" in statement]) == 1
    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 2


def refused(cloud: Cloud, token: str) -> bool:
    asked = cloud.ask("GET", "/v3/auth/projects", token=token)
    image = cloud.ask("GET", "/v2/images", token=token, service="image")
    again = cloud.ask("POST", "/v3/auth/tokens", with_token(token))
    return (asked.status_int, image.status_int, again.status_int) == (401, 401, 401)


def shown(cloud: Cloud, token: str) -> dict[str, Any]:
    answer = cloud.ask("GET", "/v3/auth/tokens", token=token, **{"X-Subject-Token": token})
    found: dict[str, Any] = answer.json["token"]
    return found


def disable(cloud: Cloud, nouns: str, noun: str, name: str, enabled: bool = False) -> None:
    path = f"/v3/{nouns}/{cloud.ident(nouns, name)}"
    body = {noun: {"enabled": enabled}}
    answer = cloud.ask("PATCH", path, body, token=cloud.token("admin", "admin"))
    assert answer.status_int == 200
