"""Connections and transactions: begun and retried here, and nowhere else.

A unit of work is a function of a Session; `read` and `write` run it in one transaction and run it
again, from the beginning, after a lost connection, a deadlock or a certification failure.
"""

import json
import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar, cast

import orjson
import re2
import sqlalchemy as sa
from oslo_db import exception as db_exception
from oslo_db.sqlalchemy import exc_filters
from sqlalchemy.engine import CursorResult, make_url
from sqlalchemy.orm import Session

from minicloud.errors import CannotStart
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
# A server that says nothing more is a lost connection, and no row is waited for without end.
_LIMITS: Final[dict[str, dict[str, Any]]] = {
    "mysql": {
        "connect_timeout": 10,
        "read_timeout": 60,
        "write_timeout": 60,
        "init_command": "SET SESSION innodb_lock_wait_timeout = 30",
    },
    "postgresql": {
        "connect_timeout": 10,
        "tcp_user_timeout": 60_000,
        "keepalives_idle": 30,
        "options": "-c lock_timeout=30s -c statement_timeout=60s",
    },
}
_NO_URL: Final = (
    "[database] connection is no URL of sqlite, mariadb, mysql or postgresql, "
    "such as mariadb://user:password@host/minicloud"
)
_PASSING: Final = (db_exception.DBDeadlock, db_exception.DBConnectionError)


class First(Exception):
    """Raised by a unit of work that needs another one committed before it can be done."""

    def __init__(self, work: Callable[[Session], object]) -> None:
        super().__init__(work)
        self.work = work


def driver_url(url: str) -> sa.URL:
    """The URL with the driver that minicloud ships, where none is named (or CannotStart)."""
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise CannotStart(_NO_URL) from None  # the text may hold a password: it is not repeated
    drivers = {
        "mysql": "mysql+pymysql",
        "mariadb": "mysql+pymysql",  # the name under which oslo.db knows its errors
        "postgresql": "postgresql+psycopg",
        "postgres": "postgresql+psycopg",
    }
    if parsed.get_backend_name() not in ("sqlite", *drivers):
        raise CannotStart(_NO_URL)
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
        self._reader = _reader_of(self.engine, pool_size)
        self.dialect: str = self.engine.dialect.name
        self._one_writer: threading.Lock | nullcontext[None] = (
            threading.Lock() if self.dialect == "sqlite" else nullcontext()
        )
        self.writes = 0

    @property
    def address(self) -> str:
        """Where it is, for people: without who logs in."""
        url = self.engine.url
        port = f":{url.port}" if url.port else ""
        return f"{self.dialect}://{url.host or ''}{port}/{url.database or ''}"

    def now(self) -> datetime:
        """The database server's time in UTC: the one clock of the deployment."""
        if self.dialect not in _NOW:
            return self._base_clock.now()
        if self._clock.stale:
            self._clock.learn(self.read(_ask(_NOW[self.dialect])))
        return self._clock.now()

    def monotonic(self) -> float:
        """Seconds that never go back, for intervals: the server's time of day may be set."""
        return self._base_clock.monotonic()

    def read(self, work: Callable[[Session], T]) -> T:
        """Run `work`, which writes nothing.

        On SQLite it sees one moment; elsewhere each statement sees what was committed before it,
        as in any READ COMMITTED transaction, and no BEGIN and COMMIT travel for it.
        """
        return self._retried(lambda: self._look(work), "read")

    def glance(self, statement: str) -> Any:
        """The one value that a plain select gives now, for what every request asks.

        It goes to the driver at once, which costs a tenth of `read` on SQLite.
        """
        try:
            connection = self._reader.raw_connection()
        except self._reader.dialect.loaded_dbapi.Error:  # the server is away, for a moment perhaps
            return self.read(lambda db: db.scalar(sa.text(statement)))
        try:
            cursor = connection.cursor()
            cursor.execute(statement)
            row = cursor.fetchone()
            cursor.close()
        except Exception:  # a lost connection, say: the usual way tries again
            connection.invalidate()
            return self.read(lambda db: db.scalar(sa.text(statement)))
        finally:
            connection.close()
        return row and row[0]

    def write(self, work: Callable[[Session], T], name: str = "") -> T:
        """Run `work` in one transaction; an error undoes all of it.

        `name` is the numbered step (runtime/steps.py): "<name>:before" is reached just before the
        commit and "<name>:after" just after.
        """
        with self._one_writer:
            while True:
                try:
                    return self._retried(lambda: self._commit(work, name), name)
                except First as need:
                    before = partial(self._commit, need.work, f"{name}.first")
                self._retried(before, name)

    def write_once(self, work: Callable[[Session, bool], T], name: str = "") -> T:
        """The same for what must not be done twice.

        `work` is told whether an earlier try may have been committed and only its answer lost.
        """
        committing = False

        def told(db: Session) -> T:
            nonlocal committing
            result = work(db, committing)
            db.flush()
            committing = True
            return result

        return self.write(told, name)

    def dispose(self) -> None:
        self.engine.dispose()
        self._reader.dispose()

    def _retried(self, once: Callable[[], T], name: str) -> T:
        for attempt in range(1, self._attempts + 1):
            try:
                return once()
            except db_exception.DBError as error:
                if attempt == self._attempts or not _is_passing(error):
                    raise
                pause = self._dice.uniform(0, min(0.01 * 2**attempt, 2.0))
                LOG.info("transaction %s: %s; again in %.3f s", name, type(error).__name__, pause)
                self._base_clock.sleep(pause)
        raise AssertionError("unreachable")

    def _look(self, work: Callable[[Session], T]) -> T:
        with (
            self._reader.connect().execution_options(minicloud_write=False) as connection,
            Session(connection, expire_on_commit=False, autoflush=False) as session,
        ):
            return work(session)

    def _commit(self, work: Callable[[Session], T], name: str) -> T:
        with (
            self.engine.connect().execution_options(minicloud_write=True) as connection,
            Session(connection, expire_on_commit=False, autoflush=False) as session,
            session.begin(),
        ):
            result = work(session)
            session.flush()
            self._reach(f"{name}:before")
        self.writes += 1
        self._reach(f"{name}:after")
        return result


