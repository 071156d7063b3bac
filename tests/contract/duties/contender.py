"""A program that stands for one duty in several deployments and writes while it has it.

`python -m tests.contract.duties.contender NAME TTL KIND=DATABASE[|STORE]...`. At SIGUSR1 it is
stopped, between two transactions; when it goes on it writes with the tokens that it had, and tells
what came of that.
"""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db import duties
from minicloud.db.engine import Database
from minicloud.errors import DutyLost
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.loop import Loop
from minicloud.runtime.stopping import stop_event
from minicloud.servicegroup import stores
from minicloud.servicegroup.election import DutyElection, look_interval_s
from minicloud.servicegroup.locks import StoreLocks
from tests.options import defaults

DUTY = "counting"
WORK = sa.Table(
    "work_of_duties",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("token", sa.BigInteger),
    sa.Column("who", sa.String(64)),
)


@dataclass
class Contender:
    """One who stands for the duty, with the loops that a conductor has for it."""

    name: str
    database: Database
    store: str | None
    ttl_s: float

    def __post_init__(self) -> None:
        clock, often_s = SystemClock(), look_interval_s(self.ttl_s)
        self.locks = self._locks(clock) if self.store else None
        self.election = DutyElection(
            self.database, self.name, self.ttl_s, self.locks, names=[DUTY]
        )
        self._loops = [Loop("election", self.election.keep, often_s, clock)]
        if self.locks is not None:
            self._loops.append(Loop("locks", self.locks.look, often_s, clock))

    def _locks(self, clock: SystemClock) -> StoreLocks:
        conf = defaults()
        conf.set_override("driver", self.store, "servicegroup")
        conf.set_override("service_down_time_s", self.ttl_s, "servicegroup")
        conf.set_override("report_interval_s", self.ttl_s / 4, "servicegroup")
        return StoreLocks(lambda: stores.connect(conf), self.ttl_s, clock)

    def start(self) -> "Contender":
        for loop in self._loops:
            loop.start()
        return self

    def take(self) -> int | None:
        return self.election.take(DUTY)

    def stop(self) -> None:
        self.election.close()
        for loop in self._loops:
            loop.stop()

    def write(self, token: int) -> None:
        row = {"token": token, "who": self.name}

        def work(db: Session) -> None:
            duties.check(db, DUTY, token, self.database.now())
            db.execute(sa.insert(WORK), [row])

        self.database.write(work)


class Worker:
    """Writes all the time while the duty is its own."""

    def __init__(self, kind: str, contender: Contender, stopping: threading.Event) -> None:
        self._kind, self._contender, self._stopping = kind, contender, stopping
        self._turn = threading.Lock()
        self._had: int | None = None
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stopping.wait(0.1):
            with self._turn:
                self._had = self._contender.take()
                if self._had is not None:
                    self._write(self._had)

    def _write(self, token: int) -> str:
        try:
            self._contender.write(token)
        except DutyLost:
            return "refused"
        return "written"

    def between_transactions(self) -> Sequence[AbstractContextManager[object]]:
        return self._turn, self._contender.election._keeping

    def go_on(self) -> None:
        """As if the pause had been between the question whose turn it is and the write."""
        if self._had is not None:
            print(f"{self._kind} {self._write(self._had)}", flush=True)


def _pause(workers: Sequence[Worker]) -> None:
    with ExitStack() as still:
        for worker in workers:
            for lock in worker.between_transactions():
                still.enter_context(lock)
        os.kill(os.getpid(), signal.SIGSTOP)
        for worker in workers:
            worker.go_on()


def main() -> None:
    name, ttl_s, *kinds = sys.argv[1:]
    stopping, pausing = stop_event(), threading.Event()
    signal.signal(signal.SIGUSR1, lambda *_: pausing.set())
    contenders, workers = [], []
    for word in kinds:
        kind, _, where = word.partition("=")
        url, _, store = where.partition("|")
        contender = Contender(name, Database(url, pool_size=3), store or None, float(ttl_s))
        contenders.append(contender.start())
        workers.append(Worker(kind, contender, stopping))
    for worker in workers:
        worker.thread.start()
    print("stands", flush=True)
    while not stopping.wait(0.05):
        if pausing.is_set():
            pausing.clear()
            _pause(workers)
    for worker in workers:
        worker.thread.join()
    for contender in contenders:
        contender.stop()


if __name__ == "__main__":
    main()
