"""A whole deployment, one service of it at a time stopped for a while: who is called down?"""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import psutil
from oslo_config import cfg

from minicloud.cmd.parts import service_group
from minicloud.cmd.state import State
from minicloud.conf import register_opts
from minicloud.db.engine import Database
from minicloud.servicegroup.base import COMPUTE, ServiceGroup
from tools.bench.cloud import Cloud, say, started

_AGENTS = 4
_SHAPE = ("--processes", f"--computes={_AGENTS}", "--hosts=1", "--conductors=2", "--schedulers=2")
_STORES = {"zk": "zookeeper", "mc": "memcached", "redis": "redis", "etcd": "etcd"}
_PROGRAMS = ("conductor-1", "scheduler-1", "api-1", "compute-1", "mariadb", "rabbitmq")
_LOOK_S = 0.5
# Whom nobody can reach meanwhile: these are rightly down.
_UNREACHED = {"compute-1": {"node1"}, "rabbitmq": {f"node{n + 1}" for n in range(_AGENTS)}}
_PATIENCE_S = 180.0
_AFTER_S = 25.0  # a false down may come when the ttl is over


def measured(driver: str, seconds: float) -> Iterator[dict[str, Any]]:
    """Each service paused for so long, and the store restarted; the ttl is the default one."""
    with started([*_SHAPE, f"--servicegroup={driver}"]) as cloud, _looking(cloud) as seen:
        seen.wait_for_all()
        for name in (*_PROGRAMS, *_stores(driver)):
            yield _told(driver, name, "paused", seen, partial(_pause, cloud, name, seconds))
        for name in _stores(driver) or ["mariadb"]:
            yield _told(driver, name, "restarted", seen, partial(_restart, cloud, name))


def _stores(driver: str) -> list[str]:
    return [_STORES[driver]] if driver in _STORES else []


class _Seen:
    """What a program that asks the service group is told, look by look."""

    def __init__(self, group: ServiceGroup) -> None:
        self._group = group
        self.stopping = threading.Event()
        self.down_s: dict[str, float] = {}
        self.looks = self.refused = 0
        self.up: set[str] = set()

    def look(self) -> None:
        last = time.monotonic()
        while not self.stopping.wait(_LOOK_S):
            try:
                self._group.look()
                down, self.up = self._group.down(COMPUTE), self._group.get_all(COMPUTE)
            except Exception as error:  # what cannot be read is no answer
                self.refused += 1
                say(f"cannot look: {error}"[:200])
                last = time.monotonic()
                continue
            self.looks += 1
            now = time.monotonic()
            for host in down:
                # A look that hung says nothing of the time before it was answered.
                seconds = min(now - last, 2 * _LOOK_S)
                self.down_s[host] = self.down_s.get(host, 0.0) + seconds
            last = now

    def wait_for_all(self) -> float:
        began = time.monotonic()
        while len(self.up) < _AGENTS:
            if time.monotonic() - began > _PATIENCE_S:
                raise SystemExit(f"only {sorted(self.up)} are up")
            time.sleep(0.1)
        return time.monotonic() - began

    def forget(self) -> None:
        self.down_s, self.looks, self.refused = {}, 0, 0


@contextmanager
def _looking(cloud: Cloud) -> Iterator[_Seen]:
    conf = register_opts(cfg.ConfigOpts())
    conf(["--config-file", str(State(cloud.state_dir).conf)])
    books = Database(conf.database.connection)
    group = service_group(conf, books)
    seen = _Seen(group)
    thread = threading.Thread(target=seen.look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        seen.stopping.set()
        thread.join(30)
        group.close()
        books.dispose()


def _pause(cloud: Cloud, name: str, seconds: float) -> None:
    family = _family(cloud, name)
    for process in family:
        process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    for process in family:
        process.send_signal(signal.SIGCONT)


def _restart(cloud: Cloud, name: str) -> None:
    """Killed; the supervisor starts it again."""
    for process in _family(cloud, name):
        process.kill()
    time.sleep(_LOOK_S)


def _family(cloud: Cloud, name: str) -> Sequence[psutil.Process]:
    process = cloud.processes()[name]
    return [process, *process.children(recursive=True)]


def _told(
    driver: str, name: str, what: str, seen: _Seen, act: Callable[[], None]
) -> dict[str, Any]:
    """One failure, and the time after it: until all are up, and then some."""
    say(f"{driver}: {name} {what}")
    seen.forget()
    act()
    back_s = seen.wait_for_all()
    time.sleep(_AFTER_S)
    seen.wait_for_all()
    own = _UNREACHED.get(name, set())
    return {
        "part": "pauses",
        "driver": driver,
        "service": name,
        "what": what,
        "down": sorted(own & seen.down_s.keys()),
        "false_downs": len(seen.down_s.keys() - own),
        "false_down_s": round(
            max((s for h, s in seen.down_s.items() if h not in own), default=0), 1
        ),
        "looks": seen.looks,
        "looks_refused": seen.refused,
        "all_up_after_s": round(back_s, 1),
    }
