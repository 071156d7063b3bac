"""Boots servers and tells how fast they become ACTIVE, what it costs and where it goes.

    python -m tools.bench.boot --mode embedded --count 300 --concurrency 8
    python -m tools.bench.boot --mode processes --computes 10 --count 1000 --concurrency 32
    python -m tools.bench.boot --mode processes --hosts 10 --hosts 100 --hosts 1000 --count 500

The result is one JSON document on stdout; progress goes to stderr.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tools.bench.cloud import Client, Cloud, say, started
from tools.bench.counters import Counters

_LIMIT_S = 300.0  # no run waits longer than this for its servers


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 99th percentile and largest, in milliseconds."""
    ordered = sorted(seconds)
    at = ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))]
    middle = statistics.median(ordered)
    named = {"p50_ms": middle, "p99_ms": at, "max_ms": ordered[-1]}
    return {name: round(value * 1000, 2) for name, value in named.items()}


def one_by_one(cloud: Cloud, count: int) -> dict[str, Any]:
    """Boots with nothing else going on: the latency of each, and what each costs."""
    client = cloud.connect()
    client.image()
    time.sleep(1.0)
    counters, posts, actives = Counters(cloud), [], []
    for number in range(count):
        began = time.perf_counter()
        status, answer = client.boot(f"idle-{number}")
        posts.append(time.perf_counter() - began)
        if status != 202:
            raise SystemExit(f"boot refused: {status} {answer}")
        _until_active(client, answer["server"]["id"])
        actives.append(time.perf_counter() - began)
    return {
        "count": count,
        "post": spread(posts),
        "post_to_active": spread(actives),
        "per_boot": counters.per(count),
    }


def _until_active(client: Client, server_id: str) -> None:
    end = time.perf_counter() + _LIMIT_S
    while time.perf_counter() < end:
        _status, answer = client.call("GET", f"/compute/v2.1/servers/{server_id}")
        if answer["server"]["status"] == "ACTIVE":
            return
        if answer["server"]["status"] == "ERROR":
            raise SystemExit(f"boot failed: {answer['server'].get('fault')}")
        time.sleep(0.003)
    raise SystemExit(f"{server_id} did not become ACTIVE in {_LIMIT_S} s")


def together(cloud: Cloud, count: int, concurrency: int) -> dict[str, Any]:
    """`count` boots by `concurrency` clients at once, to the last ACTIVE."""
    cpu_before, counters = cloud.cpu_s(), Counters(cloud)
    own_before = time.process_time()
    posts: list[float] = []
    watcher = _Watcher(cloud, count)
    began = time.perf_counter()
    watcher.start()
    local = threading.local()

    def post(number: int) -> None:
        if not hasattr(local, "client"):
            local.client = cloud.connect()
        begun = time.perf_counter()
        status, answer = local.client.boot(f"load-{number}")
        posts.append(time.perf_counter() - begun)
        if status != 202:
            raise SystemExit(f"boot refused: {status} {answer}")

    with ThreadPoolExecutor(concurrency) as pool:
        list(pool.map(post, range(count)))
    accepted_s = time.perf_counter() - began
    watcher.join()
    took = time.perf_counter() - began
    cpu = {n: round(s - cpu_before.get(n, 0.0), 2) for n, s in cloud.cpu_s().items()}
    return {
        "count": count,
        "concurrency": concurrency,
        "active": watcher.active,
        "boots_per_s": round(watcher.active / took, 1),
        "accepted_per_s": round(count / accepted_s, 1),
        "seconds": round(took, 2),
        "post": spread(posts),
        "cpu_s": cpu,
        "cpu_ms_per_boot": round(sum(cpu.values()) / count * 1000, 2),
        "client_cpu_s": round(time.process_time() - own_before, 2),
        "memory_mb": cloud.memory_mb(),
        "per_boot": counters.per(count),
    }


