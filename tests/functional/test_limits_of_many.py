"""Eight API programs over one Redis limit as one would, whatever is killed or changed."""

import http.client
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import pytest
from redis import Redis

from minicloud.api.ratelimit import writing
from minicloud.api.ratelimit.limit import Limit
from minicloud.api.ratelimit.table import LimitTable
from minicloud.runtime import pids
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.servers.redis import Redis as RedisServer
from tests.functional.many_apis import Apis, Parent, apis
from tests.limits_oracle import Oracle
from tests.waiting import until

CLOCK = SystemClock()
PROGRAMS = 8
PATH = "/compute/v2.1/flavors"


def flavors(value: int, unit_s: int) -> Limit:
    return Limit("flavors", frozenset({"GET"}), "/flavors", value, unit_s)


@pytest.fixture(scope="module")
def parent() -> Iterator[Parent]:
    made = Parent()
    yield made
    made.stop()


class Many(Protocol):
    def __call__(
        self, limit: Limit, count: int = PROGRAMS, **options: str
    ) -> AbstractContextManager[Apis]:
        """So many programs with this limit."""


@pytest.fixture
def many(tmp_path: Path, own_redis: RedisServer, parent: Parent) -> Many:
    def made(limit: Limit, count: int = PROGRAMS, **options: str) -> AbstractContextManager[Apis]:
        file = tmp_path / "limits.yaml"
        file.write_text(writing.written(LimitTable((limit,))))
        known = {"limits_file": str(file), "store": own_redis.url, "store_timeout_s": "5"}
        return apis(parent, tmp_path / "apis", count, known | options)

    return made


@dataclass(frozen=True)
class Answer:
    """The decision fell at some moment between `sent` and `got`."""

    program: int
    sent: float
    got: float
    status: int
    headers: dict[str, str]

    @property
    def limit(self) -> int:
        return int(self.headers["X-Ratelimit-Limit"])


@dataclass
class Client:
    """One connection to each program, kept."""

    running: Apis
    user: str
    _connections: dict[int, http.client.HTTPConnection] = field(default_factory=dict)

    def ask(self, program: int) -> Answer:
        """OSError or HTTPException when the program is not there."""
        connection = self._connections.get(program)
        if connection is None:
            port = self.running.ports[program]
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            self._connections[program] = connection
        sent = CLOCK.monotonic()
        try:
            connection.request("GET", PATH, headers={"X-Auth-Token": f"{self.user}:p1"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            del self._connections[program]
            raise
        headers = {name.title(): value for name, value in answer.getheaders()}
        return Answer(program, sent, CLOCK.monotonic(), answer.status, headers)


class Hammer:
    """A thread for each program that asks it, and when it is gone another, without a pause."""

    def __init__(self, running: Apis, user: str = "u1") -> None:
        self.answers: list[Answer] = []
        self.lost = 0
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(Client(running, user), program))
            for program in running.ports
        ]

    def __enter__(self) -> "Hammer":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self.answers.sort(key=lambda each: each.sent)

    def last(self, program: int) -> Answer | None:
        return next((each for each in reversed(self.answers) if each.program == program), None)

    def hears(self, program: int) -> None:
        """Wait for an answer of this program to a request from now on."""
        now = CLOCK.monotonic()
        until(lambda: (last := self.last(program)) is not None and last.sent > now)

    @property
    def statuses(self) -> set[int]:
        return {each.status for each in self.answers}

    def _run(self, client: Client, program: int) -> None:
        while not self._stopping.is_set():
            try:
                self.answers.append(client.ask(program))
            except (OSError, http.client.HTTPException):
                self.lost += 1
                CLOCK.sleep(0.01)


