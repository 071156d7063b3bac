"""The whole cloud in one thread, from seeds: whatever is killed or lost, all comes to rest."""

import os
import subprocess
import sys

import pytest

from tests.simulation.scenario import play

_SEEDS = 80
_A_GROUP = 20


@pytest.mark.parametrize("first", range(1, _SEEDS + 1, _A_GROUP))
def test_nothing_is_stuck_or_lost_whatever_dies(first: int) -> None:
    found = {seed: play(seed).problems for seed in range(first, first + _A_GROUP)}

    bad = {seed: problems for seed, problems in found.items() if problems}
    assert not bad, "replay: python -m tests.simulation.run --seed N --trace"


def test_a_seed_gives_the_same_run_twice() -> None:
    play(8)

    once, twice = play(7, keep_trace=True), play(7, keep_trace=True)

    assert once.trace == twice.trace
    assert once.digest == twice.digest


def test_a_seed_gives_the_same_run_in_another_process() -> None:
    command = [sys.executable, "-m", "tests.simulation.run", "--seed", "7"]

    said = subprocess.run(
        command,
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert f"trace {play(7).digest:08x}: good" in said


def test_runs_of_different_seeds_differ() -> None:
    digests = {play(seed).digest for seed in (1, 2, 3)}

    assert len(digests) == 3