class _Watcher(threading.Thread):
    """Counts the servers that are ACTIVE until all are, and says so as it goes."""

    def __init__(self, cloud: Cloud, count: int) -> None:
        super().__init__(daemon=True)
        self._client, self._count = cloud.connect(), count
        self.active = 0

    def run(self) -> None:
        end = time.perf_counter() + _LIMIT_S
        said = time.perf_counter()
        while self.active < self._count and time.perf_counter() < end:
            time.sleep(0.2)
            self.active = self._listed("ACTIVE")
            if time.perf_counter() - said > 2:
                said = time.perf_counter()
                say(f"  {self.active} of {self._count} ACTIVE")
        if self.active < self._count:
            say(f"  {self._listed('ERROR')} in ERROR")

    def _listed(self, status: str) -> int:
        path = f"/compute/v2.1/servers?status={status}&name=^load-&limit=1000"
        found, marker = 0, ""
        while True:
            _status, answer = self._client.call("GET", path + marker)
            found += len(answer["servers"])
            if len(answer["servers"]) < 1000:
                return found
            marker = f"&marker={answer['servers'][-1]['id']}"


def first_active() -> dict[str, Any]:
    """From the start of the process of an embedded cloud to its first ACTIVE server."""
    began = time.perf_counter()
    with started(["--hosts=3"]) as cloud:
        up = time.perf_counter() - began
        client = cloud.connect()
        status, answer = client.boot("first")
        if status != 202:
            raise SystemExit(f"boot refused: {status}")
        _until_active(client, answer["server"]["id"])
        active = time.perf_counter() - began
        memory = sum(cloud.memory_mb().values())
    return {
        "up_s": round(up, 3),
        "first_active_s": round(active, 3),
        "resident_mb": round(memory, 1),
    }


def measure(options: argparse.Namespace, hosts: int) -> dict[str, Any]:
    sizes = ["--host-vcpus=4096", "--host-memory-mb=4194304", "--host-disk-gb=1048576"]
    if options.mode == "embedded":
        arguments = [f"--hosts={hosts}", *sizes]
    else:
        each = max(1, hosts // options.computes)
        arguments = [
            "--processes",
            f"--computes={min(options.computes, hosts)}",
            f"--hosts={each}",
            f"--api-workers={options.api_workers}",
            f"--conductors={options.conductors}",
            f"--schedulers={options.schedulers}",
            f"--database={options.database}",
            *sizes,
        ]
    say(f"{options.mode}, {hosts} hosts: starting")
    with started(arguments, options.set) as cloud:
        say(f"  up after {cloud.started_s:.1f} s; {options.idle} boots one by one")
        idle = one_by_one(cloud, options.idle)
        say(f"  {options.count} boots at concurrency {options.concurrency}")
        load = together(cloud, options.count, options.concurrency)
    return {"hosts": hosts, "up_s": round(cloud.started_s, 2), "idle": idle, "load": load}


def _commit() -> str:
    words = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()


def main() -> int:
    teach: Callable[..., argparse.ArgumentParser] = argparse.ArgumentParser
    parser = teach(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mode", choices=("embedded", "processes"), default="embedded")
    parser.add_argument("--count", type=int, default=300, help="boots under load")
    parser.add_argument("--concurrency", type=int, default=32, help="clients under load")
    parser.add_argument("--idle", type=int, default=20, help="boots one by one before")
    parser.add_argument("--hosts", type=int, action="append", help="simulated hosts in all")
    parser.add_argument("--computes", type=int, default=10, help="agents (processes)")
    parser.add_argument("--api-workers", type=int, default=2)
    parser.add_argument("--conductors", type=int, default=1)
    parser.add_argument("--schedulers", type=int, default=1)
    parser.add_argument("--database", default="mariadb", help="mariadb, postgresql or a URL")
    parser.add_argument("--set", action="append", default=[], help="group.option=value")
    options = parser.parse_args()
    result = {
        "commit": _commit(),
        "python": platform.python_version(),
        "options": {k: v for k, v in vars(options).items() if k != "set"},
        "first_active": first_active() if options.mode == "embedded" else None,
        "runs": [measure(options, hosts) for hosts in options.hosts or [10]],
    }
    print(json.dumps(result, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
