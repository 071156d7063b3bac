"""What nobody has here: groups, trusts, roles elsewhere than on projects."""

import pytest

from tests.functional.identity.test_hostile_input import IDS, assert_refused
from tests.functional.service_client import Cloud

LISTS = ("groups", "credentials", "policies", "limits", "registered_limits")


@pytest.mark.parametrize("path", [*LISTS, "OS-TRUST/trusts"])
def test_lists_are_empty_and_for_admins(cloud: Cloud, path: str) -> None:
    answer = cloud.ask("GET", f"/v3/{path}", token=cloud.token("admin", "admin"))

    assert answer.json[path.rpartition("/")[2]] == []
    assert_refused(cloud.ask("GET", f"/v3/{path}", token=cloud.token("demo", "demo")), (403,))


def test_a_user_is_in_no_group_and_may_know(cloud: Cloud) -> None:
    user, token = cloud.ident("users", "demo"), cloud.token("demo", "demo")

    assert cloud.ask("GET", f"/v3/users/{user}/groups", token=token).json["groups"] == []
    assert cloud.ask("GET", "/v3/auth/system", token=token).json["system"] == []


def test_groups_cannot_be_made_and_the_answer_says_why(cloud: Cloud) -> None:
    admin = cloud.token("admin", "admin")

    answer = cloud.ask("POST", "/v3/groups", {"group": {"name": "g"}}, admin)

    assert_refused(answer, (501,))
    assert "no groups" in answer.json["error"]["message"]


@pytest.mark.parametrize("ident", IDS, ids=lambda ident: repr(ident[:12]))
def test_no_group_is_found(cloud: Cloud, ident: str) -> None:
    admin = cloud.token("admin", "admin")

    for method in ("GET", "PATCH", "DELETE"):
        assert_refused(cloud.ask(method, f"/v3/groups/{ident}", {}, admin), (404,))


@pytest.mark.parametrize("place", ["domains/default", "system"])
def test_roles_are_given_on_projects_only(cloud: Cloud, place: str) -> None:
    admin, user = cloud.token("admin", "admin"), cloud.ident("users", "demo")
    roles = f"/v3/{place}/users/{user}/roles"
    one = f"{roles}/{cloud.ident('roles', 'member')}"

    assert cloud.ask("GET", roles, token=admin).json["roles"] == []
    assert_refused(cloud.ask("PUT", one, token=admin), (501,))
    assert_refused(cloud.ask("GET", one, token=admin), (404,))
    assert_refused(cloud.ask("DELETE", one, token=admin), (404,))


@pytest.mark.parametrize("option", ["ignore_password_expiry", "ignore_lockout_failure_attempts"])
def test_options_that_change_nothing_are_taken_and_others_are_refused(
    cloud: Cloud, option: str
) -> None:
    admin, user = cloud.token("admin", "admin"), cloud.ident("users", "demo")
    taken = {"user": {"options": {option: True}}}
    refused = {"user": {"options": {"lock_password": True}}}

    assert cloud.ask("PATCH", f"/v3/users/{user}", taken, admin).status_int == 200
    assert_refused(cloud.ask("PATCH", f"/v3/users/{user}", refused, admin), (400,))


@pytest.mark.parametrize(
    ("query", "some"),
    [
        ("parent_id=default", True),
        ("parent_id=other", False),
        ("parent_id=other&domain_id=default", False),
        ("is_domain=true", False),
        ("is_domain=false", True),
        ("tags=a", False),
    ],
)
def test_projects_are_filtered_by_what_they_cannot_have(
    cloud: Cloud, query: str, some: bool
) -> None:
    found = cloud.ask("GET", f"/v3/projects?{query}", token=cloud.token("admin", "admin"))

    assert bool(found.json["projects"]) == some


def test_a_project_inside_of_a_project_is_refused_with_the_reason(cloud: Cloud) -> None:
    body = {"project": {"name": "x", "parent_id": cloud.ident("projects", "demo")}}

    answer = cloud.ask("POST", "/v3/projects", body, cloud.token("admin", "admin"))

    assert_refused(answer, (400,))
    assert "inside projects" in answer.json["error"]["message"]
