"""The operators of extra specs: whether a value of a host is what a spec asks for.

A spec that begins with an operator is split at blanks, and the words after it are operands; any
other is the value itself, character by character (SEMANTICS section 8). What cannot be compared
does not match: a text under an operator of numbers, an operator without operands, no value.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Test = Callable[[Any], bool]  # of a host's value


def matches(value: Any, spec: str) -> bool:
    return value is not None and compiled(spec)(value)


def compiled(spec: str) -> Test:
    """The test that a spec stands for; compile once, ask for every host."""
    name, *operands = spec.split() or [""]
    make = _OPERATORS.get(name)
    if make is None:
        return lambda value: str(value) == spec
    test = make(operands)
    return lambda value: value is not None and test(value)


def _numbers(holds: Callable[[float, float], bool]) -> Callable[[Sequence[str]], Test]:
    def make(operands: Sequence[str]) -> Test:
        wanted = _number(operands[0]) if operands else None
        if wanted is None:
            return _never

        def test(value: Any) -> bool:
            found = _number(value)
            return found is not None and holds(found, wanted)

        return test

    return make


def _texts(holds: Callable[[str, str], bool]) -> Callable[[Sequence[str]], Test]:
    def make(operands: Sequence[str]) -> Test:
        if not operands:
            return _never
        wanted = operands[0]
        return lambda value: holds(str(value), wanted)

    return make


def _all_in(operands: Sequence[str]) -> Test:
    if not operands:
        return _never
    return lambda value: all(wanted in _several(value) for wanted in operands)


def _any_of(operands: Sequence[str]) -> Test:
    """`<or> a <or> b`: what stands between the operands is not read."""
    wanted = frozenset(operands[::2])
    return lambda value: str(value) in wanted


def _never(_value: Any) -> bool:
    return False


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _several(value: Any) -> Any:
    """A list is looked through by its elements, anything else as a text."""
    return [str(each) for each in value] if isinstance(value, list | tuple) else str(value)


_OPERATORS: Final[Mapping[str, Callable[[Sequence[str]], Test]]] = {
    "=": _numbers(operator.ge),  # as it always was; equal is ==
    "==": _numbers(operator.eq),
    "!=": _numbers(operator.ne),
    ">=": _numbers(operator.ge),
    "<=": _numbers(operator.le),
    "s==": _texts(operator.eq),
    "s!=": _texts(operator.ne),
    "s<": _texts(operator.lt),
    "s<=": _texts(operator.le),
    "s>": _texts(operator.gt),
    "s>=": _texts(operator.ge),
    "<in>": lambda operands: _all_in(operands[:1]),
    "<all-in>": _all_in,
    "<or>": _any_of,
}
