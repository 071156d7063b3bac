"""A conductor judges nobody by a silence that it was not there to hear."""

from minicloud.conductor.watch import Watch

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
