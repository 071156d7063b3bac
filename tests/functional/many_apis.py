"""Many API programs, forked from one process that has imported everything: they start at once.

Each is `minicloud-api` but for its bus, which nothing here needs: casts go nowhere.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from minicloud.db import schema
from minicloud.db.engine import Database
from minicloud.runtime import ports
from minicloud.runtime.files import shipped
from tests.waiting import until


class Parent:
    """The process that all of them are forked from."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.functional.many_apis"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def fork(self, conf: Path, number: int, port: int) -> int:
        """Start a program; its pid."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{number} {port} {conf}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def stop(self) -> None:
        self._process.communicate(timeout=60)


class Apis:
    """Programs by number, each with a port of its own; whoever has died can be started again."""

    def __init__(self, parent: Parent, directory: Path, options: Mapping[str, str]) -> None:
        """`options`: of [ratelimit]."""
        self._parent, self.conf = parent, directory / "minicloud.conf"
        self.ports: dict[int, int] = {}
        self.pids: dict[int, int] = {}
        url = f"sqlite:///{directory / 'books.sqlite'}"
        books = Database(url)
        schema.create(books)
        books.dispose()
        paste = shipped("etc/minicloud/api-paste.ini").read_text()
        paste = paste.replace("/compute = compute\n", "/compute = compute_noauth2\n")
        (directory / "api-paste.ini").write_text(paste)
        limits = "\n".join(f"{name} = {value}" for name, value in options.items())
        self.conf.write_text(
            f"[DEFAULT]\nstate_path = {directory}\n[database]\nconnection = {url}\n"
            f"[ratelimit]\nenabled = true\n{limits}\n"
        )

    def start(self, *numbers: int) -> None:
        """Start these, and wait until they serve."""
        for number in numbers:
            port = self.ports.setdefault(number, ports.free_port())
            self.pids[number] = self._parent.fork(self.conf, number, port)
        until(lambda: all(self.serves(number) for number in numbers))

    def kill(self, number: int) -> None:
        """As kill -9 does, and wait until it is gone."""
        os.kill(self.pids[number], signal.SIGKILL)
        until(lambda: not self.serves(number))

    def serves(self, number: int) -> bool:
        return not ports.is_free(self.ports[number])


@contextmanager
def apis(
    parent: Parent, directory: Path, count: int, options: Mapping[str, str]
) -> Iterator[Apis]:
    directory.mkdir(parents=True)
    made = Apis(parent, directory, options)
    try:
        made.start(*range(count))
        yield made
    finally:
        for pid in made.pids.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _serve(number: str, port: str, conf: str) -> int:
    from oslo_config import cfg

    from minicloud.cmd import api, parts
    from minicloud.rpc.direct import DirectLine
    from minicloud.runtime.clock import SystemClock
    from minicloud.runtime.steps import Reach
    from minicloud.servicegroup.base import ServiceGroup

    def without_a_broker(
        conf: cfg.ConfigOpts, reach: Reach
    ) -> tuple[parts.Parts, Database, ServiceGroup]:
        clock = SystemClock()
        books = parts.database(conf, clock, reach)
        running = parts.Parts(conf, DirectLine(), clock, reach)
        running.on_stop(books.dispose)
        return running, books, parts.service_group(conf, books)

    parts.over_broker = without_a_broker
    own = Path(conf).with_name(f"api-{number}.conf")
    own.write_text(f"[DEFAULT]\nhost = api-{number}\n[api]\nport = {port}\n")
    log = own.with_suffix(".log")
    sys.argv = ["minicloud-api"]
    for option, value in (("config-file", conf), ("config-file", own), ("log-file", log)):
        sys.argv += [f"--{option}", str(value)]
    return api.main()


def _fork() -> None:
    """A line on standard input is a number, a port and a configuration; the pid is answered."""
    import minicloud.api.app
    import minicloud.api.handlers
    import minicloud.api.ratelimit.control
    import minicloud.api.ratelimit.redis_source
    import minicloud.api.ratelimit.redis_store
    import minicloud.cmd.api  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while line := sys.stdin.readline():
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os._exit(_serve(*line.rstrip("\n").split(" ", 2)))
        print(pid, flush=True)


if __name__ == "__main__":
    _fork()
