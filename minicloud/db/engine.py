"""Connections and transactions: begun and retried here, and nowhere else.

A unit of work is a function of a Session; `read` and `write` run it in one transaction and run it
again, from the beginning, after a lost connection, a deadlock or a certification failure.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from typing import Any, Final, TypeVar, cast

import sqlalchemy as sa
from oslo_db import exception as db_exception
from oslo_db.sqlalchemy import exc_filters
from sqlalchemy.engine import CursorResult, make_url
from sqlalchemy.orm import Session

from minicloud.runtime import dice as chance
from minicloud.runtime.clock import Clock, ServerClock, SystemClock
from minicloud.runtime.steps import Reach, nothing

LOG = logging.getLogger(__name__)
T = TypeVar("T")

_NOW: Final = {
    "mysql": "SELECT UTC_TIMESTAMP(6)",
    "mariadb": "SELECT UTC_TIMESTAMP(6)",
    "postgresql": "SELECT clock_timestamp() AT TIME ZONE 'utc'",
}
_PASSING: Final = (db_exception.DBDeadlock, db_exception.DBConnectionError)


def driver_url(url: str) -> sa.URL:
    """The URL with the driver that minicloud ships, where none is named."""
    parsed = make_url(url)
    drivers = {
        "mysql": "mysql+pymysql",
        "mariadb": "mysql+pymysql",  # the name under which oslo.db knows its errors
        "postgresql": "postgresql+psycopg",
        "postgres": "postgresql+psycopg",
    }
    return parsed.set(drivername=drivers.get(parsed.drivername, parsed.drivername))


class Database:
    """One database, with its clock and its count of transactions."""

    def __init__(
        self,
        url: str,
        clock: Clock | None = None,
        *,
        pool_size: int = 10,
        attempts: int = 10,
        reach: Reach = nothing,
        dice: chance.Dice | None = None,
    ) -> None:
        self._base_clock = clock or SystemClock()
        self._clock = ServerClock(self._base_clock)
        self._attempts = attempts
        self._reach = reach
        self._dice = dice or chance.new()
        self.engine = _create_engine(driver_url(url), pool_size)
        self.dialect: str = self.engine.dialect.name
        self._one_writer: threading.Lock | nullcontext[None] = (
            threading.Lock() if self.dialect == "sqlite" else nullcontext()
        )
        self.writes = 0

    def now(self) -> datetime:
        """The database server's time in UTC: the one clock of the deployment."""
        if self.dialect not in _NOW:
            return self._base_clock.now()
        if self._clock.stale:
            self._clock.learn(self.read(_ask(_NOW[self.dialect])))
        return self._clock.now()

    def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a transaction that writes nothing."""
        return self._run(work, write=False, name="")

    def write(self, work: Callable[[Session], T], name: str = "") -> T:
        """Run `work` in one transaction; an error undoes all of it.

        `name` is the numbered step (runtime/steps.py): "<name>:before" is reached just before the
        commit and "<name>:after" just after.
        """
        with self._one_writer:
            return self._run(work, write=True, name=name)

    def dispose(self) -> None:
        self.engine.dispose()

    def _run(self, work: Callable[[Session], T], *, write: bool, name: str) -> T:
        for attempt in range(1, self._attempts + 1):
            try:
                return self._once(work, write, name)
            except _PASSING as error:
                if attempt == self._attempts:
                    raise
                pause = self._dice.uniform(0, min(0.01 * 2**attempt, 2.0))
                LOG.info("transaction %s: %s; again in %.3f s", name, type(error).__name__, pause)
                self._base_clock.sleep(pause)
        raise AssertionError("unreachable")

    def _once(self, work: Callable[[Session], T], write: bool, name: str) -> T:
        options = {"minicloud_write": write}
        with (
            self.engine.connect().execution_options(**options) as connection,
            Session(connection, expire_on_commit=False, autoflush=False) as session,
            session.begin(),
        ):
            result = work(session)
            if write:
                session.flush()
                self._reach(f"{name}:before")
        if write:
            self.writes += 1
            self._reach(f"{name}:after")
        return result


def _ask(statement: str) -> Callable[[Session], datetime]:
    def work(db: Session) -> datetime:
        return cast(datetime, db.scalar(sa.text(statement)))

    return work


def changed(db: Session, statement: sa.Update | sa.Delete) -> int:
    """Execute, and tell how many rows it met."""
    result = db.execute(statement, execution_options={"synchronize_session": False})
    return int(cast("CursorResult[Any]", result).rowcount)


def changed_one(db: Session, statement: sa.Update | sa.Delete) -> bool:
    """Execute a statement that is to meet exactly one row; False when someone came first."""
    return changed(db, statement) == 1


def _create_engine(url: sa.URL, pool_size: int) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        engine = _sqlite(url, pool_size)
    else:
        options: dict[str, Any] = {
            "isolation_level": "READ COMMITTED",
            "pool_size": pool_size,
            "max_overflow": pool_size,
            "pool_recycle": 3600,
        }
        engine = sa.create_engine(url, **options)
    exc_filters.register_engine(engine)
    return engine


def _sqlite(url: sa.URL, pool_size: int) -> sa.Engine:
    in_memory = url.database in (None, "", ":memory:")
    options: dict[str, Any] = (
        {"poolclass": sa.StaticPool}
        if in_memory
        else {"poolclass": sa.QueuePool, "pool_size": pool_size, "max_overflow": pool_size}
    )
    engine = sa.create_engine(
        url, connect_args={"check_same_thread": False, "timeout": 30}, **options
    )
    sa.event.listen(engine, "connect", _sqlite_connect)
    sa.event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, and only there
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


def _sqlite_begin(connection: sa.Connection) -> None:
    write = connection.get_execution_options().get("minicloud_write", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
