"""Conductors as programs put them together: whose the duties are, and that they are done."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from minicloud.cmd import parts
from minicloud.conductor.duties import RECLAIM, WHAT
from minicloud.db import duties, schema
from minicloud.db.engine import Database
from minicloud.rpc.direct import DirectLine
from minicloud.runtime import steps
from minicloud.runtime.clock import SystemClock
from tests.options import defaults
from tests.servers import Servers
from tests.waiting import until


@pytest.mark.parametrize("store", ["redis", None])
def test_all_duties_are_with_a_conductor_are_done_and_pass_on_when_it_stops(
    store: str | None, servers: Servers, tmp_path: Path
) -> None:
    conf, clock = defaults(), SystemClock()
    if store is not None:
        conf.set_override("driver", servers.get(store).url, "servicegroup")
    conf.set_override("reclaim_interval_s", 0.1, "conductor")
    books = Database(f"sqlite:///{tmp_path / 'books.sqlite'}", clock)
    schema.create(books)

    def are_with(name: str) -> bool:
        rows = books.read(duties.all_of)
        by_store = {row.until is None for row in rows}
        return [(row.name, row.holder) for row in rows] == [
            (duty, name) for duty in sorted(WHAT)
        ] and by_store == {store is not None}

    def wrote() -> object:
        return next(r.wrote_at for r in books.read(duties.all_of) if r.name == RECLAIM)

    with ExitStack() as running:

        def start(name: str) -> parts.Parts:
            made = parts.Parts(conf, DirectLine(), clock, steps.nothing)
            group = parts.service_group(conf, books)
            running.callback(group.close)
            running.callback(made.stop)
            made.conductor(books, group, name)
            return made

        first = start("conductor-1")
        until(lambda: are_with("conductor-1"))
        until(wrote)
        start("conductor-2")
        first.stop()
        until(lambda: are_with("conductor-2"))
    assert {row.holder for row in books.read(duties.all_of)} == {None}
