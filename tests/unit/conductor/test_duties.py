"""When a conductor does its duties, and what an error of one does to the others."""

from collections.abc import Callable

import pytest

from minicloud.conductor.duties import Duties, Duty
from minicloud.db.engine import Database
from minicloud.errors import DutyLost
from tests.hand_clock import HandClock


class Held:
    """An election whose outcome the test says."""

    def __init__(self) -> None:
        self.tokens: dict[str, int] = {}
        self.asked: list[str] = []
        self.yielded: list[str] = []

    def take(self, name: str) -> int | None:
        self.asked.append(name)
        return self.tokens.get(name)

    def keep(self) -> None: ...

    def yield_(self, name: str) -> None:
        self.yielded.append(name)

    def close(self) -> None: ...


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def books(clock: HandClock) -> Database:
    return Database("sqlite://", clock)


@pytest.fixture
def election() -> Held:
    return Held()


def _nothing_more(done: list[int]) -> Callable[[int], bool]:
    def work(token: int) -> bool:
        done.append(token)
        return False

    return work


def test_a_duty_is_done_once_a_period_by_who_has_it(
    books: Database, clock: HandClock, election: Held
) -> None:
    done: list[int] = []
    duties = Duties(books, election, [Duty("sweep", 60.0, _nothing_more(done))])

    duties.step()
    before = list(done)
    election.tokens["sweep"] = 7
    for _ in range(3):
        duties.step()
    clock.pass_s(60)
    duties.step()

    assert before == []
    assert done == [7, 7]


def test_it_stands_for_its_duties_also_between_two_periods(
    books: Database, election: Held
) -> None:
    election.tokens["sweep"] = 1
    duties = Duties(books, election, [Duty("sweep", 60.0, _nothing_more([]))])
    duties.step()
    election.asked.clear()

    duties.step()

    assert election.asked == ["sweep"]


def test_while_there_is_more_it_goes_on(books: Database, election: Held) -> None:
    election.tokens["sweep"] = 1
    left = list(range(25))
    duties = Duties(books, election, [Duty("sweep", 60.0, lambda _t: bool(left.pop() and left))])

    for _ in range(4):
        duties.step()

    assert left == []


def test_an_error_of_one_is_no_hindrance_to_the_next(
    books: Database, clock: HandClock, election: Held
) -> None:
    done: list[int] = []
    election.tokens = {"broken": 1, "sweep": 2}

    def fail(_token: int) -> bool:
        raise ValueError

    duties = Duties(
        books, election, [Duty("broken", 5.0, fail), Duty("sweep", 5.0, _nothing_more(done))]
    )

    duties.step()
    clock.pass_s(5)
    duties.step()

    assert done == [2, 2]


def test_who_is_refused_gives_the_duty_up(books: Database, election: Held) -> None:
    election.tokens["sweep"] = 1

    def refused(token: int) -> bool:
        raise DutyLost("sweep", token)

    Duties(books, election, [Duty("sweep", 60.0, refused)]).step()

    assert election.yielded == ["sweep"]
