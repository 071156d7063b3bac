"""What the quota costs a create, and what a project that hammers at its limit costs others.

`python -m tools.bench.quota [--url URL] [--servers N] [--requests N]` prints a line of JSON each,
with the quota filter and without it. The guard and the count are part of every create.
"""

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import webob

from minicloud.api.app import load, paste_file
from minicloud.db import quotas
from tools.bench.books import Books

_THREADS, _CLIENTS = 8, 32  # of a process that serves, and who hammers
_FULL, _ROOMY = "full", "roomy"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="of an empty database (default: SQLite)")
    parser.add_argument("--servers", type=int, default=50, help="of the project at its limit")
    parser.add_argument("--requests", type=int, default=300)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        url = words.url or f"sqlite:///{root}/books.sqlite"
        bench = _Bench(Books(Path(root), url), Path(root), words.servers)
        for name in ("without", "with", "without", "with"):
            for line in bench.measured(name, words.requests):
                print(json.dumps(line), flush=True)
        bench.close()


class _Bench:
    def __init__(self, books: Books, root: Path, servers: int) -> None:
        self._books = books
        conf = books.conf
        self._apps: dict[str, Any] = {}
        self._apps["with"] = load(conf, *books.parts(), name="main_noauth2")
        bare = root / "bare.ini"
        bare.write_text(paste_file(conf).read_text().replace(" policy quota ", " policy "))
        conf.set_override("paste_config", str(bare), "api")
        self._apps["without"] = load(conf, *books.parts(), name="main_noauth2")
        for _ in range(servers):
            assert self._create("with", _FULL) == 202
        limit = {"instances": servers}
        books.database.write(lambda db: quotas.put(db, _FULL, "", limit))

    def close(self) -> None:
        self._books.close()

    def measured(self, name: str, requests: int) -> Iterator[dict[str, Any]]:
        for project, wanted in ((_ROOMY, 202), (_FULL, 403)):
            assert self._create(name, project) == wanted
            yield self._alone(name, project, requests)
        yield self._hammered(name, requests)

    def _alone(self, name: str, project: str, requests: int) -> dict[str, Any]:
        books = self._books
        queries, writes = books.queries, books.database.writes
        began, cpu = time.perf_counter(), time.process_time()
        for _ in range(requests):
            self._create(name, project)
        return {
            "filter": name,
            "project": project,
            "statements": (books.queries - queries) / requests,
            "commits": (books.database.writes - writes) / requests,
            "cpu_ms": round(1000 * (time.process_time() - cpu) / requests, 3),
            "per_s": round(requests / (time.perf_counter() - began)),
        }

    def _hammered(self, name: str, requests: int) -> dict[str, Any]:
        """Many clients at the limit, and one beside them who has room, before a few threads."""
        refused: list[int] = []
        with ThreadPoolExecutor(_THREADS) as pool:

            def ask(project: str) -> int:
                return pool.submit(self._create, name, project).result()

            with _together(lambda: refused.append(ask(_FULL))):
                began, cpu, took = time.perf_counter(), time.process_time(), []
                for _ in range(requests // 8):
                    start = time.perf_counter()
                    ask(_ROOMY)
                    took.append(1000 * (time.perf_counter() - start))
                seconds, count = time.perf_counter() - began, len(refused)
                cpu = time.process_time() - cpu
        return {
            "filter": name,
            "refusals_per_s": round(count / seconds),
            "refusals_per_cpu_s": round(count / cpu),
            "create_beside_ms": round(statistics.median(took), 1),
            "create_beside_p95_ms": round(statistics.quantiles(took, n=20)[-1], 1),
        }

    def _create(self, name: str, project: str) -> int:
        request = webob.Request.blank("/compute/v2.1/servers", method="POST")
        request.headers["X-Auth-Token"] = f"alice:{project}"
        request.headers["OpenStack-API-Version"] = "compute 2.57"
        request.content_type = "application/json"
        request.body = json.dumps(self._books.wanted()).encode()
        status: int = request.get_response(self._apps[name]).status_int
        return status


@contextmanager
def _together(work: Callable[[], object]) -> Iterator[None]:
    """Threads that do it again and again until the block ends."""
    done = threading.Event()

    def again() -> None:
        while not done.is_set():
            work()

    threads = [threading.Thread(target=again, daemon=True) for _ in range(_CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main()
