"""A query as short as it can be for one kind of hosts: what constants decide is decided.

Arguments that are null or that the hosts do not have are left out, facts of the kind are
constants. What is left is about columns and names.
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from minicloud.scheduler.attributes import NOWHERE, is_column, is_name, walked
from minicloud.scheduler.json_query import (
    COMPARISONS,
    FALSE,
    TRUE,
    Argument,
    Call,
    Constant,
    Fact,
)

HOLDS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq,
    "in": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


class Reduction:
    """A query for hosts of one kind."""

    def __init__(self, kind: Mapping[str, Any], not_is_list: bool) -> None:
        self._kind, self._not_is_list = kind, not_is_list

    def call(self, call: Call) -> Call | Constant:
        given = [self._argument(each) for each in call.arguments]
        if call.operator in COMPARISONS:
            return _compared(call.operator, [each for each in given if each is not None])
        if call.operator == "not":
            return _joined("not", given, decides=False)
        if self._not_is_list:
            given = [self._as_list(*pair) for pair in zip(call.arguments, given, strict=True)]
        return _joined(call.operator, given, decides=call.operator == "or")

    def _argument(self, argument: Argument) -> Argument | None:
        if isinstance(argument, Call):
            return self.call(argument)
        if isinstance(argument, Fact):
            if is_column(argument.path) or is_name(argument.path):
                return argument
            value = walked(self._kind, argument.path)
            return None if value is None or value is NOWHERE else Constant(value)
        return None if argument.value is None else argument

    def _as_list(self, asked: Argument, given: Argument | None) -> Argument | None:
        """A list is true when there is anything in it."""
        if not isinstance(asked, Call) or asked.operator != "not":
            return given
        return TRUE if any(map(self._argument, asked.arguments)) else FALSE


def _joined(name: str, given: Iterable[Argument | None], *, decides: bool) -> Call | Constant:
    """`decides`: the truth of one argument that settles it, as "or" is by one that is true."""
    left: dict[Argument, None] = {}
    for each in given:
        if isinstance(each, Constant):
            if bool(each.value) is decides:
                return FALSE if name == "and" else TRUE
        elif each is not None:
            left[each] = None
    if not left:
        return TRUE if name == "and" else FALSE
    return Call(name, tuple(left))


def _compared(name: str, given: Sequence[Argument]) -> Call | Constant:
    """The first against each of the others: all hold, or of `in` one."""
    if len(given) < 2:
        return FALSE
    first, *others = given
    left: dict[Argument, None] = {}
    for other in others:
        if not (isinstance(first, Constant) and isinstance(other, Constant)):
            left[other] = None
        elif _holds(name, first.value, other.value) is (name == "in"):
            return TRUE if name == "in" else FALSE
    if not left:
        return FALSE if name == "in" else TRUE
    return Call(name, (first, *left))


def _holds(name: str, left: Any, right: Any) -> bool:
    """Values that have no order, as a text and a number, are in none."""
    try:
        return bool(HOLDS[name](left, right))
    except TypeError:
        return False
