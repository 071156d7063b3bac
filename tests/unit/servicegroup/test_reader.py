"""How a question finds its answer."""

import threading

import pytest

from minicloud.runtime.clock import SystemClock
from minicloud.servicegroup.base import COMPUTE
from minicloud.servicegroup.entry import Reading
from minicloud.servicegroup.reader import Reader
from tests.hand_clock import HandClock
from tests.unit.servicegroup.shelf import Shelf, ShelfStore, keeper
from tests.waiting import until


class Slow(ShelfStore):
    """Answers when it is let go."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__(shelf)
        self.go = threading.Event()
        self.go.set()
        self.reads = 0

    def _read(self, group: str) -> Reading:
        self.reads += 1
        self.go.wait()
        return super()._read(group)


@pytest.fixture
def shelf() -> Shelf:
    shelf = Shelf(HandClock())
    keeper(shelf, "node1").join({"node1": 1}, COMPUTE)
    return shelf


def test_the_first_question_waits_for_what_the_store_says(shelf: Shelf) -> None:
    reader = Reader(ShelfStore(shelf), SystemClock())

    alive = reader.view(COMPUTE).alive
    reader.close()

    assert alive == {"node1"}


def test_questions_do_not_ask_the_store(shelf: Shelf) -> None:
    store = Slow(shelf)
    reader = Reader(store, SystemClock())
    reader.view(COMPUTE)
    before = store.reads

    for _ in range(1000):
        reader.view(COMPUTE)
    reader.close()

    assert store.reads - before < 100


def test_a_store_that_hangs_does_not_keep_the_answer(shelf: Shelf) -> None:
    store, clock = Slow(shelf), SystemClock()
    reader = Reader(store, clock)
    reader.view(COMPUTE)
    store.go.clear()
    reads = store.reads
    until(lambda: store.reads > reads)
    seen = clock.monotonic()
    until(lambda: clock.monotonic() - seen > 1.1)

    alive = reader.view(COMPUTE).alive
    store.go.set()
    reader.close()

    assert alive == {"node1"}


def test_who_comes_is_seen_without_a_question(shelf: Shelf) -> None:
    reader = Reader(ShelfStore(shelf), SystemClock())
    view = reader.view(COMPUTE)

    keeper(shelf, "node2").join({"node2": 1}, COMPUTE)

    until(lambda: view.alive == {"node1", "node2"})
    reader.close()


def test_what_a_store_says_and_nobody_understands_is_as_if_it_were_away(shelf: Shelf) -> None:
    store = ShelfStore(shelf)
    reader = Reader(store, SystemClock())
    view = reader.view(COMPUTE)

    store._read = lambda _group: int("nonsense")  # type: ignore[method-assign, assignment, return-value]

    until(lambda: view.fails)
    assert reader.view(COMPUTE).alive == {"node1"}
    assert reader.state.trouble
    reader.close()
