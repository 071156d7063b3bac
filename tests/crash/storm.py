"""A cloud in bad weather: servers are made all the time, and everything is looked at afterwards.

For minutes, by hand: python -m tests.crash.storm zk --seconds 180 --seed 7
"""

import argparse
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from tests.crash.deployment import FREE, QUICK, Deployment, until
from tests.crash.down import DownSpans, Span, decisions, states, wrong
from tests.crash.traffic import Traffic, misremembered, statuses
from tests.crash.weather import Weather

STORES: Final = {  # what each driver keeps its members in
    "zk": "zookeeper",
    "mc": "memcached",
    "redis": "redis",
    "etcd": "etcd",
    "db": "mariadb",
}
TTL_S: Final = 3.0
OPTIONS: Final = {
    **FREE,
    **QUICK,
    "servicegroup.service_down_time_s": str(TTL_S),
    # Builds that failed shall not decide where servers go.
    "filter_scheduler.build_failure_weight_multiplier": "0",
}
_VIEW: Final = timedelta(seconds=2)  # so old may a scheduler's view be, on a busy machine
_CLOCKS: Final = timedelta(seconds=0.5)  # so much may two processes' clocks of the books differ
_KEPT: Final = 60
_FORCE: Final = "/compute/v2.1/os-services/force-down"
_ENDS: Final = {"ACTIVE", "ERROR", "404"}
_PATIENCE_S: Final = 90.0
_NO_MISTAKES: Final = {"counts", "took_s", "diary"}


@dataclass
class Report:
    """What was seen; in the lists is what shall not be."""

    counts: Counter[str] = field(default_factory=Counter)
    took_s: dict[str, float] = field(default_factory=dict)
    diary: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    misremembered: list[str] = field(default_factory=list)
    given_to_the_dead: list[str] = field(default_factory=list)
    given_to_forced_down: list[str] = field(default_factory=list)
    not_up_again: list[str] = field(default_factory=list)
    unrest: list[str] = field(default_factory=list)

    def mistakes(self) -> list[str]:
        kinds = {name: found for name, found in vars(self).items() if name not in _NO_MISTAKES}
        return [f"{name}: {one}" for name, found in kinds.items() for one in found]

    def __str__(self) -> str:
        told = ", ".join(f"{count} {what}" for what, count in self.counts.items())
        took = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in self.took_s.items())
        mistakes = self.mistakes()
        return "\n".join([told, took, *mistakes, *(self.diary if mistakes else [])])


