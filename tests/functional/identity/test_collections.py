"""Users, projects, roles and the catalogue: kept by admins, guarded from the others."""

from typing import Any

import pytest

from tests.functional.service_client import PASSWORD, Cloud
from tests.statements import statements

NEW: dict[str, dict[str, Any]] = {
    "user": {"name": "new", "password": "secret", "email": "new@example.org"},
    "project": {"name": "new", "description": "something new"},
    "role": {"name": "new"},
    "domain": {"name": "new", "enabled": False},
    "service": {"name": "new", "type": "newest"},
    "region": {"id": "new"},
}


@pytest.mark.parametrize("noun", NEW)
def test_a_row_is_made_found_changed_and_deleted(cloud: Cloud, noun: str) -> None:
    admin, many = cloud.token("admin", "admin"), f"/v3/{noun}s"
    made = cloud.ask("POST", many, {noun: NEW[noun]}, token=admin)
    one = f"{many}/{made.json[noun]['id']}"

    change = {noun: {"description": "changed"}}
    changed = cloud.ask("PATCH", one, change, token=admin)
    listed = cloud.ask("GET", f"{many}?name=new", token=admin).json[f"{noun}s"]
    shown = cloud.ask("GET", one, token=admin)
    gone = cloud.ask("DELETE", one, token=admin)

    assert made.status_int == 201
    assert made.json[noun]["links"]["self"] == f"http://cloud:8774/identity{one}"
    assert changed.json[noun]["description"] == "changed"
    assert shown.json[noun] == changed.json[noun]
    assert shown.json[noun] in listed
    assert "password" not in shown.json[noun]
    assert gone.status_int == 204
    assert cloud.ask("GET", one, token=admin).status_int == 404


@pytest.mark.parametrize("noun", ["user", "project", "role", "domain", "region"])
def test_a_name_is_taken_once(cloud: Cloud, noun: str) -> None:
    admin = cloud.token("admin", "admin")

    answers = [cloud.ask("POST", f"/v3/{noun}s", {noun: NEW[noun]}, token=admin) for _ in range(2)]

    assert [answer.status_int for answer in answers] == [201, 409]


def test_an_endpoint_belongs_to_a_service_and_appears_in_the_catalogue(cloud: Cloud) -> None:
    admin = cloud.token("admin", "admin")
    service = cloud.ask("POST", "/v3/services", {"service": NEW["service"]}, token=admin)
    endpoint = {
        "service_id": service.json["service"]["id"],
        "interface": "public",
        "region": "Elsewhere",
        "url": "https://elsewhere.example.org/v1",
    }

    made = cloud.ask("POST", "/v3/endpoints", {"endpoint": endpoint}, token=admin)
    catalog = cloud.ask("GET", "/v3/auth/catalog", token=admin).json["catalog"]
    nowhere = {"endpoint": {**endpoint, "service_id": "none"}}

    assert made.status_int == 201
    entry = next(entry for entry in catalog if entry["type"] == "newest")
    assert entry["endpoints"][0] == {
        "id": made.json["endpoint"]["id"],
        "interface": "public",
        "region": "Elsewhere",
        "region_id": "Elsewhere",
        "url": endpoint["url"],
    }
    assert cloud.ask("DELETE", "/v3/regions/Elsewhere", token=admin).status_int == 409
    assert cloud.ask("POST", "/v3/endpoints", nowhere, token=admin).status_int == 400


def test_a_role_is_given_seen_and_taken(cloud: Cloud) -> None:
    admin, user = cloud.token("admin", "admin"), cloud.ident("users", "demo")
    project, role = cloud.ident("projects", "admin"), cloud.ident("roles", "reader")
    path = f"/v3/projects/{project}/users/{user}/roles/{role}"

    methods = ("HEAD", "PUT", "PUT", "HEAD", "GET", "DELETE", "DELETE")
    statuses = [cloud.ask(method, path, token=admin).status_int for method in methods]

    assert statuses == [404, 204, 204, 204, 204, 204, 404]


