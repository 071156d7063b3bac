"""An owner who unlocked lifted the lock that an administrator had set a moment before."""

from pathlib import Path
from typing import Any

import pytest

from minicloud.db.engine import Database
from minicloud.zones.local.servers import LocalServers
from tests.functional.over_books import application, asked, database
from tests.functional.server_rows import post, read, run, stock

__all__ = ["database"]


def test_an_owner_does_not_lift_a_lock_that_is_set_meanwhile(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = application(database, tmp_path)
    stock(database)
    _status, ref = post(app)
    run(database, ref, locked_by="owner")
    find = LocalServers.find

    def found_and_then_locked(self: LocalServers, *args: Any, **more: Any) -> Any:
        row = find(self, *args, **more)
        monkeypatch.setattr(LocalServers, "find", find)
        reply = asked(app, "POST", f"/servers/{ref}/action", {"lock": None}, user="admin:p9")
        assert reply.status_int == 202
        return row

    monkeypatch.setattr(LocalServers, "find", found_and_then_locked)
    reply = asked(app, "POST", f"/servers/{ref}/action", {"unlock": None}, user="alice")

    assert reply.status_int == 403
    assert read(database, ref).locked_by == "admin"
