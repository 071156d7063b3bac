"""Writes doc/routes.md: every route and action, and the tests that prove it.

    tests="tests/unit/api tests/functional tests/regressions"
    python -m pytest $tests --record-routes doc/proofs.json
    python -m tools.routes

The tests note which of them drive which route through a whole pipeline; the table is made from
that and from the routes themselves.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from minicloud.api.contract import Contract, contract_of
from minicloud.api.routes import ALL
from minicloud.api.row import Row
from minicloud.api.versions import MAX, MIN
from tools.openapi import handlers

DOC = Path(__file__).parent.parent / "doc"
PROOFS, TABLE = DOC / "proofs.json", DOC / "routes.md"
_GONE = 410

_HEAD = """# Every route

Made by `python -m tools.routes` from the tables that serve the API (see `tools/routes.py`). The
same in more detail, with bodies and queries, is told by `GET /compute/v2.1/openapi.json`; for the
newest version it is kept in `doc/openapi.json`.

"Versions" is the window of microversions outside of which the route is not found. "Answers" is
the status of success. A request may be refused with 400, 401, 403, 404 and 406 besides, one with
a body with 413 and 415, a change with 409, and all with 503 while a part of the cloud is away. The
tests were seen to drive the route through the whole pipeline.
"""


def named(row: Row) -> str:
    """How a row is written in doc/proofs.json."""
    key = f" {row.key}" if row.key else ""
    return f"{row.verb} {row.path}{key} since 2.{row.since}"


def text(rows: Sequence[Row], contracts: Mapping[Row, Contract], proofs: Any) -> str:
    here = [row for row in rows if _GONE not in contracts[row].refuses]
    plain = [row for row in here if row.key is None]
    actions = [row for row in here if row.key is not None]
    gone = [row for row in rows if row not in here]
    parts = [
        _HEAD,
        f"{len(plain)} routes, {len(actions)} actions, {len(gone)} that are gone for good.\n",
        "## Routes\n",
        _table(plain, contracts, proofs),
        "## Actions\n",
        _table(actions, contracts, proofs),
        "## Gone for good: 410\n",
        _table(gone, contracts, proofs),
    ]
    return "\n".join(parts)


def _table(rows: Iterable[Row], contracts: Mapping[Row, Contract], proofs: Any) -> str:
    lines = ["| route | versions | answers | policy rule | shown by |", "| --- " * 5 + "|"]
    for row in rows:
        where = f"`{row.verb} {row.path}`" + (f" `{row.key}`" if row.key else "")
        tests = ", ".join(f"`{_short(test)}`" for test in proofs.get(named(row), ()))
        cells = (where, _versions(row), _answers(row, contracts[row]), f"`{row.rule}`", tests)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _short(test: str) -> str:
    return test.removeprefix("tests/")


def _versions(row: Row) -> str:
    until = min(row.until, MAX)
    if row.since == MIN:
        return "all" if until == MAX else f"to 2.{until}"
    return f"from 2.{row.since}" if until == MAX else f"2.{row.since} to 2.{until}"


def _answers(row: Row, contract: Contract) -> str:
    if _GONE in contract.refuses:
        return str(_GONE)
    changes = [since for since in sorted(contract.later) if row.since < since <= row.until]
    told = [_statuses(contract.statuses_at(row.since))]
    told += [f"{_statuses(contract.statuses_at(since))} from 2.{since}" for since in changes]
    refused = f" or {_statuses(contract.refuses)}" if contract.refuses else ""
    return ", ".join(told) + refused


def _statuses(statuses: tuple[int, ...]) -> str:
    return " or ".join(map(str, statuses))


def made() -> str:
    contracts = {row: contract_of(handler) for row, handler in handlers().items()}
    return text(ALL, contracts, orjson.loads(PROOFS.read_bytes()))


def main() -> int:
    TABLE.write_text(made())
    return 0


if __name__ == "__main__":
    sys.exit(main())
