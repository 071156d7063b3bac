"""A beat waited for a statement under way; in one thread, as the simulation is, for ever."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minicloud.db import schema
from minicloud.db.engine import Database
from minicloud.servicegroup.base import COMPUTE
from minicloud.servicegroup.drivers.db import DbDriver
from tests.hand_clock import HandClock
from tests.options import defaults

PATIENCE_S = 30.0


def test_a_beat_waits_for_no_statement_that_is_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = HandClock()
    books = Database(f"sqlite:///{tmp_path / 'books.sqlite'}", clock)
    schema.create(books)
    conductor = DbDriver(defaults(), books)
    conductor.renew(["host-1"], COMPUTE)
    clock.sleep(100.0)
    beats: list[str] = []
    write = books.write

    def interrupted(work: Callable[..., Any], name: str = "") -> Any:
        if not beats:
            beats.append(name)
            conductor.beat()
        return write(work, name)

    monkeypatch.setattr(books, "write", interrupted)

    hearing = threading.Thread(target=conductor.renew, args=(["host-1"], COMPUTE), daemon=True)
    hearing.start()
    hearing.join(PATIENCE_S)

    assert beats == ["servicegroup.pause"]
    assert not hearing.is_alive()
    assert conductor.get_all(COMPUTE) == {"host-1"}
    books.dispose()
