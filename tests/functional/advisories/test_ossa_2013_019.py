"""OSSA-2013-019 and -024, CVE-2013-2256 and -4278: a private flavor was had by guessing its id.

The first fix covered showing it, and not booting from it.
"""

from typing import Any

import pytest
import sqlalchemy as sa

from minicloud.db import flavors
from minicloud.zones.local import create
from tests.functional.advisories import demands_failure
from tests.functional.server_rows import run
from tests.functional.whole import Person, Whole

_SECRET = "of-one-customer"
_ID, _MISSING = "666", "667"


def _private(cloud: Whole) -> None:
    made = {"name": _SECRET, "ram": 64, "vcpus": 1, "disk": 1, "id": _ID}
    body = {"flavor": made | {"os-flavor-access:is_public": False}}
    assert cloud.compute("POST", "/flavors", body, cloud.admin).status_int == 200
    specs = {"extra_specs": {"secret": _SECRET}}
    path = f"/flavors/{_ID}/os-extra_specs"
    assert cloud.compute("POST", path, specs, cloud.admin).status_int == 200


def _requests(cloud: Whole, server: str, flavor: str) -> list[tuple[str, str, Any, int]]:
    """Every operation that can name a flavor: verb, path, body, microversion."""
    path, image = f"/flavors/{flavor}", cloud.picture()
    wanted = {"name": "vm", "flavorRef": flavor, "imageRef": image}
    by_address = wanted | {"flavorRef": f"http://cloud/compute/v2.1/flavors/{flavor}"}
    specs = f"{path}/os-extra_specs"
    access = {"tenant": "one"}
    return [
        ("GET", path, None, 1),
        ("GET", path, None, 61),
        ("GET", f"{path}/os-flavor-access", None, 1),
        ("GET", specs, None, 1),
        ("GET", f"{specs}/secret", None, 1),
        ("PUT", f"{specs}/secret", {"secret": "x"}, 1),
        ("DELETE", f"{specs}/secret", None, 1),
        ("POST", specs, {"extra_specs": {"a": "b"}}, 1),
        ("PUT", path, {"flavor": {"description": "x"}}, 55),
        ("DELETE", path, None, 1),
        ("POST", f"{path}/action", {"addTenantAccess": access}, 1),
        ("POST", f"{path}/action", {"removeTenantAccess": access}, 1),
        ("GET", f"/flavors?marker={flavor}", None, 1),
        ("GET", f"/flavors/detail?marker={flavor}", None, 1),
        ("GET", f"/flavors?marker={flavor}&is_public=None", None, 1),
        ("GET", "/flavors/detail?is_public=None", None, 1),
        ("GET", "/flavors/detail?is_public=False", None, 1),
        ("GET", "/flavors/detail?minRam=0&sort_key=memory_mb", None, 1),
        ("POST", "/servers", {"server": wanted}, 1),
        ("POST", "/servers", {"server": by_address}, 1),
        ("POST", "/os-volumes_boot", {"server": wanted}, 1),
        ("POST", f"/servers/{server}/action", {"resize": {"flavorRef": flavor}}, 1),
        ("GET", f"/servers?flavor={flavor}", None, 1),
        ("GET", f"/servers/detail?flavor={flavor}", None, 1),
    ]


def cannot_be_told_from_one_that_is_not_there(cloud: Whole, alice: Person) -> None:
    _private(cloud)
    server = cloud.boot(alice)
    run(cloud.books, server)

    for there, missing in zip(
        _requests(cloud, server, _ID), _requests(cloud, server, _MISSING), strict=True
    ):
        answers = []
        for (verb, path, body, version), named in ((there, _ID), (missing, _MISSING)):
            answer = cloud.compute(verb, path, body, alice, version=version)
            assert _SECRET not in answer.text, there
            assert answer.status_int < 500, there
            assert verb == "GET" or answer.status_int >= 400, there
            answers.append((answer.status_int, answer.text.replace(named, "")))
        assert answers[0] == answers[1], there


def opens_to_whom_it_was_given(cloud: Whole, alice: Person, bob: Person) -> None:
    """And to nobody else, nor any longer."""
    _private(cloud)
    given = {"addTenantAccess": {"tenant": alice.project_id}}
    taken = {"removeTenantAccess": {"tenant": alice.project_id}}
    cloud.compute("POST", f"/flavors/{_ID}/action", given, cloud.admin)
    ref = cloud.boot(alice, flavorRef=_ID)
    body = {"server": {"name": "vm", "flavorRef": _ID, "imageRef": cloud.picture()}}

    assert cloud.compute("GET", f"/flavors/{_ID}", who=alice).status_int == 200
    assert cloud.compute("GET", f"/flavors/{_ID}", who=bob).status_int == 404
    assert cloud.compute("POST", "/servers", body, bob).status_int == 400
    shown = cloud.compute("GET", f"/servers/{ref}", who=alice, version=47).json["server"]
    assert shown["flavor"]["original_name"] == _SECRET  # of a server that is hers
    assert cloud.compute("GET", f"/servers/{ref}", who=bob).status_int == 404

    cloud.compute("POST", f"/flavors/{_ID}/action", taken, cloud.admin)
    assert cloud.compute("GET", f"/flavors/{_ID}", who=alice).status_int == 404
    assert cloud.compute("POST", "/servers", body, alice).status_int == 400


def test_a_private_flavor_is_as_one_that_is_not_there(cloud: Whole, alice: Person) -> None:
    cannot_be_told_from_one_that_is_not_there(cloud, alice)


def test_access_is_given_and_taken(cloud: Whole, alice: Person, bob: Person) -> None:
    opens_to_whom_it_was_given(cloud, alice, bob)


def test_a_flavor_that_is_found_by_its_id_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = flavors.get
    monkeypatch.setattr(flavors, "get", lambda db, ref, project_id=None: found(db, ref))

    with demands_failure():
        cannot_be_told_from_one_that_is_not_there(cloud, alice)


def test_the_half_fix_that_forgot_to_boot_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(create, "usable_flavor", lambda db, who, ref: flavors.get(db, ref))

    with demands_failure():
        cannot_be_told_from_one_that_is_not_there(cloud, alice)


def test_a_marker_that_gives_it_away_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flavors, "_accessible", lambda project_id: sa.true())

    with demands_failure():
        cannot_be_told_from_one_that_is_not_there(cloud, alice)


def test_access_that_is_not_looked_at_again_is_found(
    cloud: Whole, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flavors, "remove_access", lambda db, flavor, project_id: None)

    with demands_failure():
        opens_to_whom_it_was_given(cloud, alice, bob)
