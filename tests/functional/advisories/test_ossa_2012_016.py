"""OSSA-2012-016 and 2013-011, CVE-2012-4457 and 2013-2059: tokens outlived tenant and user.

They were good for a tenant that had been disabled, and after their user was deleted.
"""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.sql import visitors

from minicloud.auth.embedded import Embedded
from minicloud.db import tokens
from tests.functional.advisories import demands_failure
from tests.functional.whole import Person, Whole

_SERVICES = (
    ("GET", "/compute/v2.1/servers"),
    ("GET", "/image/v2/images"),
    ("GET", "/identity/v3/auth/projects"),
)


def _patched(nouns: str, ident: str) -> Callable[[Whole], Any]:
    body = {nouns[:-1]: {"enabled": False}}
    return lambda cloud: cloud.identity("PATCH", f"/{nouns}/{ident}", body, cloud.admin)


def _deleted(path: str) -> Callable[[Whole], Any]:
    return lambda cloud: cloud.identity("DELETE", path, who=cloud.admin)


def _ways(cloud: Whole, who: Person, domain: str) -> dict[str, Callable[[Whole], Any]]:
    roles = [cloud.named("roles", name) for name in ("member", "reader")]
    place = f"/projects/{who.project_id}/users/{who.user_id}/roles"

    def no_role(cloud: Whole) -> Any:
        return [_deleted(f"{place}/{role['id']}")(cloud) for role in roles if role][-1]

    def revoked(cloud: Whole) -> Any:
        subject = {"X-Subject-Token": who.token}
        return cloud.identity("DELETE", "/auth/tokens", who=cloud.admin, headers=subject)

    return {
        "project disabled": _patched("projects", who.project_id),
        "user disabled": _patched("users", who.user_id),
        "domain disabled": _patched("domains", domain),
        "project deleted": _deleted(f"/projects/{who.project_id}"),
        "user deleted": _deleted(f"/users/{who.user_id}"),
        "roles taken": no_role,
        "token revoked": revoked,
    }


def nothing_outlives_its_grounds(cloud: Whole) -> None:
    domain = cloud.made("domains", {"name": "other"})["id"]
    names = list(_ways(cloud, cloud.person("probe", "p", domain=domain), domain))
    # The domain comes last: everybody else's would be closed with it.
    for number, name in enumerate(sorted(names, key=lambda name: "domain" in name)):
        who = cloud.person(f"user{number}", f"project{number}", domain=domain)
        for verb, path in _SERVICES * 3:  # so that whatever is remembered is remembered
            assert cloud.ask(verb, path, who=who).status_int == 200, (name, path)

        answer = _ways(cloud, who, domain)[name](cloud)

        assert answer.status_int in (200, 204), (name, answer.text)
        for verb, path in _SERVICES:
            if name == "project deleted" and path.startswith("/identity"):
                continue
            assert cloud.ask(verb, path, who=who).status_int == 401, (name, path)


def test_the_next_request_is_refused(cloud: Whole) -> None:
    nothing_outlives_its_grounds(cloud)


def test_a_cache_that_hears_of_nothing_is_found(
    cloud: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetched(self: Embedded, token: str, **words: Any) -> Any:
        if token not in known:
            known[token] = fetch(self, token, **words)
        return known[token]

    known: dict[str, Any] = {}
    fetch = Embedded.fetch_token
    monkeypatch.setattr(Embedded, "fetch_token", fetched)

    with demands_failure():
        nothing_outlives_its_grounds(cloud)


@pytest.mark.parametrize("ground", ["users", "domains", "projects"])
def test_a_ground_that_is_not_looked_at_is_found(
    cloud: Whole, monkeypatch: pytest.MonkeyPatch, ground: str
) -> None:
    """Nobody asks any more whether it is enabled."""

    def always(element: Any, **_words: Any) -> Any:
        if getattr(element, "key", None) == "enabled" and ground in str(element.table.name):
            return sa.true()
        return None

    asked = visitors.replacement_traverse(tokens._VALID, {}, always)
    monkeypatch.setattr(tokens, "_VALID", asked)
    monkeypatch.setattr(tokens, "revoke_all", lambda db, user_id: None)
    monkeypatch.setattr(tokens, "revoke_scoped", lambda db, project_id: None)

    with demands_failure():
        nothing_outlives_its_grounds(cloud)
