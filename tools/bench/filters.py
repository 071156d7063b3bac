"""What each filter of the compute pipeline costs a request, whichever filters it has."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from configparser import RawConfigParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

from paste.deploy import loadapp, loadfilter

from minicloud.api.app import paste_file
from minicloud.api.policy import Policy
from minicloud.api.ratelimit.limit import Limit
from minicloud.api.ratelimit.limiter import Limiter
from minicloud.api.ratelimit.memory_store import MemoryStore
from minicloud.api.ratelimit.redis_store import RedisStore, client_of
from minicloud.auth import choice
from minicloud.runtime.wiring import Wiring, assembling
from tools.bench.books import Books
from tools.bench.cloud import say
from tools.bench.contenders import CLOCK, Fixed, now_us

_REQUESTS = 300  # in a round
_PATHS = ("/v2.1/flavors/42", "/v2.1/servers")
_NOTHING = "(nothing)"  # a filter that does nothing: what the measuring itself costs

Clock = Callable[[], int]
CLOCKS: dict[str, Clock] = {"cpu": time.thread_time_ns, "wall": time.perf_counter_ns}


class Timed:
    """Notes how long each call of what is behind it takes."""

    clock: Clock = time.perf_counter_ns

    def __init__(self, application: Any) -> None:
        self._application = application
        self.took: list[int] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        clock = Timed.clock
        began = clock()
        try:
            return self._application(environ, start_response)
        finally:
            self.took.append(clock() - began)


class Pipeline:
    """The filters of the paste file, each with a watch in front."""

    def __init__(self, books: Books, *limiters: Limiter) -> None:
        books.conf.set_override("enabled", bool(limiters), "ratelimit")
        path = f"config:{paste_file(books.conf)}"
        *names, last = _names(Path(paste_file(books.conf)))
        parts = (*books.parts(), *limiters)
        tokens = choice.authenticator(books.conf, books.database)
        with assembling(Wiring(books.conf, Policy(books.conf), *parts, tokens)):
            self.watches = {last: Timed(loadapp(path, name=last))}
            for name in reversed(names):
                behind = next(reversed(self.watches.values()))
                self.watches[name] = Timed(loadfilter(path, name=name)(behind))
        self.watches[_NOTHING] = Timed(next(reversed(self.watches.values())))

    def run(self, path: str, token: str, clock: str) -> dict[str, float]:
        """Microseconds that each filter adds, the median of some requests."""
        for watch in self.watches.values():
            watch.took.clear()
        Timed.clock = CLOCKS[clock]
        front = next(reversed(self.watches.values()))
        for _ in range(_REQUESTS):
            front(_environ(path, token), _started)
        outside_in = list(reversed(self.watches.items()))
        found = {}
        for (name, watch), (_, behind) in pairwise(outside_in):
            own = [a - b for a, b in zip(watch.took, behind.took, strict=True)]
            found[name] = statistics.median(own) / 1000
        found[outside_in[-1][0]] = statistics.median(outside_in[-1][1].took) / 1000
        return found


def costs(url: str | None, rounds: int) -> Iterator[dict[str, Any]]:
    """Off, in memory and in Redis in turns."""
    with tempfile.TemporaryDirectory(prefix="minicloud-bench-") as directory:
        books = Books(Path(directory), f"sqlite:///{directory}/books.sqlite")
        say("filters: filling the books")
        books.fill(10)
        limits = [Limit(f"l{n}", frozenset(), uri, 2**20, 60) for n, uri in enumerate(_URIS)]
        stores: dict[str, Any] = {"memory": MemoryStore(now_us)}
        if url is not None:
            stores["redis"] = RedisStore(client_of(url, 5.0), f"bench-{uuid4().hex}", CLOCK)
        pipelines = {"off": Pipeline(books)}
        for name, store in stores.items():
            pipelines[name] = Pipeline(books, Limiter(Fixed(*limits), store, CLOCK))
        yield from _told(pipelines, books.token, rounds)
        books.close()


_URIS = ("*", "/servers", "/flavors/{id}", "/os-keypairs", "/servers/{id}/action")


def _told(pipelines: dict[str, Pipeline], token: str, rounds: int) -> Iterator[dict[str, Any]]:
    for path in _PATHS:
        figures: dict[tuple[str, str], list[dict[str, float]]] = {}
        for turn in range(rounds + 1):  # the first fills caches
            say(f"filters, {path}: round {turn} of {rounds}")
            for clock in CLOCKS:
                for name, pipeline in pipelines.items():
                    found = pipeline.run(path, token, clock)
                    figures.setdefault((name, clock), []).append(found)
        for (name, clock), rows in figures.items():
            yield {"part": "filters", "ratelimit": name, "request": f"GET {path}"} | {
                "clock": clock,
                **_summed(rows[1:]),
            }


def _summed(rows: list[dict[str, float]]) -> dict[str, Any]:
    """Less what the measuring costs; the last is the application."""
    medians = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    watching = medians.pop(_NOTHING)
    *names, application = medians
    each = {name: round(max(0.0, medians[name] - watching), 2) for name in names}
    return {
        "us": each,
        "all_filters_us": round(sum(each.values()), 1),
        "application_us": round(medians[application], 1),
    }


def _names(path: Path) -> list[str]:
    parser = RawConfigParser()
    parser.read(path)
    return parser["pipeline:compute"]["pipeline"].split()


def _environ(path: str, token: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "/compute",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8774",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8774",
        "HTTP_X_AUTH_TOKEN": token,
        "HTTP_OPENSTACK_API_VERSION": "compute 2.100",
        "wsgi.url_scheme": "http",
    }


def _started(status: str, _headers: Any, *_rest: Any) -> None:
    assert status.startswith("200"), status
