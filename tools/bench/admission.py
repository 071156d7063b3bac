"""Measures what it costs to let a request in: rate limits, and each filter of the pipeline.

    python -m tools.bench.admission
    python -m tools.bench.admission --rounds 9 --redis redis://host:6379/0

Three parts, one JSON document a line. `decisions`: microseconds of one decision of our stores and
of the library `limits` (fixed, moving and sliding windows), in memory and in Redis, in turns.
`accuracy`: how many of the same arrivals each of them accepts, beside what is exact. `filters`:
microseconds of each filter of the compute pipeline. Without --redis a private Redis is started;
without the program redis-server that half is left out. Progress goes to stderr.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from minicloud.errors import CannotStart
from minicloud.runtime.servers.redis import Redis
from tools.bench import contenders, filters
from tools.bench.cloud import say

PARTS = ("decisions", "accuracy", "filters")


@contextmanager
def redis_of(url: str | None) -> Iterator[str | None]:
    """The address; None: there is no Redis here."""
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="minicloud-bench-") as directory:
        server = Redis(Path(directory) / "redis", throwaway=True)
        try:
            server.start()
        except CannotStart as error:
            say(f"without Redis: {error}")
            yield None
            return
        try:
            yield server.url
        finally:
            server.discard()


def show(found: Iterator[dict[str, Any]]) -> None:
    for one in found:
        print(json.dumps(one), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=PARTS, action="append", help="default: all")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each; medians are shown")
    parser.add_argument("--seconds", type=float, default=6.0, help="how long arrivals last")
    parser.add_argument("--redis", help="URL of a Redis that may be written to")
    options = parser.parse_args()
    parts = options.part or PARTS
    with redis_of(options.redis) as url:
        if "decisions" in parts:
            show(contenders.decisions(url, options.rounds))
        if "accuracy" in parts:
            show(contenders.accuracy(url, options.seconds))
        if "filters" in parts:
            show(filters.costs(url, options.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