def manage(running: Apis, *words: str) -> str:
    """`minicloud-manage limits`, the program."""
    program = Path(sys.executable).parent / "minicloud-manage"
    done = subprocess.run(
        [program, "--config-file", running.conf, "limits", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def hold_to_one(answers: Sequence[Answer], limit: Limit, lost: int = 0) -> None:
    """What was allowed in each window is what one process would allow, give or take one.

    At a refusal the level is full, so between two of them as many calls are allowed as drain
    away meanwhile. `lost`: calls that may have been counted and were never answered.
    """
    rate = Fraction(limit.value, limit.unit_s)
    allowed = [each for each in answers if each.status == 200]
    refused = [each for each in answers if each.status == 429]
    assert len(allowed) + len(refused) == len(answers)
    first, last = allowed[0], refused[-1]
    surely = [each for each in allowed if each.got <= last.sent]
    assert len(surely) <= oracles_count(limit, last.got - first.sent)
    maybe = [each for each in allowed if each.sent <= last.got]
    assert len(maybe) + lost >= oracles_count(limit, last.sent - first.got)
    windows = refused[:: max(1, len(refused) // 25)]
    for number, begin in enumerate(windows):
        for end in windows[number + 1 :]:
            inside = [each for each in allowed if begin.got <= each.sent and each.got <= end.sent]
            assert len(inside) <= rate * Fraction(end.got - begin.sent) + 1
            around = [each for each in allowed if begin.sent <= each.got and each.sent <= end.got]
            assert len(around) + lost >= rate * Fraction(end.sent - begin.got) - 1


def oracles_count(limit: Limit, seconds: float) -> int:
    """What one process allows of very many calls in so many seconds."""
    oracle, count = Oracle(), 0
    step = Fraction(limit.unit_s, limit.value) / 4
    while oracle.now <= Fraction(seconds):
        count += oracle.hit([limit])[0]
        oracle.now += step if count >= limit.value else 0
    return count


@pytest.mark.parametrize("count", [1, PROGRAMS])
def test_many_programs_allow_what_one_does(many: Many, count: int) -> None:
    limit = flavors(50, 2)

    with many(limit, count) as running, Hammer(running) as hammer:
        until(lambda: 429 in hammer.statuses)
        CLOCK.sleep(2.5)

    assert {each.program for each in hammer.answers if each.status == 200} == set(range(count))
    hold_to_one(hammer.answers, limit)


def test_a_program_that_is_killed_and_comes_back_changes_no_level(many: Many) -> None:
    limit = flavors(50, 2)

    with many(limit) as running, Hammer(running) as hammer:
        until(lambda: 429 in hammer.statuses)
        for program in (2, 5):
            running.kill(program)
            running.start(program)
            hammer.hears(program)

    assert hammer.lost
    hold_to_one(hammer.answers, limit, lost=2)


def test_a_change_counts_in_every_program_and_levels_are_kept(many: Many) -> None:
    with many(flavors(40, 3600)) as running:
        quiet = Client(running, "u2")
        for number in range(20):
            assert quiet.ask(number % PROGRAMS).status == 200
        with Hammer(running) as hammer:
            until(lambda: 429 in hammer.statuses)

            said = manage(running, "set", "flavors", "--value", "80")
            changed = CLOCK.monotonic()

            until(lambda: all(knows(hammer, program, 80) for program in range(PROGRAMS)))
        late = [each for each in hammer.answers if each.sent > changed and each.limit != 80]
        assert all(each.got - changed < 5 for each in late)
        assert "it was flavors: 40 GET calls per HOUR" in said
        # It was full and stays full; the other user had half of it left and still has.
        assert sum(each.status == 200 for each in hammer.answers) == 40
        assert quiet.ask(3).headers["X-Ratelimit-Remaining"] == "39"
        shown = manage(running, "show")
        assert shown.count("these") == PROGRAMS


def test_a_change_counts_where_nothing_was_limited_before(many: Many) -> None:
    """Then no request asks Redis; each program looks by itself."""
    limit = replace(flavors(40, 3600), uri="/os-keypairs")

    with many(limit, 2) as running:
        client = Client(running, "u1")
        assert "X-Ratelimit-Limit" not in client.ask(0).headers
        manage(running, "set", "flavors", "--uri", "/flavors")

        until(lambda: "X-Ratelimit-Limit" in client.ask(0).headers)
        until(lambda: "X-Ratelimit-Limit" in client.ask(1).headers)


def test_who_sleeps_as_long_as_told_is_not_refused_again(many: Many) -> None:
    """Several callers at once, each for itself; and nobody is told to sleep a second too long."""

    def obey(running: Apis, number: int) -> None:
        client = Client(running, f"u{number}")
        asked = 0
        for _ in range(2):
            while (answer := client.ask((number + asked) % PROGRAMS)).status == 200:
                asked += 1
            retry_after = answer.headers["Retry-After"]
            assert retry_after.isdecimal()
            wait_s = int(retry_after)
            assert 1 <= wait_s <= 2
            if wait_s > 1:
                too_soon = answer.sent + wait_s - 1.2
                CLOCK.sleep(max(0.0, too_soon - CLOCK.monotonic()))
                early = client.ask(number)
                assert early.status == 429 or early.got > answer.sent + wait_s - 1
            CLOCK.sleep(max(0.0, answer.got + wait_s - CLOCK.monotonic()))
            assert client.ask((number + 1) % PROGRAMS).status == 200

    with (
        many(flavors(3, 5)) as running,
        ThreadPoolExecutor(PROGRAMS) as callers,
    ):
        list(callers.map(lambda number: obey(running, number), range(PROGRAMS)))


@pytest.mark.parametrize(("failure", "meanwhile"), [("open", 200), ("closed", 503)])
def test_a_redis_that_goes_and_comes_back_is_survived(
    many: Many, own_redis: RedisServer, failure: str, meanwhile: int
) -> None:
    with many(flavors(30, 3600), store_failure=failure, store_pause_s="0.1") as running:
        manage(running, "set", "flavors", "--value", "20")
        with Hammer(running) as hammer:
            until(lambda: all(knows(hammer, program, 20) for program in range(PROGRAMS)))
            until(lambda: 429 in hammer.statuses)
            kill(own_redis)
            gone = CLOCK.monotonic()
            until(lambda: all(says(hammer, n, meanwhile, gone) for n in range(PROGRAMS)))
            during = [each for each in hammer.answers if each.sent > gone]
            own_redis.start()
            until(lambda: all(says(hammer, n, 429, gone) for n in range(PROGRAMS)))

        assert {each.status for each in during} == {meanwhile}
        assert hammer.lost == 0
        if failure == "closed":
            assert all(each.headers["Retry-After"].isdecimal() for each in during)
        with Redis.from_url(own_redis.url) as client:
            assert client.exists("{minicloud}:limits")
        assert "20 " in manage(running, "show")


def kill(redis: RedisServer) -> None:
    """As kill -9 does: what it had is lost."""
    assert redis.life is not None
    assert pids.send(redis.life.pid, redis.life.started, signal.SIGKILL)
    until(lambda: not redis.running)


def knows(hammer: Hammer, program: int, value: int) -> bool:
    last = hammer.last(program)
    return last is not None and last.headers.get("X-Ratelimit-Limit") == str(value)


def says(hammer: Hammer, program: int, status: int, since: float) -> bool:
    """Whether its last answer, to a request since then, has this status."""
    last = hammer.last(program)
    return last is not None and last.sent > since and last.status == status
