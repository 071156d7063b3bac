"""What a reader believes, moment by moment."""

from minicloud.servicegroup.entry import Entry, Reading
from minicloud.servicegroup.view import View

TTL_S = 10.0


def _reading(*hosts: str, mark: object = 1) -> Reading:
    return Reading({host: Entry({host: 1}, nonce=host) for host in hosts}, mark)


def _seen(*hosts: str) -> View:
    """A reader that has seen these for a while, until second 100."""
    view = View(TTL_S)
    for second in range(80, 101):
        view.looked(float(second), _reading(*hosts))
    return view


def _watch(view: View, since: int, until: int, reading: Reading) -> None:
    for second in range(since, until):
        view.looked(float(second), reading)


def test_who_is_there_is_alive() -> None:
    assert _seen("a", "b").alive == {"a", "b"}


def test_an_entry_stands_for_all_its_hosts() -> None:
    view = View(TTL_S)

    view.looked(0.0, Reading({"agent": Entry({"a": 1, "b": 2})}, 1))

    assert view.alive == {"a", "b"}


def test_who_leaves_is_gone_at_the_next_look() -> None:
    view = _seen("a", "b")

    view.looked(101.0, _reading("a"))

    assert view.alive == {"a"}


def test_a_reader_that_starts_believes_what_it_sees() -> None:
    view = View(TTL_S)
    view.looked(0.0, _reading("a", "b"))

    view.looked(0.5, _reading("a"))

    assert view.alive == {"a"}


def test_while_the_store_is_away_what_was_seen_stands() -> None:
    view = _seen("a")

    view.failed(101.0)
    view.failed(140.0)

    assert view.alive == {"a"}
    assert view.fails


def test_it_stands_for_five_ttls_and_no_longer() -> None:
    view = _seen("a")

    view.failed(149.0)
    before = view.alive
    view.failed(150.0)

    assert before == {"a"}
    assert view.alive == frozenset()
    assert view.may_return("a", 150.0)
    assert view.last_seen("a") == 100.0


def test_after_that_who_is_there_again_is_alive_again() -> None:
    view = _seen("a", "b")
    view.failed(151.0)

    view.looked(152.0, _reading("a"))

    assert view.alive == {"a"}


def test_after_an_outage_absence_is_believed_after_a_ttl() -> None:
    view = _seen("a", "b")
    view.failed(101.0)

    _watch(view, 104, 114, _reading("a"))
    before = view.alive
    view.looked(114.0, _reading("a"))

    assert before == {"a", "b"}
    assert view.alive == {"a"}


def test_an_outage_in_the_meantime_begins_the_ttl_anew() -> None:
    view = _seen("a", "b")
    view.failed(101.0)
    _watch(view, 102, 110, _reading("a"))

    view.failed(110.0)
    _watch(view, 111, 121, _reading("a"))

    assert view.alive == {"a", "b"}


def test_a_store_that_forgot_everything_takes_nobody_down() -> None:
    view = _seen("a", "b")

    view.looked(101.0, Reading({}, None))
    view.looked(102.0, _reading("a", mark=2))

    assert view.alive == {"a", "b"}


def test_a_store_that_forgot_and_was_filled_again_unseen_takes_nobody_down() -> None:
    view = _seen("a", "b")

    view.looked(101.0, _reading("a", mark=2))

    assert view.alive == {"a", "b"}


def test_who_does_not_come_back_after_that_is_gone_after_a_ttl() -> None:
    view = _seen("a", "b")

    _watch(view, 101, 112, _reading("a", mark=2))

    assert view.alive == {"a"}


def test_a_reader_that_was_paused_gives_the_others_a_ttl_to_be_back() -> None:
    view = _seen("a", "b")

    view.looked(130.0, _reading("a"))
    before = view.alive
    _watch(view, 131, 141, _reading("a"))

    assert before == {"a", "b"}
    assert view.alive == {"a"}


def test_who_is_gone_may_return_for_three_ttls() -> None:
    view = _seen("a")
    _watch(view, 101, 140, _reading())

    assert view.may_return("a", 129.0)
    assert not view.may_return("a", 131.0)


def test_who_was_never_seen_may_be_on_the_way_when_the_reader_begins() -> None:
    view = View(TTL_S)
    view.looked(0.0, _reading())

    assert view.may_return("a", 9.0)
    assert not view.may_return("a", 11.0)


def test_when_a_host_was_there_last_is_known() -> None:
    view = _seen("a", "b")

    view.looked(101.0, _reading("a"))

    assert view.last_seen("a") == 101.0
    assert view.last_seen("b") == 100.0
    assert view.last_seen("c") is None