def _is_passing(error: BaseException | None) -> bool:
    """Also where it shows only in what came of it: MariaDB ends the transaction at a deadlock, and
    the savepoint that SQLAlchemy then goes back to is not there."""
    while error is not None and not isinstance(error, _PASSING):
        error = error.__context__ if "SAVEPOINT" in str(error) else None
    return error is not None


def _ask(statement: str) -> Callable[[Session], datetime]:
    def work(db: Session) -> datetime:
        return cast(datetime, db.scalar(sa.text(statement)))

    return work


def settled(again: bool, *signs: type[Exception]) -> suppress:
    """Pass over these errors where they only show that an earlier try was committed."""
    return suppress(*(signs if again else ()))


def changed(db: Session, statement: sa.Update | sa.Delete) -> int:
    """Execute, and tell how many rows it met."""
    result = db.execute(statement, execution_options={"synchronize_session": False})
    return int(cast("CursorResult[Any]", result).rowcount)


def changed_one(db: Session, statement: sa.Update | sa.Delete) -> bool:
    """Execute a statement that is to meet exactly one row; False when someone came first."""
    return changed(db, statement) == 1


def from_json(text: str | bytes | None) -> Any:
    """Rows hold several documents each: orjson reads them, and json what orjson will not."""
    if text is None:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def _create_engine(
    url: sa.URL, pool_size: int, isolation_level: str = "READ COMMITTED", **more: Any
) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        engine = _sqlite(url, pool_size)
    else:
        options: dict[str, Any] = {
            "isolation_level": isolation_level,
            "pool_size": pool_size,
            "max_overflow": pool_size,
            "pool_recycle": 3600,
            "hide_parameters": True,  # an error in a log shows no user data and no token
            "connect_args": _LIMITS[url.get_backend_name()],
            "pool_reset_on_return": None,  # whoever borrows a connection ends its transaction
            "json_deserializer": from_json,
        }
        engine = sa.create_engine(url, **options, **more)
    exc_filters.register_engine(engine)
    return engine


def _reader_of(engine: sa.Engine, pool_size: int) -> sa.Engine:
    """Connections for reading: of their own where that saves round trips."""
    if engine.dialect.name == "sqlite":
        return engine
    return _create_engine(
        engine.url, pool_size, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True
    )


def _sqlite(url: sa.URL, pool_size: int) -> sa.Engine:
    in_memory = url.database in (None, "", ":memory:")
    options: dict[str, Any] = (
        {"poolclass": sa.StaticPool}
        if in_memory
        else {"poolclass": sa.QueuePool, "pool_size": pool_size, "max_overflow": pool_size}
    )
    engine = sa.create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": 30},
        hide_parameters=True,
        json_deserializer=from_json,
        **options,
    )
    sa.event.listen(engine, "connect", _sqlite_connect)
    sa.event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, and only there
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.create_function("regexp", 2, _regexp, deterministic=True)


def _quiet() -> re2.Options:
    """What a client gets wrong is the client's to read, not the program's error output."""
    options = re2.Options()
    options.log_errors = False
    return options


_QUIET: Final = _quiet()


def _regexp(expression: str, text: str | None) -> bool | None:
    """In time linear in the text, whatever a client asks for; an error is SQLite's own."""
    return None if text is None else re2.search(expression, text, _QUIET) is not None


def _sqlite_begin(connection: sa.Connection) -> None:
    write = connection.get_execution_options().get("minicloud_write", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
