"""admin implies manager, manager implies member, member implies reader: as Keystone begins."""

import pytest

from tests.functional.identity.test_hostile_input import IDS, assert_refused
from tests.functional.service_client import Cloud, login

CHAIN = {"admin": "manager", "manager": "member", "member": "reader"}
HAD = {
    "admin": {"admin", "manager", "member", "reader"},
    "manager": {"manager", "member", "reader"},
    "member": {"member", "reader"},
    "reader": {"reader"},
    "service": {"service"},
}


def _give(
    cloud: Cloud, user: str, role: str, project: str = "alt_demo", verb: str = "PUT"
) -> None:
    place = f"projects/{cloud.ident('projects', project)}/users/{cloud.ident('users', user)}"
    path = f"/v3/{place}/roles/{cloud.ident('roles', role)}"
    assert cloud.ask(verb, path, token=cloud.token("admin", "admin")).status_int == 204


@pytest.mark.parametrize("role", HAD)
def test_a_token_lists_a_role_and_what_it_implies_each_once(cloud: Cloud, role: str) -> None:
    _give(cloud, "demo", role)

    token = cloud.ask("POST", "/v3/auth/tokens", login("demo", "alt_demo")).json["token"]

    names = [one["name"] for one in token["roles"]]
    assert sorted(names) == sorted(HAD[role])
    assert {one["id"] for one in token["roles"]} == {cloud.ident("roles", n) for n in names}


def test_what_is_implied_twice_is_listed_once_and_goes_with_the_last_cause(cloud: Cloud) -> None:
    for role in ("manager", "member", "service"):
        _give(cloud, "demo", role)
    text = cloud.token("demo", "alt_demo")

    def roles() -> list[str]:
        subject = {"X-Subject-Token": text}
        shown = cloud.ask("GET", "/v3/auth/tokens", token=text, **subject).json["token"]
        return [role["name"] for role in shown["roles"]]

    seen = [roles()]
    for role in ("manager", "member"):
        _give(cloud, "demo", role, verb="DELETE")
        seen.append(roles())

    assert seen == [
        ["manager", "member", "reader", "service"],
        ["member", "reader", "service"],
        ["service"],
    ]


def test_a_role_that_was_deleted_is_not_implied(cloud: Cloud) -> None:
    admin = cloud.token("admin", "admin")
    cloud.ask("DELETE", f"/v3/roles/{cloud.ident('roles', 'member')}", token=admin)

    token = cloud.ask("POST", "/v3/auth/tokens", login("demo_manager", "demo")).json["token"]

    assert [role["name"] for role in token["roles"]] == ["manager", "reader"]


def test_assignments_are_what_was_given_or_on_request_what_that_means(cloud: Cloud) -> None:
    admin, user = cloud.token("admin", "admin"), cloud.ident("users", "demo_manager")
    path = f"/v3/role_assignments?user.id={user}&include_names"

    def names(query: str) -> list[str]:
        found = cloud.ask("GET", path + query, token=admin).json["role_assignments"]
        assert {row["links"]["assignment"].rpartition("/")[2] for row in found} <= {
            cloud.ident("roles", "manager")
        }
        return [row["role"]["name"] for row in found]

    assert names("") == ["manager"]
    assert names("&effective") == ["manager", "member", "reader"]
    assert names(f"&effective&role.id={cloud.ident('roles', 'reader')}") == ["reader"]
    assert names(f"&role.id={cloud.ident('roles', 'reader')}") == []


def test_the_chain_is_shown_and_fixed(cloud: Cloud) -> None:
    admin = cloud.token("admin", "admin")

    found = cloud.ask("GET", "/v3/role_inferences", token=admin).json["role_inferences"]

    shown = {row["prior_role"]["name"]: [one["name"] for one in row["implies"]] for row in found}
    assert shown == {prior: [name] for prior, name in CHAIN.items()}
    for prior, name in (*CHAIN.items(), ("reader", "")):
        many = f"/v3/roles/{cloud.ident('roles', prior)}/implies"
        listed = cloud.ask("GET", many, token=admin).json["role_inference"]
        assert [one["name"] for one in listed["implies"]] == [name] * bool(name)
    one = f"{many.replace(cloud.ident('roles', 'reader'), cloud.ident('roles', 'admin'))}"
    one += f"/{cloud.ident('roles', 'manager')}"
    assert (
        cloud.ask("GET", one, token=admin).json["role_inference"]["implies"]["name"] == "manager"
    )
    assert cloud.ask("HEAD", one, token=admin).status_int == 204
    for verb in ("PUT", "DELETE"):
        assert_refused(cloud.ask(verb, one, token=admin), (501,))


@pytest.mark.parametrize("ident", IDS, ids=lambda ident: repr(ident[:12]))
def test_an_implication_that_is_not_there_is_not_found(cloud: Cloud, ident: str) -> None:
    admin, prior = cloud.token("admin", "admin"), cloud.ident("roles", "admin")

    for path in (f"/v3/roles/{ident}/implies", f"/v3/roles/{prior}/implies/{ident}"):
        assert_refused(cloud.ask("GET", path, token=admin), (404,))


def test_the_chain_is_for_admins(cloud: Cloud) -> None:
    demo, prior = cloud.token("demo", "demo"), cloud.ident("roles", "admin")

    for path in ("/v3/role_inferences", f"/v3/roles/{prior}/implies"):
        assert_refused(cloud.ask("GET", path, token=demo), (403,))
