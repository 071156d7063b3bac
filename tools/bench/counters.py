"""Counts what boots cost the servers behind the cloud: transactions that write, and messages."""

import os
import re
import subprocess
from typing import Any

import sqlalchemy as sa

from minicloud.cmd.state import State
from minicloud.db.engine import driver_url
from tools.bench.cloud import Cloud

_GLOBAL_COUNTERS = 'io:format("~p~n", [rabbit_global_counters:overview()]).'


class Counters:
    """Differences since it was made; None for what this mode has not."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._embedded = cloud.run_file()["mode"] == "embedded"
        self._engine = None if self._embedded else _engine(cloud)
        self._writes, self._messages = self._read()

    def per(self, count: int) -> dict[str, float | None]:
        writes, messages = self._read()
        return {
            "write_transactions": _each(writes, self._writes, count),
            "messages": _each(messages, self._messages, count),
        }

    def _read(self) -> tuple[int | None, int | None]:
        if self._engine is None:
            return None, None
        return _writes(self._engine), _messages(self._cloud)


def _each(after: int | None, before: int | None, count: int) -> float | None:
    if after is None or before is None:
        return None
    return round((after - before) / count, 2)


def _engine(cloud: Cloud) -> sa.Engine:
    text = State(cloud.state_dir).conf.read_text()
    found = re.search(r"^connection = (.*)$", text, re.MULTILINE)
    if found is None:
        raise SystemExit("the cloud's configuration names no database")
    return sa.create_engine(driver_url(found.group(1).replace("$$", "$")))


def _writes(engine: sa.Engine) -> int:
    """Transactions that changed something, by the server's own count."""
    with engine.connect() as connection:
        if engine.dialect.name == "mysql":
            query = "SHOW GLOBAL STATUS LIKE 'Com_commit'"  # reading is done in autocommit
            return int(connection.exec_driver_sql(query).one()[1])
        query = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
        return int(connection.exec_driver_sql(query).scalar_one())


def _messages(cloud: Cloud) -> int | None:
    """Messages that the broker has taken in, by its own count."""
    found: Any = cloud.processes().get("rabbitmq")
    if found is None:
        return None
    kept = {"HOME", "ERL_EPMD_PORT", "ERL_EPMD_ADDRESS", "ERL_FLAGS"}
    its = {k: v for k, v in found.environ().items() if "RABBIT" in k or k in kept}
    environment = {"PATH": os.environ["PATH"], **its}
    words = ["/usr/lib/rabbitmq/bin/rabbitmqctl", "eval", _GLOBAL_COUNTERS]
    output = subprocess.run(
        words, env=environment, capture_output=True, text=True, timeout=60, check=False
    ).stdout
    counts = re.findall(r"messages_received_total => (\d+)", output)
    return sum(int(count) for count in counts) if counts else None
