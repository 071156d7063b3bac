"""What hits a cloud in a storm: kills and pauses of agents, and of their service group's store."""

import random
import signal
import time
from collections import Counter
from datetime import UTC, datetime

from minicloud.runtime import pids
from minicloud.runtime.runfile import Child
from tests.crash.deployment import Deployment


class Weather:
    """Everything by chance, from a seed; `turn` is called again and again."""

    def __init__(self, deployment: Deployment, store: str, dice: random.Random) -> None:
        self._cloud, self._store, self._dice = deployment, store, dice
        self.agents = [child.name for child in deployment.of("compute")]
        self._paused: dict[str, tuple[Child, float]] = {}
        self.dead = ""  # the agent that is paused for good
        self.counts: Counter[str] = Counter()
        self.diary: list[str] = []

    def turn(self, longest_s: float) -> None:
        """One agent that serves is killed, or paused for so long at most; or nothing happens."""
        self.clear(time.monotonic())
        running = {child.name for child in self._cloud.of("compute") if child.state == "running"}
        awake = [name for name in self.agents if name in running and name not in self._paused]
        if len(awake) < 2:
            return
        name, what = self._dice.choice(awake), self._dice.random()
        if what < 0.3:
            self._send(self._cloud.cloud.child(name), signal.SIGKILL)
            self.counts["kills"] += 1
        elif what < 0.8:
            self._pause(name, self._dice.uniform(0.3, longest_s))
            self.counts["pauses"] += 1

    def kill_one_for_good(self, spared: str) -> None:
        """As a machine that has lost its network: it goes on when `revive` is called."""
        self.clear()
        self.dead = self._dice.choice([name for name in self.agents if name != spared])
        while not self._pause(self.dead, float("inf")):
            time.sleep(0.1)  # it is just being started again

    def revive(self) -> None:
        child, _until = self._paused.pop(self.dead)
        self._send(child, signal.SIGCONT)
        self.dead = ""

    def clear(self, now: float = float("inf")) -> None:
        """Let go on whose time is over; without a time all but the dead one."""
        for name, (child, until) in list(self._paused.items()):
            if until <= now and name != self.dead:
                self._send(child, signal.SIGCONT)
                del self._paused[name]

    def kill_store(self) -> None:
        self._send(self._cloud.cloud.child(self._store), signal.SIGKILL)
        self.counts["kills of the store"] += 1

    def pause_store(self, seconds: float) -> None:
        child = self._cloud.cloud.child(self._store)
        self._send(child, signal.SIGSTOP)
        time.sleep(seconds)
        self._send(child, signal.SIGCONT)
        self.counts["pauses of the store"] += 1

    def _pause(self, name: str, seconds: float) -> bool:
        child = self._cloud.cloud.child(name)
        if not self._send(child, signal.SIGSTOP):
            return False
        self._paused[name] = (child, time.monotonic() + seconds)
        return True

    def _send(self, child: Child, number: int) -> bool:
        self.diary.append(
            f"{datetime.now(UTC):%T.%f} {child.name} gets {signal.Signals(number).name}"
        )
        return pids.send(child.pid, child.process_started, number)
