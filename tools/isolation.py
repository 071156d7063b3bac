"""Writes doc/isolation.md: who gets what of whom, from the matrix that the tests ask.

python -m tools.isolation
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.functional.isolation.rows import SERVICES, TABLES, Must, read
from tests.functional.isolation.rows_cloud import GONE
from tests.functional.isolation.who import (
    FOREIGN,
    KINDS,
    MISSING,
    OK,
    OWN,
    RELATIONS,
    ROLES,
    WHO_MAY,
)

PATH: Final = Path(__file__).parent.parent / "doc" / "isolation.md"

_HEAD: Final = """# Who gets what of whom

Made by `python -m tools.isolation` from the rows that the tests ask of the whole pipeline
(`tests/functional/isolation/`, see [testing](testing.md)). Without a valid token everything is
401, except the version documents. Where the columns "another's" and "none" say the same number,
the answers are the same byte for byte: what another project has is as good as not there.

Administrators may do everything with what any project has. A manager may all that a member may,
and a member all that a reader may. What is said of `/servers` holds for its old name
`/os-volumes_boot` as well.

## Who may

The answers about a thing of one's own, of another project, and about none; "ok" is the answer of
the route.
"""


def text() -> str:
    parts = [_HEAD, _kinds()]
    for title, table in TABLES.items():
        parts += [f"## {title}\n", _table(read(table))]
    for where, tables in SERVICES.items():
        for title, table in tables.items():
            parts += [f"## {title}: below `{where}`\n", _table(read(table))]
    gone = "\n".join(f"* `{' '.join(line.split()[:1])}`" for line in GONE.strip().splitlines())
    parts += ["## Gone for good: 410\n", gone + "\n"]
    return "\n".join(parts)


def _kinds() -> str:
    lines = ["| who may | " + " | ".join(ROLES) + " |", "| --- " * (len(ROLES) + 1) + "|"]
    shown = set()
    for kind, answers in KINDS.items():
        cells = [_three(answers[role, one] for one in RELATIONS) for role in ROLES]
        line = "| " + " | ".join([WHO_MAY[kind], *cells]) + " |"
        if kind not in ("gone", "open") and line not in shown:
            lines.append(line)
        shown.add(line)
    return "\n".join(lines) + "\n"


def _three(answers: Iterable[int]) -> str:
    words = ["ok" if answer == OK else str(answer) for answer in answers]
    return words[0] if len(set(words)) == 1 else ", ".join(words)


def _table(rows: Iterable[Must]) -> str:
    lines = ["| route | who may | answer | another's | none |", "| --- " * 5 + "|"]
    for row in rows:
        verb, path, *key = row.route.split(" ", 2)
        where = f"`{verb} {path}`" + "".join(_said(word) for word in key)
        whose, none = ("", "") if "{" not in path else (_to(row, FOREIGN), _to(row, MISSING))
        cells = (where, WHO_MAY[row.kind], str(row.answer), whose, none)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _said(word: str) -> str:
    return f" {word}" if word.startswith("to 2.") else f" `{word}`"


def _to(row: Must, relation: str) -> str:
    """What those are answered who may it with their own."""
    answers = KINDS[row.kind]
    may = [role for role in ROLES if answers[role, OWN] == OK and role != "admin"] or ["admin"]
    (answer,) = {answers[role, relation] or row.answer for role in may}
    return str(answer)


def main() -> int:
    PATH.write_text(text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
