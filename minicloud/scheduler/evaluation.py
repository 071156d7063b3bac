"""What a query says of all hosts at once."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from minicloud.scheduler.alike import Alike
from minicloud.scheduler.attributes import NOWHERE, fact
from minicloud.scheduler.hosts import HostTable, Mask, Numbers
from minicloud.scheduler.json_query import COMPARISONS, Argument, Call, Constant, Fact

Values = Mask | Numbers | Alike[Any]  # one for every host

_HOLDS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq,
    "in": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


class Evaluation:
    """One query over one table of hosts.

    An argument that a host does not have, or that is null, is left out there. `not` of several
    arguments holds if one of them does not; `not_is_list` is Nova's way, where it is a list and
    so, inside of `and` and `or`, always true.
    """

    def __init__(self, hosts: HostTable, not_is_list: bool = False) -> None:
        self._hosts, self._not_is_list = hosts, not_is_list

    def mask(self, query: Call) -> Mask:
        return self._called(query)

    def _called(self, call: Call) -> Mask:
        values = [self._values(each) for each in call.arguments]
        if call.operator in COMPARISONS:
            return self._compared(call.operator, values)
        if call.operator == "not":
            return self._any(~_truth(each) & _is_there(each) for each in values)
        true = [self._truth_within(*each) for each in zip(call.arguments, values, strict=True)]
        if call.operator == "or":
            return self._any(t & _is_there(v) for t, v in zip(true, values, strict=True))
        return ~self._any(~t & _is_there(v) for t, v in zip(true, values, strict=True))

    def _truth_within(self, argument: Argument, values: Values) -> Mask:
        if self._not_is_list and isinstance(argument, Call) and argument.operator == "not":
            return np.full(len(self._hosts), bool(argument.arguments))
        return _truth(values)

    def _compared(self, name: str, values: Sequence[Values]) -> Mask:
        """The first that is there against each of the others that are: all hold, of `in` one."""
        count = np.zeros(len(self._hosts), np.int64)
        held = np.zeros(len(self._hosts), np.int64)
        decided = np.zeros(len(self._hosts), np.bool_)
        for place, first in enumerate(values):
            here = _is_there(first) & ~decided  # where this one is the first
            decided |= here
            if not here.any():
                continue
            for other in values[place + 1 :]:
                counts = here & _is_there(other)
                count += counts
                held += counts & _compare(_HOLDS[name], first, other)
        return (held > 0) if name == "in" else (count > 0) & (held == count)

    def _values(self, argument: Argument) -> Values:
        if isinstance(argument, Call):
            return self._called(argument)
        if isinstance(argument, Fact):
            return fact(self._hosts, argument.path)
        return self._constant(argument)

    def _constant(self, constant: Constant) -> Values:
        return Alike([constant.value], np.zeros(len(self._hosts), np.int64))

    def _any(self, masks: Iterable[Mask]) -> Mask:
        found = np.zeros(len(self._hosts), np.bool_)
        for mask in masks:
            found |= mask
        return found


def _is_there(values: Values) -> Mask:
    if isinstance(values, Alike):
        return values.masked(lambda value: value is not None and value is not NOWHERE)
    return np.ones(len(values), np.bool_)


def _truth(values: Values) -> Mask:
    if isinstance(values, Alike):
        return values.masked(bool)
    return np.asarray(values != 0)


def _compare(holds: Callable[[Any, Any], Any], left: Values, right: Values) -> Mask:
    """Values that have no order, as a text and a number, are in none."""
    numbers = _numbers(left), _numbers(right)
    if numbers[0] is not None and numbers[1] is not None:
        return np.asarray(holds(*numbers), np.bool_)
    pairs = Alike.of(_pairs(left, right))
    return pairs.masked(lambda pair: _holds(holds, *pair))


def _pairs(left: Values, right: Values) -> Iterable[tuple[Any, tuple[Any, Any]]]:
    """For every host a key of both values, and both."""
    sides: list[tuple[list[Any], Any]] = []
    for values in (left, right):
        if isinstance(values, Alike):
            sides.append((values.which.tolist(), values.told(lambda value: value)))
        else:
            sides.append((values.tolist(), values))
    (left_keys, left_values), (right_keys, right_values) = sides
    return zip(
        zip(left_keys, right_keys, strict=True),
        zip(left_values, right_values, strict=True),
        strict=True,
    )


def _numbers(values: Values) -> Any:
    if not isinstance(values, Alike):
        return values
    if len(values.values) == 1 and isinstance(values.values[0], int | float):
        return values.values[0]
    return None


def _holds(holds: Callable[[Any, Any], Any], left: Any, right: Any) -> bool:
    try:
        return bool(holds(left, right))
    except TypeError:
        return False
