"""minicloud-manage duties: whose they are."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud import conf as options
from minicloud.cmd import manage_duties
from minicloud.conductor.duties import AUDIT, DEAD_HOSTS, RECLAIM
from minicloud.db import duties
from minicloud.db.engine import Database
from tests.functional.over_books import database

__all__ = ["database"]  # a fixture

Manage = Callable[..., str]


@pytest.fixture
def manage(database: Database, capsys: pytest.CaptureFixture[str]) -> Manage:
    def run(*words: str) -> str:
        conf = options.register_opts(cfg.ConfigOpts())
        conf.register_cli_opt(cfg.SubCommandOpt("command", handler=manage_duties.add_commands))
        conf(["duties", *words], default_config_files=[], default_config_dirs=[])
        url = database.engine.url.render_as_string(hide_password=False)
        conf.set_override("connection", url, "database")
        conf.command.run(conf)
        return capsys.readouterr().out

    return run


def _take(name: str, holder: str, now: datetime, until: datetime | None, db: Session) -> None:
    duties.take(db, name, holder, now, until)


def _told(manage: Manage) -> dict[str, Any]:
    return {duty["name"]: duty for duty in json.loads(manage("--json"))["duties"]}


def test_duties_that_nobody_ever_had_are_shown(manage: Manage) -> None:
    told = _told(manage)

    assert set(told) == {AUDIT, DEAD_HOSTS, RECLAIM}
    assert all((duty["holder"], duty["token"]) == (None, 0) for duty in told.values())
    assert "nobody" in manage()


def test_holders_tokens_and_who_elected_them_are_shown(manage: Manage, database: Database) -> None:
    now = database.now()
    for name, holder, until in (
        (AUDIT, "conductor-1", now + timedelta(hours=1)),
        (DEAD_HOSTS, "conductor-2", None),
        (RECLAIM, "conductor-3", now - timedelta(seconds=1)),
    ):
        database.write(partial(_take, name, holder, now, until))

    told = _told(manage)

    assert {n: (d["holder"], d["elected_by"], d["token"]) for n, d in told.items()} == {
        AUDIT: ("conductor-1", "database", 1),
        DEAD_HOSTS: ("conductor-2", "store", 1),
        RECLAIM: (None, None, 1),
    }
    assert told[AUDIT]["since"] == now.isoformat(timespec="seconds")


def test_through_a_pipe_no_name_of_a_holder_is_cut_off(manage: Manage, database: Database) -> None:
    holder = "conductor-of-the-second-data-centre"
    now = database.now()
    database.write(partial(_take, AUDIT, holder, now - timedelta(minutes=3), None))

    (line,) = (one for one in manage().splitlines() if holder in one)

    assert line.split()[:5] == [AUDIT, holder, "store", "3", "min"]
