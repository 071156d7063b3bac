"""Measures every route that reads, and the main writes: time, processor time, queries.

    python -m tools.bench.api
    python -m tools.bench.api --servers 10 --servers 10000 --count 100
    python -m tools.bench.api --database mysql://user:password@host/empty_database

The whole application is called in this process, from the token to the JSON, without the HTTP
server in front, so that what is counted belongs to the request. One JSON document a line: one for
each route and number of servers, and one at the end that compares lists of different lengths.
Progress goes to stderr.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count as numbers
from pathlib import Path
from typing import Any

from minicloud.api.routes import ALL
from minicloud.api.versions import MAX
from tools.bench.books import Books
from tools.bench.cloud import say

_MOST_S = 3.0  # spent on one route, however slow it is
_LISTS = ("/servers", "/servers/detail")
_LENGTHS = (10, 100, 1000)


def measured(books: Books, ask: Callable[[], tuple[int, bytes]], count: int) -> dict[str, Any]:
    """One request after another, after a few that are not counted."""
    for _ in range(min(3, count)):
        status, body = ask()
    times: list[float] = []
    asked, used, began = books.queries, time.process_time(), time.perf_counter()
    while len(times) < count and time.perf_counter() - began < _MOST_S:
        before = time.perf_counter()
        status, body = ask()
        times.append(time.perf_counter() - before)
    used = time.process_time() - used
    ordered = sorted(times)
    return {
        "status": status,
        "queries": round((books.queries - asked) / len(times), 2),
        "p50_ms": round(statistics.median(ordered) * 1000, 3),
        "p99_ms": round(ordered[round(0.99 * (len(ordered) - 1))] * 1000, 3),
        "cpu_ms": round(used / len(times) * 1000, 3),
        "bytes": len(body),
        "count": len(times),
    }


def reading(books: Books) -> Iterator[tuple[str, str, int]]:
    """(path of the table, address to ask, version) of every route that reads."""
    for row in ALL:
        if row.verb == "GET" and row.method != "gone":
            for path in books.addresses(row):
                yield row.path, path, min(row.until, MAX)
    for path in _LISTS:
        for length in _LENGTHS:
            yield path, f"{path}?limit={length}", MAX


def writing(books: Books) -> Iterator[tuple[str, str, Callable[[], tuple[int, bytes]]]]:
    """(verb, path of the table, a request) of the main writes."""
    unique = numbers()

    def server() -> str:
        return f"/servers/{books.next_server()}"

    def act(key: str) -> Callable[[], tuple[int, bytes]]:
        return lambda: books.ask("POST", f"{server()}/action", {key: None})

    def flavor() -> dict[str, Any]:
        name = f"f{next(unique)}"
        return {"flavor": {"name": name, "id": name, "ram": 1, "vcpus": 1, "disk": 1}}

    made: list[str] = []

    def make() -> tuple[int, bytes]:
        body = flavor()
        made.append(body["flavor"]["id"])
        return books.ask("POST", "/flavors", body)

    meta, name = {"metadata": {"a": "b"}}, {"server": {"name": "renamed"}}
    yield "POST", "/servers", lambda: books.ask("POST", "/servers", books.wanted())
    yield "PUT", "/servers/{server_id}", lambda: books.ask("PUT", server(), name)
    yield (
        "POST",
        "/servers/{server_id}/metadata",
        lambda: books.ask("POST", f"{server()}/metadata", meta),
    )
    yield (
        "PUT",
        "/servers/{server_id}/tags/{tag}",
        lambda: books.ask("PUT", f"{server()}/tags/t{next(unique)}"),
    )
    for key in ("os-stop", "lock"):
        yield "POST", f"/servers/{{server_id}}/action {key}", act(key)
    yield "DELETE", "/servers/{server_id}", lambda: books.ask("DELETE", server())
    yield "POST", "/flavors", make
    yield "DELETE", "/flavors/{flavor_id}", lambda: books.ask("DELETE", f"/flavors/{made.pop()}")
    yield (
        "POST",
        "/os-aggregates",
        lambda: books.ask("POST", "/os-aggregates", {"aggregate": {"name": f"a{next(unique)}"}}),
    )


def run(books: Books, servers: int, count: int) -> list[dict[str, Any]]:
    found = []
    for path, address, version in reading(books):

        def look(address: str = address, version: int = version) -> tuple[int, bytes]:
            return books.ask("GET", address, version=version)

        about = {"servers": servers, "verb": "GET", "path": path, "version": f"2.{version}"}
        query = address.partition("?")[2]
        found.append({**about, "query": query, **measured(books, look, count)})
        print(json.dumps(found[-1]), flush=True)
    for verb, path, ask in writing(books):
        about = {"servers": servers, "verb": verb, "path": path, "version": f"2.{MAX}"}
        found.append({**about, **measured(books, ask, min(count, 30))})
        print(json.dumps(found[-1]), flush=True)
    return found


def ratios(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """How much more a long list costs than one of ten."""
    told: dict[str, Any] = {}
    most = max(one["servers"] for one in found)
    for path in _LISTS:
        cost = {
            one["query"]: one
            for one in found
            if one["path"] == path and one["servers"] == most and one.get("query")
        }
        short = cost["limit=10"]
        for length in _LENGTHS[1:]:
            one = cost[f"limit={length}"]
            told[f"{path} {length} to 10"] = {
                "p50": round(one["p50_ms"] / short["p50_ms"], 2),
                "cpu": round(one["cpu_ms"] / short["cpu_ms"], 2),
            }
    return {"servers": most, "ratios": told}


@contextmanager
def filled(url: str | None, servers: int) -> Iterator[Books]:
    with tempfile.TemporaryDirectory(prefix="minicloud-bench-") as directory:
        root = Path(directory)
        books = Books(root, url or f"sqlite:///{root / 'books.sqlite'}")
        say(f"{servers} servers: filling the books")
        books.fill(servers)
        yield books
        books.close()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--servers", type=int, action="append", help="servers in the books")
    parser.add_argument("--count", type=int, default=50, help="requests of each kind, at most")
    parser.add_argument("--database", help="URL of an empty database; default: SQLite")
    options = parser.parse_args()
    for servers in options.servers or [10, 10_000]:
        with filled(options.database, servers) as books:
            found = run(books, servers, options.count)
            print(json.dumps(ratios(found)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
