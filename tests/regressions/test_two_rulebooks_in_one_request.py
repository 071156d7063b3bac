"""An edit of the policy that fell between two questions of one request answered them by two files,
so a request could pass that neither file allows."""

from pathlib import Path

from tests.unit.api.rulebook.policies import CREATE, SHOW, caller, policy_of

_BEFORE = f'"{SHOW}": "@"\n"{CREATE}": "!"\n'
_AFTER = f'"{SHOW}": "!"\n"{CREATE}": "@"\n'


def test_all_questions_of_a_request_are_answered_by_one_file(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(_BEFORE)
    policy = policy_of(tmp_path)
    first = caller("reader")
    first.rules = policy.refresh()
    assert policy.allows(first, SHOW)

    file.write_text(_AFTER)
    second = caller("reader")
    second.rules = policy.refresh()

    assert not policy.allows(first, CREATE)
    assert policy.allows(first, SHOW)
    assert (policy.allows(second, SHOW), policy.allows(second, CREATE)) == (False, True)
