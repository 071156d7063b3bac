"""What a microversion changes, in a form that people read and tests hold the API to."""

from collections.abc import Iterator
from dataclasses import dataclass

Lines = tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """One microversion. `names` are those that versions.Since has for its number.

    Each line names a thing, then what it gains (+) and loses (-): fields of a body (a route, or
    the key of an action), parameters of a query (`strict`: what is not known is refused), fields
    of an answer (below a point what is inside; "x(text)" where the kind of value changes).
    """

    number: int
    text: str
    names: Lines = ()
    routes: Lines = ()  # "+GET /path", "-action key"
    bodies: Lines = ()
    queries: Lines = ()
    answers: Lines = ()
    statuses: Lines = ()  # a route or the key of an action, and how it succeeds from then on
    nothing: str = ""  # why there is nothing of it here, or not all


@dataclass(frozen=True)
class Delta:
    thing: str
    gained: frozenset[str]
    lost: frozenset[str]


def deltas(lines: Lines) -> Iterator[Delta]:
    for line in lines:
        words = line.split()
        first = next(n for n, word in enumerate(words) if word[0] in "+-")
        gained = frozenset(word[1:] for word in words[first:] if word[0] == "+")
        lost = frozenset(word[1:] for word in words[first:] if word[0] == "-")
        yield Delta(" ".join(words[:first]), gained, lost)