def test_a_role_for_nobody_is_not_given(cloud: Cloud) -> None:
    project, role = cloud.ident("projects", "admin"), cloud.ident("roles", "reader")
    path = f"/v3/projects/{project}/users/nobody/roles/{role}"

    assert cloud.ask("PUT", path, token=cloud.token("admin", "admin")).status_int == 404


def test_assignments_are_filtered_and_named(cloud: Cloud) -> None:
    user = cloud.ident("users", "demo")
    path = f"/v3/role_assignments?user.id={user}&include_names=True"

    found = cloud.ask("GET", path, token=cloud.token("demo", "demo")).json["role_assignments"]

    assert [row["role"]["name"] for row in found] == ["member", "reader"]
    assert {row["scope"]["project"]["name"] for row in found} == {"demo"}
    assert {row["user"]["domain"]["name"] for row in found} == {"Default"}


@pytest.mark.parametrize("nouns", ["users", "projects", "roles", "domains", "services"])
def test_only_admins_list_and_write(cloud: Cloud, nouns: str) -> None:
    demo, path = cloud.token("demo", "demo"), f"/v3/{nouns}"
    asked = (("GET", path), ("POST", path), ("PATCH", f"{path}/x"), ("DELETE", f"{path}/x"))

    answers = [cloud.ask(method, where, {}, token=demo).status_int for method, where in asked]

    assert answers == [403] * 4


def test_users_see_themselves_and_their_projects_and_nobody_else(cloud: Cloud) -> None:
    demo, me = cloud.token("demo", "demo"), cloud.ident("users", "demo")
    other, mine = cloud.ident("users", "admin"), cloud.ident("projects", "demo")
    foreign = cloud.ident("projects", "admin")
    paths = (f"users/{me}", f"users/{me}/projects", f"projects/{mine}", "auth/projects")
    closed = (f"users/{other}", f"users/{other}/projects", f"projects/{foreign}")

    seen = [cloud.ask("GET", f"/v3/{path}", token=demo).status_int for path in paths]
    unseen = [cloud.ask("GET", f"/v3/{path}", token=demo).status_int for path in closed]

    assert seen == [200] * 4
    assert unseen == [403] * 3


def test_a_domain_that_is_enabled_is_not_deleted_and_one_that_is_not_goes_with_all_in_it(
    cloud: Cloud,
) -> None:
    admin = cloud.token("admin", "admin")
    body = {"domain": {"name": "other"}}
    domain = cloud.ask("POST", "/v3/domains", body, token=admin).json["domain"]["id"]
    user = {"user": {"name": "guest", "domain_id": domain, "password": PASSWORD}}
    guest = cloud.ask("POST", "/v3/users", user, token=admin).json["user"]["id"]

    early = cloud.ask("DELETE", f"/v3/domains/{domain}", token=admin)
    cloud.ask("PATCH", f"/v3/domains/{domain}", {"domain": {"enabled": False}}, token=admin)
    late = cloud.ask("DELETE", f"/v3/domains/{domain}", token=admin)

    assert (early.status_int, late.status_int) == (403, 204)
    assert cloud.ask("GET", f"/v3/users/{guest}", token=admin).status_int == 404


@pytest.mark.parametrize("nouns", ["users", "projects", "roles", "role_assignments", "endpoints"])
def test_a_long_list_asks_no_more_than_a_short_one(cloud: Cloud, nouns: str) -> None:
    admin = cloud.token("admin", "admin")
    with statements(cloud.database) as seen:
        answer = cloud.ask("GET", f"/v3/{nouns}", token=admin)

    assert len(answer.json[nouns]) > 1
    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 2


def test_the_versions_are_told_without_a_token_and_lead_on(cloud: Cloud) -> None:
    first = cloud.ask("GET", "/")
    href = first.json["versions"]["values"][0]["links"][0]["href"]

    second = cloud.ask("GET", href.removeprefix("http://cloud:8774/identity"))

    assert (first.status_int, second.status_int) == (300, 200)
    assert second.json["version"]["links"][0]["href"] == href
