"""Writes doc/microversions.md: what each microversion changes here, from the API's own list.

python -m tools.microversions
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from minicloud.api.history import HISTORY, Change
from minicloud.api.versions import MAX, MIN

PATH: Final = Path(__file__).parent.parent / "doc" / "microversions.md"
_HEAD: Final = f"""# Microversions

The Compute API speaks 2.{MIN} to 2.{MAX}. A request asks for a version by the header
`OpenStack-API-Version: compute 2.N` or, as of old, `X-OpenStack-Nova-API-Version: 2.N`; without
either it gets 2.{MIN}. This is what each version changes here: what comes (+) and what goes (-).
Where a version changes nothing, the reason is told.

The page is made from `minicloud/api/history/` by `python -m tools.microversions`;
`tests/functional/test_microversions.py` asks every route at every version and holds the answers
to that list.

| version | what it changes |
| --- | --- |
"""


def text() -> str:
    rows = [
        f"| 2.{number} | {'<br>'.join(_told(HISTORY[number]))} |" for number in sorted(HISTORY)
    ]
    return _HEAD + "\n".join(rows) + "\n"


def _told(change: Change) -> Iterator[str]:
    yield change.text
    kinds = {
        "routes": change.routes,
        "bodies": change.bodies,
        "queries": change.queries,
        "answers": change.answers,
        "statuses": change.statuses,
    }
    for kind, lines in kinds.items():
        if lines:
            yield f"{kind}: " + ", ".join(f"`{line}`" for line in lines)
    if change.nothing:
        yield _besides(change, any(kinds.values()) or bool(change.names))


def _besides(change: Change, something: bool) -> str:
    reason = change.nothing
    if reason.startswith("of "):
        return f"*Nothing {reason}.*"
    return f"*{reason[0].upper()}{reason[1:]}.*" if something else f"*Nothing here: {reason}.*"


def main() -> int:
    PATH.write_text(text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
