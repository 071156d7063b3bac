"""`minicloud up --processes`: the real programs over a real broker and database, supervised."""

import argparse
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from minicloud.cmd import clouds, rate_limits, settings
from minicloud.cmd.service_group import Choice
from minicloud.cmd.state import State
from minicloud.cmd.up import chosen, cleared, next_steps, own_identity, version
from minicloud.errors import CannotStart
from minicloud.runtime import pids, ports, runfile
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.console import Console
from minicloud.runtime.control import Control
from minicloud.runtime.life import with_log
from minicloud.runtime.processes import Program, Stopped, Supervisor
from minicloud.runtime.servers.base import Server
from minicloud.runtime.servers.mariadb import MariaDB
from minicloud.runtime.servers.postgresql import PostgreSQL
from minicloud.runtime.servers.rabbitmq import RabbitMQ
from minicloud.runtime.servers.redis import Redis
from minicloud.runtime.watched import at

if TYPE_CHECKING:
    from minicloud.cmd.identity import Arranged

_DATABASES: dict[str, type[Server]] = {"mariadb": MariaDB, "postgresql": PostgreSQL}

# Agents tell a conductor what their hosts have before they are ready; the API comes last.
_WAVES = (("conductor", "scheduler"), ("compute", "api"))


class Deployment:
    """Servers, then the schema, then the programs; stopped in the opposite order."""

    def __init__(
        self, options: argparse.Namespace, state: State, console: Console, password: str
    ) -> None:
        self._options, self._state, self._console = options, state, console
        self._password = password
        self._clock = SystemClock()
        self._port: int = options.port
        self._url = f"http://{ports.LOOPBACK}:{self._port}"
        self._hosts_each = options.hosts or 1
        self._group = Choice.of(options)
        self._servers = self._needed()  # first of all: much can be wrong with what was asked for
        self._control = Control(state.root)
        self._run = self._empty_run()
        self._supervisor = Supervisor(self._clock, console.say, self._changed, self._control)

    def run(self, stopping: threading.Event) -> None:
        began = self._clock.monotonic()
        with cleared(self._state), ports.listen(self._options.port) as listening:
            try:
                self._start(listening.fileno(), stopping)
                self._announce(self._clock.monotonic() - began)
                self._supervisor.run(stopping)
            except Stopped:
                pass
            finally:
                self._stop()

    def _start(self, listen_fd: int, stopping: threading.Event) -> None:
        keystone = self._identity(stopping)
        addresses = self._start_servers(stopping)
        self._write_conf(keystone.settings if keystone else {}, addresses)
        rate_limits.load(self._options, self._state)
        self._manage("db", "sync")
        self._manage("bootstrap", *(["--image-owner", keystone.owner] if keystone else []))
        programs = self._programs(listen_fd)
        for wave in _WAVES:
            self._start_wave([p for p in programs if p.service in wave], stopping)

    def _start_wave(self, programs: Sequence[Program], stopping: threading.Event) -> None:
        began = self._clock.monotonic()
        for program in programs:
            self._supervisor.start(program)
        for program in programs:
            self._supervisor.wait_ready([program.name], stopping)
            self._progress(program.name, began)

    def _identity(self, stopping: threading.Event) -> "Arranged | None":
        """The Keystone of --identity: first, as nothing else goes on without it."""
        if not self._options.identity:
            self._run.identity = own_identity(self._options)
            return None
        from minicloud.cmd import identity  # which imports the clients of Keystone

        began = self._clock.monotonic()
        found = identity.arranged(
            self._options, self._state, self._console.say, self._supervisor, stopping
        )
        self._run.identity = found.told()
        self._progress("identity", began)
        return found

    def _start_servers(self, stopping: threading.Event) -> settings.Settings:
        """Start what no URL was given for, all at once; returns the addresses."""
        options = self._options
        limits = rate_limits.prepared(options, self._state)
        urls = self._wait_for(self._servers, stopping)
        self._run.servicegroup = self._group.where(urls)
        if limits and not options.rate_limit_store:
            limits["ratelimit"]["store"] = settings.literal(urls[Redis.name])
        broker, database = options.broker, options.database
        return {
            "DEFAULT": {"transport_url": settings.literal(urls.get(RabbitMQ.name, broker))},
            "database": {"connection": settings.literal(urls.get(database, database))},
            **self._group.settings(urls),
            **limits,
        }

    def _needed(self) -> list[Server]:
        """The private servers; CannotStart where something is missing, or nobody at a URL."""
        options = self._options
        broker, database = options.broker, options.database
        if broker and "://" not in broker:
            raise CannotStart(f"--broker {broker}: expected a URL, as rabbit://user:pw@host:5672/")
        if database not in _DATABASES and ":" not in database:
            raise CannotStart(f"--database {database}: expected a URL, mariadb or postgresql")
        wanted = [None if broker else RabbitMQ, _DATABASES.get(database), self._group.kind]
        if rate_limits.asked(options) and not options.rate_limit_store:
            wanted.append(Redis)
        kinds = dict.fromkeys(kind for kind in wanted if kind)  # one Redis is for both
        found = [kind(self._state.servers / kind.name) for kind in kinds]
        for server in found:
            server.check()
        self._group.check()
        return found

    def _wait_for(self, private: Sequence[Server], stopping: threading.Event) -> dict[str, str]:
        """Start the servers; their URLs."""
        began = self._clock.monotonic()
        for server in private:
            self._supervisor.start(server)
            for note in server.notes:
                self._console.say(f"note: {note}")
        for server in reversed(private):  # the broker takes longest
            self._supervisor.wait_ready([server.name], stopping)
            self._progress(server.name, began)
        return {server.name: server.url for server in private}

    def _write_conf(self, outside: settings.Settings, addresses: settings.Settings) -> None:
        settings.write(
            self._state,
            self._state.conf.name,
            outside,
            addresses,
            chosen(self._options, self._state),
        )

    def _manage(self, *words: str) -> None:
        """Run minicloud-manage; these steps change nothing where they were done before."""
        began = self._clock.monotonic()
        log = self._state.logs / "manage.log"
        command = [_program("minicloud-manage"), "--config-file", str(self._state.conf), *words]
        with log.open("ab") as output:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, "MINICLOUD_PASSWORD": self._password},
                check=False,
            )
        if done.returncode:
            raise CannotStart(with_log(f"minicloud-manage {' '.join(words)} failed", log))
        self._progress(" ".join(words), began)

    def _programs(self, listen_fd: int) -> list[Program]:
        options = self._options
        counts = {
            "conductor": options.conductors,
            "scheduler": options.schedulers,
            "compute": options.computes,
            "api": options.api_workers,
        }
        return [
            self._program(service, number, listen_fd)
            for service, count in counts.items()
            for number in range(1, count + 1)
        ]

    def _program(self, service: str, number: int, listen_fd: int) -> Program:
        name = f"{service}-{number}"
        own: settings.Settings = {"DEFAULT": {"host": name}}
        if service == "compute":
            first = (number - 1) * self._hosts_each + 1
            hosts = [f"node{n}" for n in range(first, first + self._hosts_each)]
            own["compute"] = {"hosts": ",".join(hosts)}
        if service == "api":
            own["api"] = {"listen_fd": str(listen_fd)}
        settings.write(self._state, f"{name}.conf", own)
        files = (self._state.conf, self._state.etc / f"{name}.conf")
        words = [word for file in files for word in ("--config-file", str(file))]
        return Program(
            name=name,
            service=service,
            argv=(_program(f"minicloud-{service}"), *words),
            log=self._state.logs / f"{name}.log",
            pass_fds=(listen_fd,) if service == "api" else (),
            ready_directory=self._state.ready,
            # Two agents of one host would both build its guests.
            overlap=service != "compute",
            stop_rank=0 if service == "api" else 1,
            ports={"api": self._port} if service == "api" else {},
        )

    def _announce(self, took_s: float) -> None:
        self._run.state = "ready"
        self._changed(self._supervisor.children())
        clouds.write(self._state, clouds.Way.of(self._run, self._password))
        count = len(self._run.children)
        self._console.say(
            f"minicloud is up after {took_s:.1f} s: {self._url}, "
            f"{self._run.hosts} hosts, {count} processes"
        )
        self._console.ready(next_steps(self._options, self._state))

    def _stop(self) -> None:
        self._run.state = "stopping"
        self._console.say("stopping")
        self._supervisor.stop()
        self._control.close()
        self._console.say("minicloud has stopped")

    def _progress(self, name: str, began: float) -> None:
        self._console.say(f"  {name:<14} {self._clock.monotonic() - began:5.1f} s")

    def _changed(self, children: list[runfile.Child]) -> None:
        self._run.children = children
        self._run.ports = {name: port for child in children for name, port in child.ports.items()}
        self._run.write(self._state.run_file)

    def _empty_run(self) -> runfile.Run:
        return runfile.Run(
            mode=runfile.PROCESSES,
            state="starting",
            pid=os.getpid(),
            process_started=pids.start_time(os.getpid()) or pids.UNKNOWN,
            started_at=at(self._clock.now()),
            version=version(),
            hosts=self._hosts_each * self._options.computes,
            rate_limits=rate_limits.where(self._options, self._state),
            urls={"api": self._url},
            ports={},
            control=str(self._control.path),
        )


def _program(name: str) -> str:
    """A program of the same installation as this one."""
    path = Path(sys.executable).parent / name
    if not path.exists():
        raise CannotStart(f"{path} is missing: install minicloud again (pip install -e .)")
    return str(path)
