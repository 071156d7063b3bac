"""`minicloud up`: start a cloud, in this process or detached, embedded or of many processes."""

import argparse
import os
import shlex
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from minicloud.cmd import clouds, rate_limits, settings
from minicloud.cmd.state import State
from minicloud.errors import CannotStart
from minicloud.runtime import lock, memory, pids, ports, runfile
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.console import Console, detached
from minicloud.runtime.leftovers import end_leftovers
from minicloud.runtime.passwords import kept_secret
from minicloud.runtime.stopping import stop_event
from minicloud.runtime.watched import at

if TYPE_CHECKING:
    from minicloud.cmd.identity import Arranged


def up(options: argparse.Namespace) -> int:
    state = State(options.state_dir)
    try:
        state.make()
    except OSError as error:
        print(
            f"minicloud: cannot start: {error.filename}: {error.strerror}; "
            "choose another directory with --state-dir",
            file=sys.stderr,
        )
        return 1
    if options.detach:
        return detached(state.log, lambda parent: _up(options, state, parent))
    return _up(options, state, None)


def _up(options: argparse.Namespace, state: State, parent: int | None) -> int:
    console = Console(state.log, SystemClock(), parent)
    try:
        with lock.only_one(state.lock):
            _end_leftovers(state)
            _start(options, state, console)
    except lock.Locked:
        console.fail(_running_already(state))
        return 1
    except CannotStart as error:
        console.fail(f"minicloud: cannot start: {error}")
        return 1
    return 0


def _start(options: argparse.Namespace, state: State, console: Console) -> None:
    if not ports.is_free(options.port):
        raise ports.port_taken(options.port)
    password = kept_secret(state.password, options.password)
    if options.password and options.password != password:
        console.say(f"note: the password was set at the first start, see {state.password}")
    if options.processes:
        from minicloud.cmd.deployment import Deployment  # not for the embedded cloud: it is slow

        Deployment(options, state, console, password).run(stop_event())
    else:
        _embedded(options, state, console, password)


def _embedded(options: argparse.Namespace, state: State, console: Console, password: str) -> None:
    """All services in this process, until it is asked to stop."""
    clock = SystemClock()
    began = clock.monotonic()
    stopping = stop_event()
    memory.rest()
    from minicloud.cmd import embedded  # all services: not for the other mode, and timed

    hosts = options.hosts or 3
    run = _embedded_run(options, hosts, state)
    own = run.children[0]

    def changed(children: list[runfile.Child]) -> None:
        run.children = [own, *children]
        if run.state == "ready":
            run.write(state.run_file)

    def ready(url: str) -> None:
        run.state = "ready"
        clouds.write(state, clouds.Way.of(run, password))
        run.write(state.run_file)
        took = clock.monotonic() - began
        console.say(f"minicloud is up after {took:.2f} s: {url}, {hosts} hosts, in one process")
        console.ready(next_steps(options, state))

    with cleared(state), _identity(options, state, console, changed, stopping) as keystone:
        outside = keystone.settings if keystone else {}
        run.identity = keystone.told() if keystone else own_identity(options)
        limits = rate_limits.prepared(options, state)
        books: settings.Settings = {"database": {"connection": settings.literal(state.own_books)}}
        settings.write(state, state.conf.name, outside, limits, books, chosen(options, state))
        rate_limits.load(options, state)
        owner = keystone.owner if keystone else ""
        embedded.serve(state.root, options.port, hosts, password, ready, stopping, owner)
    console.say("minicloud has stopped")


def _identity(
    options: argparse.Namespace,
    state: State,
    console: Console,
    changed: Callable[[list[runfile.Child]], None],
    stopping: threading.Event,
) -> "AbstractContextManager[Arranged | None]":
    """The Keystone of --identity; without one, nothing."""
    if not options.identity:
        return nullcontext()
    from minicloud.cmd import identity  # which imports the clients of Keystone

    return identity.beside(options, state, console.say, changed, stopping)


def chosen(options: argparse.Namespace, state: State) -> settings.Settings:
    """The options of both modes, as configuration."""
    values: settings.Settings = {
        "DEFAULT": {"state_path": settings.literal(str(state.data))},
        "api": {"listen": ports.LOOPBACK, "port": str(options.port)},
        "fake": {},
    }
    for option in ("vcpus", "memory_mb", "disk_gb"):
        value = getattr(options, f"host_{option}")
        if value is not None:
            values["fake"][option] = str(value)
    for group, more in settings.parse(options.set).items():
        values.setdefault(group, {}).update(more)
    return values


def own_identity(options: argparse.Namespace) -> dict[str, str]:
    """What run.json says of the identity service in here, if it says anything."""
    region = settings.parse(options.set).get("identity", {}).get("region")
    return {"region": region} if region else {}


def next_steps(options: argparse.Namespace, state: State) -> str:
    """What to type now."""
    where = f" --state-dir {shlex.quote(str(state.root))}" if options.state_dir_given else ""
    return "\n".join(
        [
            "",
            "Next:",
            f'  eval "$(minicloud env{where})"',
            "  openstack server create --image cirros --flavor m1.nano --wait first",
            f"  minicloud status{where}      what runs",
            f"  minicloud logs -f{where}     what it does",
            f"  minicloud down{where}        stop; everything is kept for the next `up`",
            *_limits_step(options, state),
        ]
    )


def _limits_step(options: argparse.Namespace, state: State) -> list[str]:
    if not rate_limits.asked(options):
        return []
    manage = f"minicloud-manage --config-file {shlex.quote(str(state.conf))}"
    return [f"  {manage} limits show"]


def version() -> str:
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("minicloud")
    except PackageNotFoundError:
        return "not installed"


@contextmanager
def cleared(state: State) -> Iterator[None]:
    """Leave no run.json behind: it says that something runs."""
    try:
        yield
    finally:
        state.run_file.unlink(missing_ok=True)


def _embedded_run(options: argparse.Namespace, hosts: int, state: State) -> runfile.Run:
    started = pids.start_time(os.getpid()) or pids.UNKNOWN
    now = at(SystemClock().now())
    child = runfile.Child(
        name="minicloud",
        service="minicloud",
        pid=os.getpid(),
        process_started=started,
        state="running",
        restarts=0,
        started_at=now,
        log=str(state.embedded_log),
        ports={"api": options.port},
    )
    return runfile.Run(
        mode=runfile.EMBEDDED,
        state="starting",
        pid=os.getpid(),
        process_started=started,
        started_at=now,
        version=version(),
        hosts=hosts,
        rate_limits=rate_limits.where(options, state),
        urls={"api": f"http://{ports.LOOPBACK}:{options.port}"},
        ports={"api": options.port},
        children=[child],
    )


def _end_leftovers(state: State) -> None:
    """End what the last supervisor left when it was killed."""
    end_leftovers(runfile.read(state.run_file), state.servers, SystemClock())
    for file in state.ready.iterdir():
        file.unlink(missing_ok=True)
    state.run_file.unlink(missing_ok=True)


def _running_already(state: State) -> str:
    run = state.run()
    who = f"pid {run.pid}, {run.urls.get('api', 'starting')}" if run else "it is just starting"
    return (
        f"minicloud: a cloud already runs in {state.root} ({who}).\n"
        "`minicloud status` shows it, `minicloud down` stops it; "
        "another one needs another --state-dir and --port."
    )
