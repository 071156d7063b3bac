from minicloud.runtime.backoff import Backoff


def test_it_doubles_from_a_fifth_of_a_second_to_ten_seconds() -> None:
    backoff = Backoff()

    waits = [backoff.after(lived_s=0.1) for _ in range(8)]

    assert waits == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


def test_a_life_of_half_a_minute_makes_up_for_earlier_deaths() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.after(lived_s=0.1)

    assert backoff.after(lived_s=30.0) == 0.2
