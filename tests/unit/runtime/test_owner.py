"""Who makes room: a process that has ended, and the one that this one takes the place of."""

import os

import pytest

from minicloud.runtime import owner
from minicloud.runtime.service import PREDECESSOR


def test_a_living_process_makes_no_room() -> None:
    assert not owner.makes_room(owner.this_process("p"))


def test_the_predecessor_in_a_rolling_restart_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREDECESSOR, str(os.getpid()))

    assert owner.makes_room(owner.this_process("p"))


def test_a_process_of_that_number_on_another_machine_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(PREDECESSOR, str(os.getpid()))

    assert not owner.makes_room({**owner.this_process("p"), "machine": "elsewhere"})


def test_one_that_ended_makes_room() -> None:
    assert owner.makes_room({**owner.this_process("p"), "started": "long ago"})
