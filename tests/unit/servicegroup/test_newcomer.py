"""A program that wants a name gets it at once, or waits and says so, or is told who has it."""

import logging
from collections.abc import Mapping, Sequence

import pytest

from minicloud.errors import CannotStart, NameAlike, NameTaken
from minicloud.runtime import owner
from minicloud.servicegroup import newcomer
from tests.hand_clock import HandClock


class Registry:
    """Somebody has the name, until a moment."""

    def __init__(self, clock: HandClock, *nonces: str, until_s: float = 1e9) -> None:
        self.clock, self.nonces, self.until_s = clock, nonces, until_s
        self.asked = 0

    def ask(self, ended: Sequence[str]) -> Mapping[str, int]:
        self.asked += 1
        left = [nonce for nonce in self.nonces if nonce not in ended]
        if left and self.clock.monotonic() < self.until_s:
            raise NameTaken("node1", f"process of {left[0]}", {"nonce": left[0]})
        return {"node1": 7}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def test_a_name_that_nobody_has_is_got_by_one_question(clock: HandClock) -> None:
    registry = Registry(clock)

    assert newcomer.wait(registry.ask, clock, 30.0) == {"node1": 7}
    assert registry.asked == 1


def test_those_who_have_ended_are_followed_at_once(clock: HandClock) -> None:
    registry = Registry(clock, "a", "b")

    assert newcomer.wait(registry.ask, clock, 30.0, lambda other: True) == {"node1": 7}
    assert clock.monotonic() == 0


def test_who_says_that_it_lives_although_it_has_ended_is_asked_for_once(
    clock: HandClock,
) -> None:
    def ask(ended: Sequence[str]) -> Mapping[str, int]:
        raise NameTaken("node1", "a", {"nonce": "a"})

    with pytest.raises(NameTaken):
        newcomer.take(ask, lambda other: True)


def test_the_wait_ends_when_the_other_has_ended_and_is_told_of(
    clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    registry = Registry(clock, "a", until_s=20.0)

    assert newcomer.wait(registry.ask, clock, 30.0, lambda other: False) == {"node1": 7}

    told = [record.getMessage() for record in caplog.records]
    assert told[0] == (
        "node1 is served by another program: process of a; waiting for its end, 30 s more"
    )
    assert 3 <= len(told) <= 5
    assert 20.0 <= clock.monotonic() < 22.0


def test_who_waits_in_vain_is_told_who_has_the_name_and_what_to_do(clock: HandClock) -> None:
    registry = Registry(clock, "a")

    with pytest.raises(CannotStart, match=r"node1 .* goes on to live: process of a\. Stop it"):
        newcomer.wait(registry.ask, clock, 30.0, lambda other: False)

    assert 30.0 <= clock.monotonic() < 32.0


def test_this_process_has_not_ended_and_one_whose_pid_is_used_again_has() -> None:
    mine = owner.this_process("test")

    assert not owner.is_gone(mine)
    assert owner.is_gone({**mine, "started": "0"})
    assert not owner.is_gone({**mine, "started": "0", "machine": "elsewhere"})
    assert owner.this_process("test")["nonce"] != mine["nonce"]


def test_an_owner_is_told_by_program_process_machine_and_time() -> None:
    one = {"program": "nova-compute", "pid": 7, "machine": "rack1 9c0 pid:[1]", "nonce": "n"}
    since = {**one, "since": "2026-03-01 12:00:00.123456"}

    assert owner.told(one) == "nova-compute, process 7 on rack1"
    assert owner.told(since) == f"{owner.told(one)}, since 2026-03-01 12:00:00 UTC"


@pytest.mark.parametrize("name", ["", "x" * 256, " node", "node ", "no\nde", "no\x00de", "\u200b"])
def test_a_name_that_no_database_could_keep_is_refused_before_anybody_is_asked(name: str) -> None:
    with pytest.raises(CannotStart, match="cannot be the name of a service or host"):
        newcomer.check(["node1", name])


def test_names_of_many_kinds_are_taken_and_each_once() -> None:
    newcomer.check(["node1", "rack 7/node", "name\u524d", "x" * 255])

    with pytest.raises(CannotStart, match=r"more than once: b$"):
        newcomer.check(["a", "b", "b"])


def test_a_name_that_the_database_takes_for_anothers_is_told_of_at_once(clock: HandClock) -> None:
    def ask(_ended: Sequence[str]) -> Mapping[str, int]:
        raise NameAlike("Node1", "node1")

    with pytest.raises(CannotStart, match="Node1 is for this database the same name as node1"):
        newcomer.wait(ask, clock, 30.0)

    assert clock.monotonic() == 0
