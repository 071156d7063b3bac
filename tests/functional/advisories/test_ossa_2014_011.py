"""OSSA-2014-011, OSSA-2026-011, CVE-2014-0167, CVE-2026-40213, -40214: checks that were missing.

Policy was enforced on one of two APIs; a rule that nobody wrote allowed everyone; nobody asked for
the owner.
"""

from typing import Any, Final
from uuid import uuid4

import pytest
from oslo_policy import policy as oslo_policy

from minicloud import errors
from minicloud.api import policies
from minicloud.api.matching import RouteMap
from minicloud.api.middleware.policy import RoutePolicy
from minicloud.api.policies import base
from minicloud.api.policy import Policy
from minicloud.api.routes import ALL
from minicloud.api.row import OPEN, Row
from minicloud.context import RequestContext
from tests.functional.advisories import demands_failure
from tests.functional.whole import Person, Whole

# Rules that ask for nothing but a token of some project, as in Nova: what they guard is the same
# for everybody, or is the caller's own.
_FOR_ANYONE: Final = {
    "minicloud:flavors:read",
    "minicloud:gone",
    "os_compute_api:extensions",
    "os_compute_api:limits",
    "os_compute_api:os-availability-zone:list",
    "os_compute_api:os-floating-ip-pools",
    "os_compute_api:os-quota-sets:defaults",
}


def _path(row: Row) -> str:
    path = row.path
    while "{" in path:
        path = path[: path.index("{")] + str(uuid4()) + path[path.index("}") + 1 :]
    return path


def nothing_is_had_without_a_role(cloud: Whole) -> None:
    """A token of a project and a role that no rule speaks of: every route says 403."""
    nobody = cloud.person("nobody", "empty", roles=("of-no-rule",))
    for row in ALL:
        for root in ("/compute/v2.1", "/compute/v2"):
            body = {row.key: None} if row.key else ({} if row.verb in ("POST", "PUT") else None)
            version = row.since if root.endswith("1") else 1
            answer = cloud.ask(row.verb, root + _path(row), body, nobody, version=version)
            if root.endswith("v2") and row.since > 1:
                continue
            if row.noun == "keypairs":  # each user's own, whatever the role: see below
                assert answer.status_int in (200, 400, 404), (row, answer.text)
            elif row.rule in _FOR_ANYONE:
                assert answer.status_int in (200, 404, 410), (row, answer.text)
            else:
                assert answer.status_int == 403, (row, answer.text)


def nothing_is_had_without_a_token(cloud: Whole) -> None:
    for row in ALL:
        for root in ("/compute/v2.1", "/compute/v2"):
            body = {row.key: None} if row.key else None
            answer = cloud.ask(row.verb, root + _path(row), body, version=row.since)
            assert answer.status_int == 401, (row, answer.text)


def every_rule_is_somebodys_decision(rules: Any) -> None:
    """No route without a rule, no rule that is not written down, none that is empty."""
    defaults = {rule.name: rule.check_str for rule in rules}
    for row in ALL:
        assert row.rule != OPEN, row
        assert row.rule in defaults, row
        if defaults[row.rule] in ("", base.ANYONE):
            assert row.rule in _FOR_ANYONE, row
    assert "" not in defaults.values()
    assert "!" not in defaults.values()


def what_no_rule_speaks_of_is_refused(policy: Policy) -> None:
    king = RequestContext(
        user_id="u", project_id="p", roles=["admin"], is_admin=True, overwrite=False
    )
    assert policy.allows(king, "context_is_admin")
    for name in ("os_compute_api:servers:made_up", "default", ""):
        assert not policy.allows(king, name), name
    for rule in ("os_compute_api:servers:made_up", ""):
        row = Row("GET", "/made-up", "servers", "index", rule)
        with pytest.raises((LookupError, ValueError, errors.MinicloudError)):
            RouteMap((row,), policy.names())


def what_is_anothers_is_refused(cloud: Whole, alice: Person) -> None:
    """Someone of the same project with the same roles is not the owner of a user's things."""
    carol = cloud.person("carol", alice.project)
    made = cloud.compute("POST", "/os-keypairs", {"keypair": {"name": "k"}}, alice)
    assert made.status_int == 200
    of_alice = f"user_id={alice.user_id}"
    for verb, path, body in (
        ("GET", f"/os-keypairs?{of_alice}", None),
        ("GET", f"/os-keypairs/k?{of_alice}", None),
        ("DELETE", f"/os-keypairs/k?{of_alice}", None),
        ("POST", "/os-keypairs", {"keypair": {"name": "x", "user_id": alice.user_id}}),
    ):
        answer = cloud.compute(verb, path, body, carol, version=35)
        assert answer.status_int == 403, (verb, path, answer.text)
    path = f"/users/{alice.user_id}"
    robot = {"application_credential": {"name": "robot"}}
    for verb, below, body in (
        ("GET", "", None),
        ("PATCH", "", {"user": {"email": "x"}}),
        ("GET", "/projects", None),
        ("GET", "/application_credentials", None),
        ("POST", "/application_credentials", robot),
    ):
        answer = cloud.identity(verb, path + below, body, carol)
        assert answer.status_int == 403, (verb, below, answer.text)


def test_every_route_refuses_whoever_has_no_role(cloud: Whole) -> None:
    nothing_is_had_without_a_role(cloud)


def test_every_route_refuses_whoever_has_no_token(cloud: Whole) -> None:
    nothing_is_had_without_a_token(cloud)


def test_every_route_has_a_rule_and_every_rule_a_meaning() -> None:
    every_rule_is_somebodys_decision(policies.list_rules())


def test_what_is_not_allowed_is_refused(cloud: Whole) -> None:
    what_no_rule_speaks_of_is_refused(Policy(cloud.conf))


def test_what_belongs_to_a_user_is_that_users(cloud: Whole, alice: Person) -> None:
    what_is_anothers_is_refused(cloud, alice)


def test_a_rule_that_nobody_wrote_and_that_allows_is_found(
    cloud: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    def allows(self: Policy, context: Any, rule: str, target: Any = None) -> bool:
        return rule not in self.names() or allowed(self, context, rule, target)

    allowed = Policy.allows
    monkeypatch.setattr(Policy, "allows", allows)

    with demands_failure():
        what_no_rule_speaks_of_is_refused(Policy(cloud.conf))


def test_a_rule_that_allows_everyone_is_found() -> None:
    rules = [
        oslo_policy.RuleDefault(rule.name, "@") if rule.name.endswith(":servers:delete") else rule
        for rule in policies.list_rules()
    ]

    with demands_failure():
        every_rule_is_somebodys_decision(rules)


def test_a_second_address_without_a_check_is_found(
    cloud: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    def allowed(self: RoutePolicy, req: Any, match: Any) -> Row:
        if req.legacy and match.rows[0].key is None:
            row: Row = match.rows[0]
            return row
        return checked(self, req, match)

    checked = RoutePolicy._allowed
    monkeypatch.setattr(RoutePolicy, "_allowed", allowed)
    monkeypatch.setattr(Policy, "check_owned", lambda *words: None)

    with demands_failure():
        nothing_is_had_without_a_role(cloud)


def test_an_owner_who_is_not_asked_for_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Policy, "check", lambda *words: None)

    with demands_failure():
        what_is_anothers_is_refused(cloud, alice)


def test_an_identity_service_that_does_not_ask_who_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "minicloud.identity.parts.Parts.admin_or", lambda self, call, user_id: self.grant(call)
    )

    with demands_failure():
        what_is_anothers_is_refused(cloud, alice)
