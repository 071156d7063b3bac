"""Nova in a process of its own: the interpreter of an environment that has it."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from tools.bench.fleets import Ask, Fleet

_SIDE = Path(__file__).with_name("nova_side")


class NovaFailed(RuntimeError):
    """Nova's side could not do what it was asked."""


class Nova:
    """Each method is one of nova_side."""

    def __init__(self, python: str) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen([python, str(_SIDE)], stdin=pipe, stdout=pipe)

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(60)

    def about(self) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("about")
        return found

    def fleet(self, fleet: Fleet, filters: Sequence[str], weighers: Sequence[str]) -> Any:
        return self._ask("fleet", fleet=fleet, filters=filters, weighers=weighers)

    def choose(self, asks: Sequence[Ask]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("choose", asks=asks)
        return found

    def explain(self, **case: Any) -> list[str] | None:
        found: list[str] | None = self._ask("explain", **case)
        return found

    def time(self, asks: Sequence[Ask]) -> list[float]:
        found: list[float] = self._ask("time", asks=asks)
        return found

    def _ask(self, what: str, **words: Any) -> Any:
        line, answers = self._process.stdin, self._process.stdout
        assert line
        assert answers
        keys = orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE
        line.write(orjson.dumps({"do": what, **words}, option=keys))
        line.flush()
        answer = answers.readline()
        if not answer:
            raise NovaFailed("Nova's side has ended; its messages are above")
        found = orjson.loads(answer)
        if "failed" in found:
            raise NovaFailed(found["failed"])
        return found["answer"]
