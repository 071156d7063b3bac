"""The line within one process: honest about JSON, fair to servers."""

from typing import Any

import pytest

from minicloud import errors
from minicloud.rpc.direct import DirectLine
from minicloud.rpc.line import Address


class Echo:
    """Remembers what it is told, and gives it back."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def say(self, context: dict[str, Any], word: Any = None) -> Any:
        self.heard.append((context, word))
        return word

    def refuse(self, context: dict[str, Any]) -> None:
        raise errors.NoValidHost("full")


def test_a_call_gives_the_answer_and_a_cast_nothing() -> None:
    line, echo = DirectLine(), Echo()
    line.serve("t", "1.0", "s", echo)

    answer = line.call(Address("t", "1.0"), {"user": "u"}, "say", word="hello")
    line.cast(Address("t", "1.0", "s"), {}, "say", word="bye")

    assert answer == "hello"
    assert echo.heard == [({"user": "u"}, "hello"), ({}, "bye")]
    assert (line.calls, line.casts) == (1, 1)


def test_what_arrives_is_a_copy_as_json_has_it() -> None:
    line, echo = DirectLine(), Echo()
    line.serve("t", "1.0", "s", echo)
    word = {"pair": (1, 2)}

    answer = line.call(Address("t", "1.0"), {}, "say", word=word)

    assert answer == {"pair": [1, 2]}
    assert echo.heard[0][1] is not word


@pytest.mark.parametrize("word", [{1, 2}, object(), {"f": lambda: 1}])
def test_what_json_cannot_say_cannot_be_sent(word: Any) -> None:
    line, echo = DirectLine(), Echo()
    line.serve("t", "1.0", "s", echo)

    with pytest.raises(TypeError):
        line.call(Address("t", "1.0"), {}, "say", word=word)

    assert echo.heard == []


def test_servers_of_a_topic_take_turns() -> None:
    line, echoes = DirectLine(), [Echo(), Echo(), Echo()]
    for number, echo in enumerate(echoes):
        line.serve("t", "1.0", f"s{number}", echo)

    for number in range(6):
        line.call(Address("t", "1.0"), {}, "say", word=number)

    assert [len(echo.heard) for echo in echoes] == [2, 2, 2]


def test_a_named_server_is_reached_alone() -> None:
    line, one, other = DirectLine(), Echo(), Echo()
    line.serve("t", "1.0", "one", one)
    line.serve("t", "1.0", "other", other)

    for _again in range(3):
        line.cast(Address("t", "1.0", "one"), {}, "say")

    assert (len(one.heard), len(other.heard)) == (3, 0)


def test_whoever_stops_serving_is_not_reached() -> None:
    line = DirectLine()
    served = line.serve("t", "1.0", "s", Echo())

    served.stop()

    line.cast(Address("t", "1.0"), {}, "say")
    with pytest.raises(errors.CallTimeout):
        line.call(Address("t", "1.0"), {}, "say")


def test_an_error_of_ours_comes_back_as_it_is() -> None:
    line = DirectLine()
    line.serve("t", "1.0", "s", Echo())

    with pytest.raises(errors.NoValidHost, match="full"):
        line.call(Address("t", "1.0"), {}, "refuse")
