"""What a program says to itself proves that it is reached, once for each that was heard."""

from typing import Any

import pytest

from minicloud.rpc.line import Address
from minicloud.rpc.pulse import Pulse
from tests.hand_clock import HandClock
from tests.lossy_line import LossyLine

TO = Address("compute", "1.1", "agent-1")
TTL_S = 10.0


class Work:
    def wake(self, context: dict[str, Any]) -> str:
        return "woken"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def bus() -> LossyLine:
    return LossyLine()


@pytest.fixture
def pulse(bus: LossyLine, clock: HandClock) -> Pulse:
    """It has had its first chance already."""
    made = Pulse(bus, TO, Work(), clock, TTL_S)
    made.take()
    return made


def test_what_is_heard_proves_one_renewal(pulse: Pulse) -> None:
    pulse.send()

    assert pulse.is_heard
    assert pulse.take()
    assert not pulse.take()


def test_one_is_taken_for_reached_until_it_had_the_time_to_hear_itself(
    bus: LossyLine, clock: HandClock
) -> None:
    made = Pulse(bus, TO, Work(), clock, TTL_S)

    assert made.take()
    assert not made.take()


def test_the_endpoint_does_what_else_it_does(pulse: Pulse, bus: LossyLine) -> None:
    assert bus.call(TO, {}, "wake") == "woken"


def test_a_lost_pulse_is_made_up_for_by_the_next(pulse: Pulse, bus: LossyLine) -> None:
    bus.loses = {"pulse"}
    pulse.send()
    lost = pulse.take()
    bus.loses = set()
    pulse.send()

    assert not lost
    assert pulse.take()


def test_the_pulse_of_an_earlier_process_proves_nothing(
    pulse: Pulse, bus: LossyLine, clock: HandClock
) -> None:
    bus.keeps = True
    pulse.send()
    bus.keeps = False

    successor = Pulse(bus, TO, Work(), clock, TTL_S)
    successor.take()
    bus.cast(TO, {}, "pulse", **bus.kept[0])

    assert not successor.take()


@pytest.mark.parametrize(("late_s", "counts"), [(TTL_S - 1, True), (TTL_S, False)])
def test_a_pulse_counts_for_a_ttl(
    pulse: Pulse, bus: LossyLine, clock: HandClock, late_s: float, counts: bool
) -> None:
    bus.keeps = True
    pulse.send()
    bus.keeps = False
    clock.pass_s(late_s)

    bus.cast(TO, {}, "pulse", **bus.kept[0])

    assert pulse.take() is counts


def test_who_waits_for_a_pulse_is_told(pulse: Pulse) -> None:
    told: list[str] = []
    pulse.woken = lambda: told.append("heard")

    pulse.send()

    assert told == ["heard"]


def test_it_is_sent_once_an_interval_however_often_the_loop_comes_round(
    bus: LossyLine, clock: HandClock
) -> None:
    pulse = Pulse(bus, TO, Work(), clock, TTL_S, interval_s=5.0)

    for _ in range(21):
        pulse.send()
        clock.pass_s(1.0)

    assert bus.casts == 5


def test_who_is_deaf_for_a_ttl_serves_anew_once_in_a_ttl(
    pulse: Pulse, bus: LossyLine, clock: HandClock
) -> None:
    served = []
    bus.loses = {"pulse"}
    for _ in range(9):
        pulse.send()
        clock.pass_s(TTL_S / 4)
        served.append(bus.served)

    assert served == [1, 1, 1, 1, 2, 2, 2, 2, 3]


def test_who_serves_anew_is_reached_again(
    pulse: Pulse, bus: LossyLine, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    bus.withdraw("compute", "agent-1")  # as when its queue has lost its binding
    for _ in range(5):
        pulse.send()
        clock.pass_s(TTL_S / 4)

    assert pulse.take()
    assert bus.call(TO, {}, "wake") == "woken"
    told = [record.getMessage() for record in caplog.records]
    assert [word for text in told for word in ("is deaf", "serves anew") if word in text] == [
        "is deaf",
        "serves anew",
    ]


def test_an_outage_of_the_bus_makes_nobody_serve_anew(
    pulse: Pulse, bus: LossyLine, clock: HandClock
) -> None:
    bus.loses = {"pulse"}
    pulse.send()
    bus.is_down = True
    for _ in range(20):
        clock.pass_s(TTL_S / 4)
        pulse.send()
    bus.is_down = False
    bus.loses = set()
    pulse.send()

    assert bus.served == 1
    assert pulse.take()


class _Stuck:
    """Serves, and does not end."""

    def stop(self) -> None:
        raise TimeoutError


def test_what_does_not_stop_is_left_behind(
    pulse: Pulse, bus: LossyLine, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "_served", _Stuck())
    bus.loses = {"pulse"}

    for _ in range(5):
        pulse.send()
        clock.pass_s(TTL_S / 4)

    assert bus.served == 2
