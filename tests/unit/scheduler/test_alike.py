"""What is true of hosts that are alike is worked out once, and of no others."""

import numpy as np

from minicloud.scheduler.alike import Alike, Numbered


def test_values_that_no_host_has_are_not_asked_about() -> None:
    """A new class of hosts cost a look at every set of aggregates that there is."""
    asked: list[int] = []
    alike = Alike(list(range(1000)), np.array([7, 8]))

    def is_eight(value: int) -> bool:
        asked.append(value)
        return value == 8

    found = alike.masked(is_eight)

    assert found.tolist() == [False, True]
    assert asked == [7, 8]


def test_what_is_made_of_all_values_is_made_again_when_there_are_more() -> None:
    numbered: Numbered[str, str] = Numbered()
    numbered.number("a", lambda: "a")

    def made() -> str:
        alike = Alike(numbered.values, np.array([0]), numbered.made)
        return str(alike.once("all", "".join))

    assert made() == "a"
    kept = numbered.made
    assert made() == "a"
    assert numbered.made is kept
    numbered.number("b", lambda: "b")
    assert made() == "ab"
