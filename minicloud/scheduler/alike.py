"""Hosts that are alike in something: what is true of one of them is worked out once for all."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Alike(Generic[Value]):
    """`values`: each different value once; `which`: for every host, the place of its value."""

    def __init__(
        self,
        values: Sequence[Value],
        which: npt.NDArray[np.int64],
        made: dict[str, Any] | None = None,
    ) -> None:
        """`made`: what was made of the same values before."""
        self.values, self.which = values, which
        self._made: dict[str, Any] = {} if made is None else made

    def once(self, name: str, work: Callable[[Sequence[Value]], Any]) -> Any:
        """What `work` makes of the values: the first time; later, what it made then."""
        if name not in self._made:
            self._made[name] = work(self.values)
        return self._made[name]

    @classmethod
    def of(cls, each: Iterable[tuple[Hashable, Value]]) -> "Alike[Value]":
        """From a key and a value for every host; hosts of the same key are alike."""
        places: dict[Hashable, int] = {}
        values: list[Value] = []
        which = []
        for key, value in each:
            if key not in places:
                places[key] = len(values)
                values.append(value)
            which.append(places[key])
        return cls(values, np.array(which, np.int64))

    def at(self, place: int) -> Value:
        """That of one host."""
        value: Value = self.values[self.which[place]]
        return value

    def masked(self, rule: Callable[[Value], bool]) -> npt.NDArray[np.bool_]:
        """Of which hosts the rule holds."""
        if len(self.which) < len(self.values):  # as one class that is new, among many aggregates
            found = (rule(self.values[one]) for one in self.which)
            return np.fromiter(found, np.bool_, len(self.which))
        return self._spread([rule(value) for value in self.values], np.bool_)

    def numbered(
        self, number: Callable[[Value], float], places: slice = slice(None)
    ) -> npt.NDArray[np.float64]:
        """A number for every host, or for those at some places."""
        which = self.which[places]
        if len(which) < len(self.values):
            return np.array([number(self.values[one]) for one in which], np.float64)
        return self._spread([number(value) for value in self.values], np.float64)[places]

    def told(self, fact: Callable[[Value], Any]) -> npt.NDArray[np.object_]:
        """Anything for every host."""
        return self._spread([fact(value) for value in self.values], np.object_)

    def _spread(self, found: list[Any], kind: type[Any]) -> npt.NDArray[Any]:
        column = np.empty(len(found), kind)
        for place, value in enumerate(found):  # an object may be a list, which numpy would unpack
            column[place] = value
        return column[self.which]


class Numbered(Generic[Key, Value]):
    """Values by number, in the order in which their keys were first met.

    `made`: what was made of them all; nothing is left of it when there are more.
    """

    def __init__(self) -> None:
        self._numbers: dict[Key, int] = {}
        self.values: list[Value] = []
        self.made: dict[str, Any] = {}

    def number(self, key: Key, make: Callable[[], Value]) -> int:
        """That of the key; a new one gets the value that `make` gives."""
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.values)
            self.values.append(make())
            self.made = {}
        return number

    def copy(self) -> "Numbered[Key, Value]":
        other: Numbered[Key, Value] = Numbered()
        other._numbers, other.values = dict(self._numbers), list(self.values)
        return other
