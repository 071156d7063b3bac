"""Which routes a test drives in this process, and whether their handlers keep their contract."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import webob

from minicloud.api import faults
from minicloud.api.contract import Contract, contract_of
from minicloud.api.dispatch import Application
from minicloud.api.request import ApiRequest
from minicloud.api.row import OPEN, Row
from tools.routes import named

_READ = "minicloud.tests.read"
_SWEEP = 25  # a test of more routes than this is about none of them


@dataclass
class Driven:
    """What was seen since the last `begin`."""

    statuses: dict[Row, set[int]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def begin(self) -> None:
        self.statuses, self.broken = {}, []

    def note(self, row: Row, req: ApiRequest, contract: Contract, answer: Any) -> None:
        if isinstance(answer, Exception):
            self.statuses.setdefault(row, set()).add(faults.status_of(answer))
            return
        self.statuses.setdefault(row, set()).add(answer.status_int)
        said = f"{row.verb} {row.path} {row.key or ''} at 2.{req.version}"
        if answer.status_int not in contract.statuses_at(req.version):
            self.broken.append(
                f"{said} answered {answer.status_int}, and its @answers says "
                f"{contract.statuses_at(req.version)}"
            )
        if contract.is_empty(answer.status_int) not in (None, not answer.body):
            self.broken.append(f"{said}: `empty` of its @answers is not true")
        for what in req.environ.get(_READ, ()):
            if what not in (contract.body, contract.query):
                self.broken.append(
                    f"{said} reads a body or query that its @answers does not declare"
                )


@dataclass
class Proofs:
    """Which tests have driven which routes, and what was answered."""

    seen: dict[str, dict[str, set[int]]] = field(default_factory=dict)

    def note(self, test: str, statuses: dict[Row, set[int]]) -> None:
        name = test.partition("[")[0]
        for row, answered in statuses.items():
            self.seen.setdefault(name, {}).setdefault(named(row), set()).update(answered)

    def text(self) -> str:
        """The best two of each route: those that succeed, and that are about little else."""
        found: dict[str, list[str]] = {}
        for row in sorted({row for rows in self.seen.values() for row in rows}):
            tests = [test for test, rows in self.seen.items() if row in rows]
            found[row] = sorted(tests, key=lambda test: self._rank(test, row))[:2]
        return orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() + "\n"

    def _rank(self, test: str, row: str) -> tuple[bool, bool, bool, int, str]:
        rows = self.seen[test]
        in_unit = test.startswith("tests/unit")
        return (min(rows[row]) >= 400, len(rows) > _SWEEP, in_unit, len(rows), test)


def watch(driven: Driven) -> Callable[[], None]:
    """See every request of every application in this process; returns what ends that."""
    made, read, query = Application.__init__, ApiRequest.read, ApiRequest.query

    def watched(self: Application, *words: Any) -> None:
        made(self, *words)
        handlers = self._handlers
        for row, handler in handlers.items():
            if row.rule != OPEN:
                handlers[row] = _seen(driven, row, handler)

    def noted_read(self: ApiRequest, body: Any) -> Any:
        self.environ.setdefault(_READ, []).append(body)
        return read(self, body)

    def noted_query(self: ApiRequest, wanted: Any) -> Any:
        self.environ.setdefault(_READ, []).append(wanted)
        return query(self, wanted)

    _set(watched, noted_read, noted_query)
    return lambda: _set(made, read, query)


def _set(made: Any, read: Any, query: Any) -> None:
    Application.__init__ = made  # type: ignore[method-assign]
    ApiRequest.read = read  # type: ignore[method-assign]
    ApiRequest.query = query  # type: ignore[method-assign]


def _seen(driven: Driven, row: Row, handler: Callable[..., Any]) -> Callable[..., Any]:
    contract = contract_of(handler)

    def answered(req: ApiRequest, **args: str) -> webob.Response:
        try:
            answer = handler(req, **args)
        except Exception as error:
            driven.note(row, req, contract, error)
            raise
        driven.note(row, req, contract, answer)
        return answer

    return answered
