"""OSSA-2012-010 and -019, CVE-2012-3426 and -5563: a token for a token lived longer each time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from minicloud.db import identity, models, tokens
from minicloud.identity import login
from tests.functional.advisories import demands_failure
from tests.functional.service_client import PASSWORD, with_token
from tests.functional.whole import Person, Whole


def _next(cloud: Whole, token: str, project: str) -> str:
    scope = {"project": {"name": project, "domain": {"id": "default"}}}
    answer = cloud.identity("POST", "/auth/tokens", with_token(token, scope))
    assert answer.status_int == 201, answer.text
    return str(answer.headers["X-Subject-Token"])


def _opens(cloud: Whole, token: str) -> set[int]:
    """What the three services say to it, and whether another can be had for it."""
    return {
        cloud.compute("GET", "/servers", who=token).status_int,
        cloud.image("GET", "/images", who=token).status_int,
        cloud.identity("GET", "/auth/projects", who=token).status_int,
        cloud.identity("POST", "/auth/tokens", with_token(token)).status_int,
    }


def no_chain_outlives_its_first_token(cloud: Whole, alice: Person) -> None:
    token = alice.token
    for _ in range(5):
        cloud.clock.ahead += timedelta(hours=4)
        token = _next(cloud, token, alice.project)
        assert _opens(cloud, token) == {200, 201}

    cloud.clock.ahead += timedelta(hours=4, seconds=1)
    assert _opens(cloud, token) == {401}


def a_new_password_ends_every_chain(cloud: Whole, alice: Person) -> None:
    chain = [alice.token]
    for _ in range(3):
        chain.append(_next(cloud, chain[-1], alice.project))
    for token in chain:
        assert _opens(cloud, token) == {200, 201}

    body = {"user": {"original_password": PASSWORD, "password": "another"}}
    answer = cloud.identity("POST", f"/users/{alice.user_id}/password", body)

    assert answer.status_int == 204
    for token in chain:
        assert _opens(cloud, token) == {401}


def an_administrator_ends_every_chain(cloud: Whole, alice: Person) -> None:
    """By a new password, or by disabling the user for a moment."""
    for change in ({"password": "another"}, {"enabled": False}):
        token = cloud.token(alice.name, alice.project, PASSWORD)
        chain = [token, _next(cloud, token, alice.project)]
        path, user = f"/users/{alice.user_id}", {"user": change}
        assert cloud.identity("PATCH", path, user, cloud.admin).status_int == 200
        for token in chain:
            assert _opens(cloud, token) == {401}
        back = {"user": {"enabled": True} if "enabled" in change else {"password": PASSWORD}}
        assert cloud.identity("PATCH", path, back, cloud.admin).status_int == 200
        for token in chain:
            assert _opens(cloud, token) == {401}


def test_a_token_got_with_a_token_never_outlives_the_first(cloud: Whole, alice: Person) -> None:
    no_chain_outlives_its_first_token(cloud, alice)


def test_a_new_password_ends_all_tokens_at_once(cloud: Whole, alice: Person) -> None:
    a_new_password_ends_every_chain(cloud, alice)


def test_what_an_administrator_ends_stays_ended(cloud: Whole, alice: Person) -> None:
    an_administrator_ends_every_chain(cloud, alice)


def test_a_token_that_begins_life_anew_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(parts: Any, claim: Any) -> login.Proof:
        return replace(proof(parts, claim), until=None)

    proof = login.METHODS["token"]
    monkeypatch.setitem(login.METHODS, "token", forgetful)

    with demands_failure():
        no_chain_outlives_its_first_token(cloud, alice)


def test_a_password_change_that_leaves_tokens_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed(db: Any, user_id: str, new: str, now: Any, old: str | None = None) -> bool:
        user = db.get(models.User, user_id)
        user.password_hash = new
        return True

    monkeypatch.setattr(identity, "change_password", changed)

    with demands_failure():
        a_new_password_ends_every_chain(cloud, alice)


def test_a_disabled_user_whose_tokens_sleep_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "revoke_all", lambda db, user_id: None)

    with demands_failure():
        an_administrator_ends_every_chain(cloud, alice)
