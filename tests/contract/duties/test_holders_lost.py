"""Holders that are paused or killed: three programs that stand for a duty of each kind at once."""

import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db import duties
from minicloud.runtime.clock import SystemClock
from tests.contract.duties.conftest import KINDS, Deployment, Make
from tests.contract.duties.contender import WORK
from tests.waiting import until

TTL_S = 3.0
_PATIENCE_S = 8 * (TTL_S + 1)  # the promise is ttl + 1 s, on a machine that has time for it
Writes = list[tuple[int, str]]


@dataclass
class Facts:
    """Of one kind."""

    paused_s: float = 0.0  # until another had it
    killed_s: float = 0.0
    after_the_pause: str = ""  # what came of the write with the old token
    writes: Writes = field(default_factory=list)  # token and name, in order


class Program:
    def __init__(self, name: str, deployments: list[Deployment], directory: Path) -> None:
        words = [f"{d.kind}={d.url}" + (f"|{d.store}" if d.store else "") for d in deployments]
        module = "tests.contract.duties.contender"
        self.name, self.log = name, directory / f"{name}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, name, str(TTL_S), *words], stdout=log
            )

    def said(self) -> list[str]:
        return self.log.read_text().splitlines()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


class Walk:
    """Everything happens to all kinds at the same time."""

    def __init__(self, deployments: list[Deployment]) -> None:
        self._deployments = deployments
        self._clock = SystemClock()
        self.facts = {one.kind: Facts() for one in deployments}

    def holders(self) -> dict[str, str | None]:
        return {
            one.kind: next((row.holder for row in one.database.read(duties.all_of)), None)
            for one in self._deployments
        }

    def replaced(self, lost: str) -> dict[str, float]:
        """Seconds until each kind that was with the lost one is with another."""
        began, took = self._clock.monotonic(), dict[str, float]()
        theirs = {kind for kind, holder in self.holders().items() if holder == lost}

        def all_are() -> bool:
            for kind, holder in self.holders().items():
                if kind in theirs and holder != lost:
                    took.setdefault(kind, self._clock.monotonic() - began)
            return took.keys() == theirs

        until(all_are)
        return took

    def read(self) -> None:
        for one in self._deployments:
            self.facts[one.kind].writes = one.database.read(_writes)


def _writes(db: Session) -> Writes:
    query = sa.select(WORK.c.token, WORK.c.who).order_by(WORK.c.id)
    return [(row[0], row[1]) for row in db.execute(query)]


@pytest.fixture(scope="module")
def facts(make: Make, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Facts]:
    directory, deployments = tmp_path_factory.mktemp("programs"), [make(kind) for kind in KINDS]
    walk = Walk(deployments)
    with ExitStack() as running:

        def start(name: str) -> Program:
            program = Program(name, deployments, directory)
            running.callback(program.end)
            return program

        first = start("first")
        until(lambda: set(walk.holders().values()) == {"first"})
        others = start("second"), start("third")
        until(lambda: all(other.said() for other in others))

        first.process.send_signal(signal.SIGUSR1)
        for kind, seconds in walk.replaced("first").items():
            walk.facts[kind].paused_s = seconds
        first.process.send_signal(signal.SIGCONT)
        until(lambda: len(first.said()) == 1 + len(KINDS))
        for line in first.said()[1:]:
            kind, outcome = line.split()
            walk.facts[kind].after_the_pause = outcome

        for other in others:
            other.process.kill()
            for kind, seconds in walk.replaced(other.name).items():
                walk.facts[kind].killed_s = seconds
        first.process.terminate()
        assert first.process.wait(60) == 0
    walk.read()
    return walk.facts


@pytest.mark.parametrize("kind", KINDS)
def test_a_holder_that_is_paused_is_replaced(kind: str, facts: dict[str, Facts]) -> None:
    assert 0 < facts[kind].paused_s < _PATIENCE_S


@pytest.mark.parametrize("kind", KINDS)
def test_a_paused_holder_that_wakes_is_refused(kind: str, facts: dict[str, Facts]) -> None:
    assert facts[kind].after_the_pause == "refused"


@pytest.mark.parametrize("kind", KINDS)
def test_a_holder_that_is_killed_is_replaced(kind: str, facts: dict[str, Facts]) -> None:
    assert 0 < facts[kind].killed_s < _PATIENCE_S


@pytest.mark.parametrize("kind", KINDS)
def test_each_token_was_one_writers_and_none_wrote_after_a_later_one(
    kind: str, facts: dict[str, Facts]
) -> None:
    writes = facts[kind].writes
    writers: dict[int, set[str]] = {}
    for token, who in writes:
        writers.setdefault(token, set()).add(who)

    assert all(len(names) == 1 for names in writers.values())
    assert [token for token, _who in writes] == sorted(token for token, _who in writes)
    assert {who for _token, who in writes} >= {"first"}
    assert len(writers) >= 2
