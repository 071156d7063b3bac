"""API processes over one database: the whole pipeline behind the real HTTP server.

`python -m tests.contract.quota.processes <url> <directory> <count>` forks them once everything is
imported, and forks another for each that is killed, on the same socket, as a supervisor does.
Their line leads nowhere. Beside them one process is the rest of a cloud: conductor, scheduler,
hosts. They end when the standard input does.
"""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from oslo_config import cfg

from minicloud.api.app import load
from minicloud.cmd.parts import Parts
from minicloud.db.engine import Database
from minicloud.rpc.direct import DirectLine
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.http import HttpServer, listen
from minicloud.runtime.steps import KillAt, nothing
from minicloud.servicegroup.drivers.db import DbDriver
from minicloud.zones.base import ZoneHolder
from tests.options import defaults

_SETTINGS: Final[tuple[tuple[str, str | None, Any], ...]] = (
    ("reclaim_instance_interval", None, 3600),
    ("hosts", "compute", ["node1", "node2"]),
    ("vcpus", "fake", 1000),
    ("memory_mb", "fake", 1_000_000),
    ("disk_gb", "fake", 1_000_000),
    ("poll_interval_s", "compute", 0.1),
    ("tick_s", "conductor", 0.05),
    ("look_again_s", "api", 0.1),
    ("threads", "api", 4),
    ("pool_size", "database", 6),
)


def _conf(url: str, directory: Path) -> cfg.ConfigOpts:
    conf = defaults()
    conf.set_override("state_path", str(directory))
    conf.set_override("connection", url, "database")
    for name, group, value in _SETTINGS:
        conf.set_override(name, value, group)
    return conf


def _serve(conf: cfg.ConfigOpts, directory: Path, listening: socket.socket) -> None:
    """An API process; it dies where a test has armed a place."""
    clock, reach = SystemClock(), KillAt(directory)
    books = Database(conf.database.connection, pool_size=conf.database.pool_size, reach=reach)
    zone = Parts(conf, DirectLine(), clock, reach).zone(books, DbDriver(conf, books))
    app = load(conf, books, ZoneHolder(zone), name="compute_noauth2")
    server = HttpServer(app, listening, conf.api.threads, clock, lambda *_asked: 1 << 20)
    server.serve(0.0, threading.Event())


def _be_the_rest(conf: cfg.ConfigOpts) -> None:
    books = Database(conf.database.connection, pool_size=conf.database.pool_size)
    group = DbDriver(conf, books)
    running = Parts(conf, DirectLine(), SystemClock(), nothing)
    running.conductor(books, group, "control")
    running.scheduler(books, group, "control")
    running.compute("agent")
    running.beat(group)
    threading.Event().wait()


def _fork(work: Callable[[], None], pid_file: Path) -> int:
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            work()
        finally:
            os._exit(1)
    pid_file.write_text(str(pid))
    return pid


def main(url: str, directory: Path, count: int) -> None:
    conf = _conf(url, directory)
    sockets = [listen("127.0.0.1", 0) for _ in range(count)]
    works: dict[Path, Callable[[], None]] = {
        directory / f"api-{number}.pid": lambda one=one: _serve(conf, directory, one)  # type: ignore[misc]
        for number, one in enumerate(sockets)
    }
    works[directory / "rest.pid"] = lambda: _be_the_rest(conf)
    running = {_fork(work, pid_file): pid_file for pid_file, work in works.items()}
    print(*(one.getsockname()[1] for one in sockets), flush=True)
    main_pid = os.getpid()
    threading.Thread(target=lambda: _end_with_input(main_pid), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_words: _end(running))
    while True:
        pid, _status = os.wait()
        pid_file = running.pop(pid)
        running[_fork(works[pid_file], pid_file)] = pid_file


def _end_with_input(main_pid: int) -> None:
    sys.stdin.read()
    os.kill(main_pid, signal.SIGTERM)


def _end(running: dict[int, Path]) -> None:
    for pid in list(running):
        os.kill(pid, signal.SIGKILL)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
