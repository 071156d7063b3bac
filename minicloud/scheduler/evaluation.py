"""What a query says of all hosts at once.

First it is made as short as it can be for each kind of host: facts of the kind become constants,
and what constants decide is decided. Most kinds then leave the same query, over columns only.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from minicloud.scheduler.attributes import column, is_column, is_name, name_of
from minicloud.scheduler.columns import ALL
from minicloud.scheduler.hosts import HostTable, Ints, Mask, Numbers
from minicloud.scheduler.json_query import (
    COMPARISONS,
    HOST,
    Argument,
    Call,
    Constant,
    Fact,
    facts_of,
)
from minicloud.scheduler.reduction import HOLDS, Reduction

# An order that holds for the last of several holds for all of them.
_LAST: Final[Mapping[str, Callable[[Any], Any]]] = {"<": min, "<=": min, ">": max, ">=": max}
Rows = slice | Ints
_MOST: Final = 2**63 - 1
_FEW: Final = 8  # values to look for one by one


class Evaluation:
    """One query over one table of hosts.

    An argument that a host does not have, or that is null, is left out there. `not` of several
    arguments holds if one of them does not; `not_is_list` is Nova's way, where it is a list and
    so, inside of `and` and `or`, always true.
    """

    def __init__(self, hosts: HostTable, not_is_list: bool = False) -> None:
        self._hosts, self._not_is_list = hosts, not_is_list

    def mask(self, query: Call) -> Mask:
        if all(is_column(path) or is_name(path) for path in facts_of(query)):
            return self._said(Reduction({}, self._not_is_list).call(query), ALL)
        kinds = self._hosts.kinds
        reduced = [Reduction(kind, self._not_is_list).call(query) for kind in kinds.values]
        different = {each: place for place, each in enumerate(dict.fromkeys(reduced))}
        if len(different) == 1:
            return self._said(reduced[0], ALL)
        which = np.array([different[each] for each in reduced], np.int64)[kinds.which]
        mask = np.zeros(len(self._hosts), np.bool_)
        for each, place in different.items():
            rows = np.flatnonzero(which == place)
            mask[rows] = self._said(each, rows)
        return mask

    def _said(self, query: Call | Constant, rows: Rows) -> Mask:
        return _Columns(self._hosts, rows).truth(query)


_Value = Numbers | Mask | Fact | Constant  # a column, names, or the same for all


class _Columns:
    """The columns at some rows, and what was found out of them: nothing is worked out twice."""

    def __init__(self, hosts: HostTable, rows: Rows) -> None:
        self._hosts, self._rows = hosts, rows
        self._count = len(hosts) if isinstance(rows, slice) else len(rows)
        self._columns: dict[tuple[str, ...], Numbers] = {}
        self._masks: dict[Call, Mask] = {}

    def truth(self, argument: Argument) -> Mask:
        value = self._value(argument)
        if isinstance(value, Constant):
            return np.full(self._count, bool(value.value))
        if isinstance(value, Fact):
            return ~self._names("=", value, [""])
        return np.asarray(value != 0)

    def _value(self, argument: Argument) -> _Value:
        if isinstance(argument, Call):
            if argument not in self._masks:
                self._masks[argument] = self._called(argument)
            return self._masks[argument]
        if isinstance(argument, Fact) and is_column(argument.path):
            if argument.path not in self._columns:
                found = column(self._hosts, argument.path)[self._rows]
                self._columns[argument.path] = found
            return self._columns[argument.path]
        return argument

    def _called(self, call: Call) -> Mask:
        if call.operator in COMPARISONS:
            return self._compared(call)
        is_and = call.operator == "and"
        found = np.full(self._count, is_and)
        for each in call.arguments:
            if is_and:
                found &= self.truth(each)
            else:
                found |= self.truth(each) if call.operator == "or" else ~self.truth(each)
        return found

    def _compared(self, call: Call) -> Mask:
        name, (first, *others) = call.operator, call.arguments
        left = self._value(first)
        constants = [each.value for each in others if isinstance(each, Constant)]
        found = [] if not constants else [self._with_constants(name, left, constants)]
        for other in others:
            if not isinstance(other, Constant):
                found.append(self._with_column(name, left, self._value(other)))
        join = np.logical_or if name == "in" else np.logical_and
        mask: Mask = join.reduce(found) if len(found) > 1 else found[0]
        return mask

    def _with_constants(self, name: str, left: _Value, constants: Sequence[Any]) -> Mask:
        """`left` is no constant: these are compared already."""
        kind = str if isinstance(left, Fact) else int | float
        fitting: list[Any] = [_fit(each) for each in constants if isinstance(each, kind)]
        if not fitting or (name != "in" and len(fitting) < len(constants)):
            return self._nowhere()
        if name in _LAST:
            fitting = [_LAST[name](fitting)]
        if name == "=" and any(each != fitting[0] for each in fitting):
            return self._nowhere()
        if isinstance(left, Fact):
            return self._names(name, left, fitting)
        assert not isinstance(left, Constant)
        return _among(left, fitting) if name == "in" else np.asarray(HOLDS[name](left, fitting[0]))

    def _names(self, name: str, fact: Fact, texts: Sequence[str]) -> Mask:
        """The first of the texts counts, of `in` all of them."""
        if fact == HOST and name in ("=", "in"):
            return self._hosts.mask_of(texts)[self._rows]
        key = name_of(fact.path)
        ranking = self._hosts.ranks.of(key)
        ranks = ranking.column(key)[self._rows]
        if name == "in":
            return _among(ranks, [ranking.of(text) for text in texts])
        return np.asarray(HOLDS[name](ranks, ranking.of(texts[0])))

    def _with_column(self, name: str, left: _Value, right: _Value) -> Mask:
        """`right` is no constant."""
        if isinstance(right, Fact):
            return self._with_names(name, left, right)
        number: Any = _fit(left.value) if isinstance(left, Constant) else left
        if isinstance(number, Fact | str | list | dict):
            return self._nowhere()
        return np.asarray(HOLDS[name](number, right), np.bool_)

    def _with_names(self, name: str, left: _Value, right: Fact) -> Mask:
        key = name_of(right.path)
        if isinstance(left, Fact):
            other = name_of(left.path)
            ranking = self._hosts.ranks.of(key, other)
            pair = ranking.column(other)[self._rows], ranking.column(key)[self._rows]
            return np.asarray(HOLDS[name](*pair))
        if not isinstance(left, Constant) or not isinstance(left.value, str):
            return self._nowhere()
        return self._names(_TURNED[name], right, [left.value])

    def _nowhere(self) -> Mask:
        return np.zeros(self._count, np.bool_)


_TURNED: Final = {"=": "=", "in": "=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _fit(value: Any) -> Any:
    """The same, or where a column cannot hold it the next number that one can."""
    return float(value) if isinstance(value, int) and abs(value) > _MOST else value


def _among(values: Numbers | Mask, wanted: Sequence[Any]) -> Mask:
    if len(wanted) > _FEW:
        return np.isin(values, np.array(wanted))
    mask = np.zeros(len(values), np.bool_)
    for each in wanted:
        mask |= values == each
    return mask
