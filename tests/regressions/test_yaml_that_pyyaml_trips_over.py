"""PyYAML raises nearly anything for a value unfit for its tag: a request was a 500 for it."""

import logging
from pathlib import Path

import pytest

from minicloud.api.ratelimit import notation
from minicloud.api.ratelimit.file_source import FileSource
from minicloud.api.rulebook.texts import BadRule
from minicloud.errors import CannotStart
from tests.hand_clock import HandClock
from tests.unit.api.rulebook.policies import SHOW, allowed, policy_of

_NO_CHARACTERS = [r'"\UFFFFFFFF"', r'"\U00110000"']
_MISFITS = ["!!timestamp soon", "!!bool perhaps", '!!int ""', '!!float ""', *_NO_CHARACTERS]


@pytest.mark.parametrize("value", _MISFITS)
def test_a_policy_with_it_is_told_of_and_the_rules_before_stay(
    tmp_path: Path, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(f'"{SHOW}": "!"\n')
    policy = policy_of(tmp_path)

    file.write_text(f'"{SHOW}": {value}\n')

    assert not allowed(policy, ["reader"], SHOW)
    errors = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert len(errors) == 1
    assert f"{file}: " in errors[0].getMessage()
    assert "it is no YAML" in errors[0].getMessage()


@pytest.mark.parametrize("value", _MISFITS)
def test_nothing_starts_with_such_a_policy_and_one_line_says_why(
    tmp_path: Path, value: str
) -> None:
    (tmp_path / "policy.yaml").write_text(f'"{SHOW}": {value}\n')

    with pytest.raises((CannotStart, BadRule), match="it is no YAML") as said:
        policy_of(tmp_path)

    assert "\n" not in str(said.value)


@pytest.mark.parametrize("value", _NO_CHARACTERS)
def test_limits_with_it_are_refused_and_those_before_stay(tmp_path: Path, value: str) -> None:
    file, clock = tmp_path / "limits.yaml", HandClock()
    file.write_text("limits: []\n")
    source = FileSource(file, clock)
    before = source.table()

    file.write_text(f"limits: []\nclasses: {{p1: {value}}}\n")
    clock.pass_s(10)

    assert source.table() is before
    with pytest.raises(notation.BadNotation, match="this is no YAML"):
        notation.read(file.read_text(), "limits.yaml")
