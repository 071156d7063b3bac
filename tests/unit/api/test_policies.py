"""The rules as they are documented: for the requests that they decide."""

import re

from minicloud.api.policies import list_rules
from minicloud.api.policies.extensions import GONE
from minicloud.api.routes import ALL

_OF_ANOTHER_KIND = ("minicloud:images:", "os_compute_api:os-baremetal-nodes:")


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def test_every_route_is_among_the_operations_of_its_rule() -> None:
    documented = {
        (rule.name, operation["method"], _shape(operation["path"]))
        for rule in list_rules()
        for operation in getattr(rule, "operations", ())
    }
    served = {
        (row.rule, row.verb, _shape(row.path) + (f" ({row.key})" if row.key else ""))
        for row in ALL
        if row.rule != GONE and not row.path.startswith("/os-volumes_boot")
    }

    assert {one for one in served - documented if not one[0].startswith(_OF_ANOTHER_KIND)} == set()


def test_a_rule_has_one_meaning_and_says_what_it_is_for() -> None:
    rules = list_rules()

    assert len({rule.name for rule in rules}) == len(rules)
    assert all(rule.description for rule in rules)
