"""A server whose time of day is set."""

from minicloud.servicegroup.stores.redis_time import ServerTime


def test_time_that_passes_is_no_jump() -> None:
    time = ServerTime()

    for second in range(100):
        time.told(1000.0 + second, asked=float(second), answered=second + 0.1)

    assert time.jumps == 0


def test_answers_that_come_late_are_no_jump() -> None:
    time = ServerTime()
    time.told(1000.0, asked=0.0, answered=0.0)

    time.told(1005.0, asked=3.0, answered=5.0)
    time.told(1010.0, asked=10.0, answered=12.0)

    assert time.jumps == 0


def test_an_hour_forward_is_a_jump() -> None:
    time = ServerTime()
    time.told(1000.0, asked=0.0, answered=0.1)

    time.told(4601.0, asked=1.0, answered=1.1)

    assert (time.jumps, time.back_at) == (1, None)


def test_an_hour_back_is_a_jump_and_when_is_known() -> None:
    time = ServerTime()
    time.told(10000.0, asked=0.0, answered=0.1)

    time.told(6401.0, asked=1.0, answered=1.1)

    assert (time.jumps, time.back_at) == (1, 1.1)