class Storm:
    def __init__(self, deployment: Deployment, store: str, seed: int, seconds: float) -> None:
        self._cloud, self._seconds, self._seed = deployment, seconds, seed
        self._dice = random.Random(seed)
        self._weather = Weather(deployment, store, self._dice)
        self._traffic = Traffic(deployment.client)
        self._spans = DownSpans(deployment.client, deployment.books)
        self._forced: list[Span] = []
        self.report = Report(diary=self._weather.diary)

    def blow(self) -> Report:
        with self._spans:
            with self._clients():
                self._timed("storm", self._rage)
                self._timed("the dead is missed", self._until_the_dead_is_missed)
            self._timed("settles", self._settle)
            self._weather.revive()
            self._timed("recovers", self._recover)
        self._timed("is looked at", self._judge)
        return self.report

    def _timed(self, what: str, work: Callable[[], None]) -> None:
        began = time.monotonic()
        work()
        self.report.took_s[what] = time.monotonic() - began

    @contextmanager
    def _clients(self) -> Iterator[None]:
        stopping = threading.Event()
        clients = [threading.Thread(target=self._ask, args=(n, stopping)) for n in range(2)]
        for client in clients:
            client.start()
        try:
            yield
        finally:
            stopping.set()
            self._weather.clear()
            self._timed("clients end", lambda: _join(clients))

    def _ask(self, number: int, stopping: threading.Event) -> None:
        dice = random.Random(self._seed * 10 + number)
        kept: list[str] = []
        while not stopping.wait(0.15):
            made = self._traffic.create()
            kept += [made] if made else []
            if kept and (len(kept) > _KEPT or dice.random() < 0.2):
                self._traffic.delete(kept.pop(dice.randrange(len(kept))))

    def _rage(self) -> None:
        """The store is killed and paused in turn; one agent dies, one host is forced down."""
        spared = self._dice.choice(self._weather.agents)
        plan: list[tuple[float, Callable[[], None]]] = [
            (0.3, lambda: self._force(self._cloud.hosts_of(spared)[0])),
            (0.4, lambda: self._weather.kill_one_for_good(spared)),
            (0.8, self._release),
        ]
        times = max(2, int(self._seconds / 15))
        for n in range(times):
            plan.append(((n + 0.3) / times, self._hit_store))
        began = time.monotonic()
        for share, act in sorted(plan, key=lambda one: one[0]):
            while time.monotonic() - began < share * self._seconds:
                self._weather.turn(2 * TTL_S)
                time.sleep(self._dice.uniform(0.2, 0.8))
            act()

    def _hit_store(self) -> None:
        counts = self._weather.counts
        if counts["kills of the store"] > counts["pauses of the store"]:
            self._weather.pause_store(self._dice.uniform(0.5, 1.5))
        else:
            self._weather.kill_store()

    def _force(self, host: str) -> None:
        self._order(host, down=True)
        now = self._cloud.books.now()
        self._forced.append(Span(host, now, now))

    def _release(self) -> None:
        for span in self._forced:
            span.seen = self._cloud.books.now()
            self._order(span.host, down=False)

    def _order(self, host: str, *, down: bool) -> None:
        body = {"host": host, "binary": "nova-compute", "forced_down": down}
        until(
            lambda: self._cloud.client.ask("PUT", _FORCE, body).status_code == 200,
            _PATIENCE_S,
            lambda: f"{host} cannot be forced down",
        )

    def _until_the_dead_is_missed(self) -> None:
        """And some time more: nothing may be given to it then."""
        dead = set(self._cloud.hosts_of(self._weather.dead))
        until(lambda: dead <= self._spans.down(), _PATIENCE_S, lambda: f"{dead} count as up")
        time.sleep(_VIEW.total_seconds() + 1)

    def _settle(self) -> None:
        """Nothing waits for the dead one; it has not come back yet."""
        client, under_way = self._cloud.client, set(self._traffic.accepted)

        def settled() -> bool:
            under_way.intersection_update(u for u in under_way if client.status(u) not in _ENDS)
            return not under_way

        try:
            until(settled, _PATIENCE_S)
        except AssertionError:
            self.report.stuck = [f"{uuid} is {client.status(uuid)}" for uuid in under_way]

    def _recover(self) -> None:
        self._cloud.wait_restarted()
        try:
            until(lambda: not self._not_up(), _PATIENCE_S)
            self._cloud.wait_for_rest(_PATIENCE_S)
        except AssertionError:
            self.report.not_up_again = self._not_up()
            self.report.unrest = self._cloud.complaints()

    def _not_up(self) -> list[str]:
        there = states(self._cloud.client)
        hosts = [host for name in self._weather.agents for host in self._cloud.hosts_of(name)]
        return [host for host in hosts if there.get(host) != "up"]

    def _judge(self) -> None:
        report, traffic = self.report, self._traffic
        found = statuses(self._cloud.client, traffic)
        made = decisions(self._cloud.books)
        forced = {span.host for span in self._forced}
        down = [span for span in self._spans.all if span.host not in forced]
        report.refused = traffic.refused
        report.misremembered = misremembered(traffic, found)
        report.given_to_the_dead = wrong(made, down, _VIEW)
        report.given_to_forced_down = wrong(made, self._forced, _CLOCKS)
        report.counts = Counter({"servers": len(traffic.accepted), "choices": len(made)})
        report.counts += Counter(found.values())
        report.counts += self._weather.counts
        report.counts["times down"] = len(down)
        report.counts["requests without an answer"] = len(traffic.unknown)


def _join(threads: Iterable[threading.Thread]) -> None:
    for thread in threads:
        thread.join(_PATIENCE_S)


def main() -> int:
    parser = argparse.ArgumentParser(description="A cloud in a storm; says what it has seen.")
    parser.add_argument("driver", choices=sorted(STORES))
    parser.add_argument("--seconds", type=float, default=180.0, metavar="N", help="default: 180")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="default: 1")
    parser.add_argument("--computes", default="5", metavar="N", help="agents; default: 5")
    parser.add_argument("--hosts", default="1", metavar="N", help="hosts of each; default: 1")
    asked = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="minicloud-storm-"))
    with ExitStack() as stack:
        cloud = Deployment(root)
        stack.callback(cloud.cloud.down)
        sizes = ("--computes", asked.computes, "--hosts", asked.hosts)
        cloud.start("--servicegroup", asked.driver, *sizes, options=OPTIONS)
        stack.callback(cloud.books.dispose)
        report = Storm(cloud, STORES[asked.driver], asked.seed, asked.seconds).blow()
    print(f"{asked.driver}, seed {asked.seed}, {asked.seconds:.0f} s: {report}")
    if report.mistakes():
        print(f"what it has left is in {root}")
    else:
        shutil.rmtree(root)
    return 1 if report.mistakes() else 0


if __name__ == "__main__":
    sys.exit(main())
