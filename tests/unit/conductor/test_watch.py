"""A conductor judges nobody by a silence that it was not there to hear."""

from typing import Any

import pytest
from oslo_config import cfg

from minicloud.conductor.sweep import Sweeper
from minicloud.conductor.watch import Watch
from minicloud.conf import register_opts

DOWN_S = 20.0


def _watched(seconds: int, *, silent: bool = False) -> Watch:
    """One look a second, from the beginning."""
    watch = Watch(DOWN_S, 0.0)
    _go_on(watch, 1, seconds, silent=silent)
    return watch


def _go_on(watch: Watch, first: int, last: int, *, silent: bool = False) -> None:
    for second in range(first, last + 1):
        watch.look(float(second))
        watch.hear(float(second), silence=silent)


def test_it_judges_after_the_down_time() -> None:
    assert not _watched(19).may_judge
    assert _watched(20).may_judge


def test_after_a_gap_it_begins_again() -> None:
    watch = _watched(100)

    _go_on(watch, 130, 140)

    assert not watch.may_judge


def test_when_all_are_silent_it_waits_five_times_as_long() -> None:
    assert not _watched(99, silent=True).may_judge
    assert _watched(101, silent=True).may_judge


def test_when_one_is_heard_again_the_others_have_their_time() -> None:
    watch = _watched(50, silent=True)

    _go_on(watch, 51, 60)

    assert not watch.may_judge


class Books:
    """A database that is there or away; the time goes by hand."""

    def __init__(self) -> None:
        self.moment, self.away = 0.0, False

    def monotonic(self) -> float:
        return self.moment

    def now(self) -> None:
        return None

    def read(self, _work: Any) -> bool:
        if self.away:
            raise ConnectionError
        return False


def test_looks_that_the_database_did_not_answer_are_no_looks() -> None:
    conf = register_opts(cfg.ConfigOpts())
    conf([])
    books, watch = Books(), Watch(DOWN_S, 0.0)
    sweeper = Sweeper(conf, books, None, watch)  # type: ignore[arg-type]
    for second in range(1, 61):
        books.moment, books.away = float(second), 30 < second < 60
        if books.away:
            with pytest.raises(ConnectionError):
                sweeper.due()
        else:
            sweeper.due()

    assert not watch.may_judge
