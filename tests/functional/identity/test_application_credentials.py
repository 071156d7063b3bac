"""Application credentials: what programs log in with in place of a user's password."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import webob

from minicloud.db.models import ApplicationCredential
from tests.functional.identity.test_hostile_input import WRONG, assert_refused
from tests.functional.service_client import Cloud, begin, with_token
from tests.statements import statements


class Owner:
    """A user with a token for a project."""

    def __init__(self, cloud: Cloud, name: str = "demo", project: str = "demo") -> None:
        self.cloud, self.token = cloud, cloud.token(name, project)
        self.id = cloud.ident("users", name)
        self.many = f"/v3/users/{self.id}/application_credentials"

    def ask(self, method: str, path: str = "", body: Any = None) -> webob.Response:
        return self.cloud.ask(method, f"{self.many}{path}", body, self.token)

    def make(self, name: str = "robot", **more: Any) -> dict[str, Any]:
        answer = self.ask("POST", "", {"application_credential": {"name": name, **more}})
        assert answer.status_int == 201, answer.text
        made: dict[str, Any] = answer.json["application_credential"]
        return made


@pytest.fixture
def demo(cloud: Cloud) -> Owner:
    return Owner(cloud)


def with_credential(scope: Any = None, **claim: Any) -> dict[str, Any]:
    identity = {"methods": ["application_credential"], "application_credential": claim}
    return {"auth": {"identity": identity} | ({"scope": scope} if scope else {})}


def log_in(cloud: Cloud, made: dict[str, Any]) -> webob.Response:
    body = with_credential(id=made["id"], secret=made["secret"])
    return cloud.ask("POST", "/v3/auth/tokens", body)


def works(cloud: Cloud, token: str) -> bool:
    return bool(cloud.ask("GET", "/v3/auth/projects", token=token).status_int == 200)


def test_a_credential_is_made_shown_listed_and_deleted(cloud: Cloud, demo: Owner) -> None:
    made = demo.make(description="a robot", expires_at="2099-01-01T00:00:00Z")
    one = f"/{made['id']}"

    shown = demo.ask("GET", one).json["application_credential"]
    listed = demo.ask("GET", "?name=robot").json["application_credentials"]
    missing = demo.ask("GET", "?name=other").json["application_credentials"]
    gone = demo.ask("DELETE", one)

    assert shown == {key: made[key] for key in made if key != "secret"}
    assert (listed, missing) == ([shown], [])
    assert shown["project_id"] == cloud.ident("projects", "demo")
    assert {role["name"] for role in shown["roles"]} == {"member", "reader"}
    assert (shown["expires_at"], shown["unrestricted"]) == ("2099-01-01T00:00:00.000000", False)
    assert gone.status_int == 204
    assert demo.ask("GET", one).status_int == demo.ask("DELETE", one).status_int == 404


def test_one_logs_in_with_the_id_or_with_the_name_and_the_user(cloud: Cloud, demo: Owner) -> None:
    made = demo.make(secret="s3cret")
    user = {"name": "demo", "domain": {"id": "default"}}
    claims: tuple[dict[str, Any], ...] = (
        {"id": made["id"]},
        {"name": "robot", "user": {"id": demo.id}},
        {"name": "robot", "user": user},
    )

    answers = [
        cloud.ask("POST", "/v3/auth/tokens", with_credential(**claim, secret="s3cret"))
        for claim in claims
    ]

    for answer in answers:
        token = answer.json["token"]
        assert token["methods"] == ["application_credential"]
        assert token["project"]["name"] == "demo"
        assert token["user"]["name"] == "demo"
        assert token["application_credential"] == {
            "id": made["id"],
            "name": "robot",
            "restricted": True,
        }
        assert token["catalog"]


def test_whoever_does_not_know_the_secret_gets_one_and_the_same_answer(
    cloud: Cloud, demo: Owner
) -> None:
    made = demo.make()
    claims: tuple[dict[str, Any], ...] = (
        {"id": made["id"], "secret": "wrong"},
        {"id": "nothing", "secret": made["secret"]},
        {"name": "nothing", "user": {"id": demo.id}, "secret": made["secret"]},
        {"name": "robot", "user": {"id": "nobody"}, "secret": made["secret"]},
    )

    answers = [cloud.ask("POST", "/v3/auth/tokens", with_credential(**c)) for c in claims]

    assert {answer.status_int for answer in answers} == {401}
    assert len({answer.body for answer in answers}) == 1


def test_the_secret_is_told_once_and_kept_as_a_hash(cloud: Cloud, demo: Owner) -> None:
    made = demo.make()

    rows = cloud.database.read(
        lambda db: db.execute(sa.select(ApplicationCredential.__table__)).mappings().all()
    )

    assert made["secret"] not in str(rows)
    assert rows[0]["secret_hash"].startswith("$2b$")


def test_it_has_no_more_roles_than_were_asked_for(cloud: Cloud, demo: Owner) -> None:
    made = demo.make(roles=[{"name": "reader"}])

    token = log_in(cloud, made).json["token"]

    assert [role["name"] for role in token["roles"]] == ["reader"]


def test_a_role_that_the_token_has_not_cannot_be_passed_on(cloud: Cloud, demo: Owner) -> None:
    for role in ({"name": "admin"}, {"id": cloud.ident("roles", "admin")}, {"name": "nothing"}):
        body = {"application_credential": {"name": "robot", "roles": [role]}}

        assert_refused(demo.ask("POST", "", body), (400,))


def test_an_administrators_stand_in_without_the_role_is_none(cloud: Cloud, demo: Owner) -> None:
    admin = cloud.token("admin", "admin")
    project, user = cloud.ident("projects", "demo"), cloud.ident("users", "admin")
    reader = cloud.ident("roles", "reader")
    cloud.ask("PUT", f"/v3/projects/{project}/users/{user}/roles/{reader}", token=admin)

    made = Owner(cloud, "admin", "demo").make(roles=[{"name": "reader"}])
    token = log_in(cloud, made).headers["X-Subject-Token"]

    assert cloud.ask("GET", "/v3/users", token=token).status_int == 403


def test_its_token_dies_with_it(cloud: Cloud, demo: Owner) -> None:
    made = demo.make()
    token = log_in(cloud, made).headers["X-Subject-Token"]
    assert works(cloud, token)

    demo.ask("DELETE", f"/{made['id']}")

    assert not works(cloud, token)
    assert log_in(cloud, made).status_int == 401


def test_it_and_its_token_end_with_its_time(tmp_path: Path) -> None:
    cloud = begin(tmp_path)  # whose time can be put forward
    demo = Owner(cloud)
    ends = cloud.clock.now() + timedelta(minutes=10)
    made = demo.make(expires_at=ends.isoformat())
    answer = log_in(cloud, made)
    token = answer.headers["X-Subject-Token"]

    cloud.clock.ahead = timedelta(minutes=11)

    assert answer.json["token"]["expires_at"] == ends.isoformat(timespec="microseconds") + "Z"
    assert not works(cloud, token)
    assert log_in(cloud, made).status_int == 401


@pytest.mark.parametrize("loss", ["role", "user", "project", "assignment", "disabled"])
def test_it_ends_with_what_it_stands_for(cloud: Cloud, demo: Owner, loss: str) -> None:
    admin, made = cloud.token("admin", "admin"), demo.make(roles=[{"name": "member"}])
    token = log_in(cloud, made).headers["X-Subject-Token"]
    role, project = cloud.ident("roles", "member"), cloud.ident("projects", "demo")
    assignment = f"/v3/projects/{project}/users/{demo.id}/roles/{role}"

    if loss == "disabled":
        body = {"user": {"enabled": False}}
        answer = cloud.ask("PATCH", f"/v3/users/{demo.id}", body, admin)
    else:
        path = {"role": f"/v3/roles/{role}", "user": f"/v3/users/{demo.id}"}
        path |= {"project": f"/v3/projects/{project}", "assignment": assignment}
        answer = cloud.ask("DELETE", path[loss], token=admin)

    assert answer.status_int in (200, 204)
    assert not works(cloud, token)
    assert log_in(cloud, made).status_int == 401
    if loss == "assignment":  # given again, it does not come to life again
        cloud.ask("PUT", assignment, token=admin)
        assert log_in(cloud, made).status_int == 401


def test_it_outlives_the_loss_of_a_role_that_it_was_not_made_with(
    cloud: Cloud, demo: Owner
) -> None:
    made, admin = demo.make(roles=[{"name": "member"}]), cloud.token("admin", "admin")
    role, project = cloud.ident("roles", "reader"), cloud.ident("projects", "demo")

    cloud.ask("DELETE", f"/v3/projects/{project}/users/{demo.id}/roles/{role}", token=admin)

    assert log_in(cloud, made).status_int == 201


def test_what_it_gives_makes_and_deletes_no_others(cloud: Cloud, demo: Owner) -> None:
    made = demo.make()
    demo.token = log_in(cloud, made).headers["X-Subject-Token"]

    refused = [
        demo.ask("POST", "", {"application_credential": {"name": "child"}}),
        demo.ask("DELETE", f"/{made['id']}"),
    ]

    for answer in refused:
        assert_refused(answer, (403,))
    assert demo.ask("GET").status_int == 200


def test_one_that_is_unrestricted_makes_others_of_its_own_roles_at_most(
    cloud: Cloud, demo: Owner
) -> None:
    made = demo.make(unrestricted=True, roles=[{"name": "reader"}])
    answer = log_in(cloud, made)
    demo.token = answer.headers["X-Subject-Token"]

    child = demo.make("child")
    more = {"application_credential": {"name": "more", "roles": [{"name": "member"}]}}

    assert answer.json["token"]["application_credential"]["restricted"] is False
    assert [role["name"] for role in child["roles"]] == ["reader"]
    assert_refused(demo.ask("POST", "", more), (400,))


def test_a_token_for_its_token_is_bound_to_it_as_well(cloud: Cloud, demo: Owner) -> None:
    made = demo.make(roles=[{"name": "reader"}])
    first = log_in(cloud, made).headers["X-Subject-Token"]

    second = cloud.ask("POST", "/v3/auth/tokens", with_token(first))
    elsewhere = [
        cloud.ask("POST", "/v3/auth/tokens", with_token(first, scope))
        for scope in ("unscoped", {"project": {"id": cloud.ident("projects", "admin")}})
    ]
    demo.ask("DELETE", f"/{made['id']}")

    assert [role["name"] for role in second.json["token"]["roles"]] == ["reader"]
    assert second.json["token"]["application_credential"]["id"] == made["id"]
    assert [answer.status_int for answer in elsewhere] == [401, 401]
    assert not works(cloud, second.headers["X-Subject-Token"])


def test_it_is_made_by_its_user_and_for_the_project_of_the_token(
    cloud: Cloud, demo: Owner
) -> None:
    body = {"application_credential": {"name": "robot"}}

    for token in (cloud.token("admin", "admin"), cloud.token("demo")):
        assert_refused(cloud.ask("POST", demo.many, body, token), (403,))
    other = {"application_credential": {"name": "robot", "project_id": "other"}}
    assert_refused(demo.ask("POST", "", other), (403,))


def test_others_do_not_see_it_and_admins_do(cloud: Cloud, demo: Owner) -> None:
    one = f"{demo.many}/{demo.make()['id']}"
    nova, admin = cloud.token("demo", "demo"), cloud.token("admin", "admin")
    foreign = one.replace(demo.id, cloud.ident("users", "nova"))

    assert cloud.ask("GET", one, token=admin).status_int == 200
    assert cloud.ask("GET", foreign, token=admin).status_int == 404
    assert_refused(cloud.ask("GET", foreign, token=nova), (403,))
    assert_refused(cloud.ask("DELETE", foreign, token=nova), (403,))


def test_a_name_is_taken_once_by_each_user(cloud: Cloud, demo: Owner) -> None:
    demo.make("robot")

    again = demo.ask("POST", "", {"application_credential": {"name": "robot"}})

    assert_refused(again, (409,))
    assert Owner(cloud, "admin", "demo").make("robot")


@pytest.mark.parametrize("when", ["yesterday", "2020-01-01T00:00:00", "0001-01-01T00:00:00+23:59"])
def test_a_time_that_is_over_or_none_is_refused(demo: Owner, when: str) -> None:
    body = {"application_credential": {"name": "robot", "expires_at": when}}

    assert_refused(demo.ask("POST", "", body), (400,))


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_a_wrong_type_anywhere_is_refused(cloud: Cloud, demo: Owner, wrong: Any) -> None:
    fields = ("name", "secret", "expires_at", "roles", "access_rules", "nothing")
    for field in fields:
        body = {"application_credential": {"name": "a", field: wrong}}
        assert_refused(demo.ask("POST", "", body), (201, 400, 409))
    for claim in ("id", "name", "user", "secret"):
        body = with_credential(**{"id": "x", "secret": "x", claim: wrong})
        assert_refused(cloud.ask("POST", "/v3/auth/tokens", body), (400, 401))


def test_a_list_asks_as_often_for_many_as_for_one(cloud: Cloud, demo: Owner) -> None:
    demo.make("first")
    with statements(cloud.database) as for_one:
        demo.ask("GET")
    for number in range(4):
        demo.make(str(number))
    with statements(cloud.database) as for_many:
        demo.ask("GET")

    assert for_one
    assert len(for_many) == len(for_one)


def test_nobody_has_access_rules(demo: Owner) -> None:
    answer = demo.cloud.ask("GET", f"/v3/users/{demo.id}/access_rules", token=demo.token)

    assert answer.json["access_rules"] == []
