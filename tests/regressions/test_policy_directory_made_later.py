"""A directory of rules named with a slash at its end, and made after the start, was a 500."""

from pathlib import Path

from tests.unit.api.rulebook.policies import SHOW, allowed, policy_of


def test_rules_in_a_directory_that_is_made_later_count(tmp_path: Path) -> None:
    (tmp_path / "minicloud.conf").write_text("[oslo_policy]\npolicy_dirs = rules.d/\n")
    policy = policy_of(tmp_path)
    assert allowed(policy, ["reader"], SHOW)

    (tmp_path / "rules.d").mkdir()
    (tmp_path / "rules.d" / "closed.yaml").write_text(f'"{SHOW}": "!"\n')

    assert not allowed(policy, ["reader"], SHOW)
