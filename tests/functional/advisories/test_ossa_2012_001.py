"""OSSA-2012-001, CVE-2012-0030: a crafted path acted on the servers of another tenant."""

from typing import Any

import pytest

from minicloud.api import paths
from minicloud.api.handlers import of_server, servers
from minicloud.api.middleware import context
from tests.functional.advisories import demands_failure
from tests.functional.whole import Person, Whole

_SECRET = "kept-from-others"
_MISSING = "99999999-0000-4000-8000-000000000009"


def _crafted(mine: str, theirs: str, ref: str) -> list[str]:
    """Ways to name another's server, or to be another's project."""
    paths = [
        f"/{theirs}/servers",
        f"/{theirs}/servers/detail",
        f"/{theirs}/servers/{ref}",
        f"/{theirs}/servers/{ref}.json",
        f"/{theirs}/servers/{ref}/",
        f"/{theirs.upper()}/servers/{ref}",
        f"/{mine}/../{theirs}/servers/{ref}",
        f"/{mine}/%2e%2e/{theirs}/servers/{ref}",
        f"/{mine}%2f..%2f{theirs}/servers/{ref}",
        f"/{mine}/{theirs}/servers/{ref}",
        f"/{mine};{theirs}/servers/{ref}",
        f"/{mine}%00{theirs}/servers/{ref}",
        f"//{theirs}/servers/{ref}",
        f"/{mine}//servers/{ref}",
        f"/servers/{ref}",
        f"/servers//{ref}",
        f"/servers/{ref}//",
        f"/servers/./{ref}",
        f"/servers/{_MISSING}/../{ref}",
        f"/servers/{_MISSING}%2f..%2f{ref}",
        f"/servers/%20{ref}",
        f"/servers/{ref.upper()}",
        f"/servers/{ref.replace('-', '')}",
        f"/{mine}/servers/{ref}",
        f"/{mine}/servers/{ref}?project_id={theirs}",
        f"/{mine}/servers/detail?project_id={theirs}",
        f"/{mine}/servers/detail?tenant_id={theirs}",
        f"/servers/detail?all_tenants=1&project_id={theirs}",
        f"/servers/detail?all_tenants=0&tenant_id={theirs}",
        f"/servers?marker={ref}",
    ]
    return [root + path for root in ("/compute/v2.1", "/compute/v2") for path in paths]


def stays_in_its_project(cloud: Whole, alice: Person, bob: Person) -> None:
    ref = cloud.boot(bob, _SECRET)
    before = cloud.compute("GET", f"/servers/{ref}", who=bob).json["server"]

    for path in _crafted(alice.project_id, bob.project_id, ref):
        for verb, body in (
            ("GET", None),
            ("PUT", {"server": {"name": "mine"}}),
            ("POST", {"os-stop": None}),
            ("DELETE", None),
        ):
            answer = cloud.ask(verb, path, body, alice)
            assert _SECRET not in answer.text, (verb, path)
            assert answer.status_int < 500, (verb, path, answer.text)
            if answer.status_int < 300:
                assert answer.json.get("servers") == [], (verb, path)
        place, mark, query = path.partition("?")
        action = cloud.ask("POST", f"{place}/action{mark}{query}", {"os-stop": None}, alice)
        assert action.status_int in (400, 404, 405), (path, action.text)

    assert cloud.compute("GET", f"/servers/{ref}", who=bob).json["server"] == before


def the_path_names_the_project_of_the_token(cloud: Whole, alice: Person, bob: Person) -> None:
    for path in ("servers", "servers/detail", "flavors", "os-keypairs", "limits", "extensions"):
        for root in ("/compute/v2.1", "/compute/v2"):
            answer = cloud.ask("GET", f"{root}/{bob.project_id}/{path}", who=alice)
            assert answer.status_int == 400, (root, path, answer.text)
            own = cloud.ask("GET", f"{root}/{alice.project_id}/{path}", who=alice)
            assert own.status_int == 200, (root, path, own.text)


def a_body_names_no_owner(cloud: Whole, alice: Person, bob: Person) -> None:
    for field in ("tenant_id", "project_id", "user_id", "owner", "host", "vm_state", "id", "uuid"):
        wanted = {"name": "x", "flavorRef": "42", "imageRef": cloud.picture()}
        made = cloud.compute(
            "POST", "/servers", {"server": wanted | {field: bob.project_id}}, alice
        )
        assert made.status_int == 400, field
        beside = {"server": wanted, field: bob.project_id}
        assert cloud.compute("POST", "/servers", beside, alice).status_int == 400, field
    assert cloud.compute("GET", "/servers", who=bob).json["servers"] == []


def test_a_crafted_path_reaches_nothing_of_another_project(
    cloud: Whole, alice: Person, bob: Person
) -> None:
    stays_in_its_project(cloud, alice, bob)


def test_the_project_of_the_path_is_that_of_the_token(
    cloud: Whole, alice: Person, bob: Person
) -> None:
    the_path_names_the_project_of_the_token(cloud, alice, bob)


def test_no_body_says_whose_a_server_is(cloud: Whole, alice: Person, bob: Person) -> None:
    a_body_names_no_owner(cloud, alice, bob)


def test_a_path_that_is_not_held_against_the_token_is_found(
    cloud: Whole, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "_hold_against", lambda named, project_id: None)

    with demands_failure():
        the_path_names_the_project_of_the_token(cloud, alice, bob)


def test_a_path_that_decides_for_whom_is_asked_is_found(
    cloud: Whole, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def believing(self: context.Context, grant: Any, environ: dict[str, Any]) -> Any:
        made = true(self, grant, environ)
        made.project_id = paths.place(environ).project or made.project_id
        return made

    true = context.Context._context
    monkeypatch.setattr(context.Context, "_context", believing)

    with demands_failure():
        stays_in_its_project(cloud, alice, bob)


def test_a_lookup_without_the_project_is_found(
    cloud: Whole, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (of_server, servers):
        monkeypatch.setattr(module, "own_or_any", lambda req: True)
    monkeypatch.setattr("minicloud.api.policy.Policy.check_owned", lambda *words: None)

    with demands_failure():
        stays_in_its_project(cloud, alice, bob)
