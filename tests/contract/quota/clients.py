"""Clients of the API processes, and those who look at the books meanwhile."""

import http.client
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db import quotas
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from tests.functional.server_rows import WANTED

PATIENCE_S: Final = 60.0
_LOST: Final = (OSError, http.client.HTTPException)


class Processes:
    """`count` API processes over a database, and the rest of a cloud beside them."""

    def __init__(self, url: str, directory: Path, count: int) -> None:
        self._directory = directory
        words = [sys.executable, "-m", __name__.replace("clients", "processes")]
        self._main = subprocess.Popen(
            [*words, url, str(directory), str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._main.stdout is not None
        self.ports = [int(word) for word in self._main.stdout.readline().split()]
        assert len(self.ports) == count
        self._turns = itertools.count()

    def stop(self) -> None:
        self._main.communicate(timeout=PATIENCE_S)

    def kill(self, number: int) -> None:
        """SIGKILL for one of them; another takes its place and its socket."""
        pid = int((self._directory / f"api-{number}.pid").read_text() or 0)
        if pid:
            with suppress(ProcessLookupError):  # it is being replaced just now
                os.kill(pid, signal.SIGKILL)

    def arm(self, place: str) -> Path:
        """The next process that arrives there is killed, and takes the mark away."""
        mark = self._directory / place
        mark.touch()
        return mark

    def client(self, who: str) -> "Client":
        """`who` is user:project; each client begins at another process."""
        return Client(self.ports, next(self._turns), who)


@dataclass
class Client:
    """One connection at a time; whoever gets no answer asks the next process."""

    ports: list[int]
    turn: int
    who: str
    lost: int = 0  # answers
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def ask(
        self, verb: str, path: str, body: Any = None, key: str | None = None
    ) -> tuple[int, Any]:
        """The answer, sooner or later. Only what may be done twice or has a key is repeated."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self._once(verb, path, body, key)
            except _LOST:
                self.lost += 1
                self._connection = None
                self.turn += 1
                assert time.monotonic() < end
                time.sleep(0.005)

    def _once(self, verb: str, path: str, body: Any, key: str | None) -> tuple[int, Any]:
        headers = {"X-Auth-Token": self.who, "X-OpenStack-Nova-API-Version": "2.60"}
        if key is not None:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._connection is None:
            port = self.ports[self.turn % len(self.ports)]
            self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        self._connection.request(
            verb, f"/v2.1{path}", None if body is None else orjson.dumps(body), headers
        )
        answer = self._connection.getresponse()
        text = answer.read()
        return answer.status, orjson.loads(text) if text else None

    def create(self, flavor: str = "42", **more: Any) -> tuple[int, Any]:
        """Once, however often it has to be asked."""
        server = {**WANTED, "flavorRef": flavor, "networks": "none", **more}
        return self.ask("POST", "/servers", {"server": server}, key=str(uuid.uuid4()))

    def used(self) -> Mapping[str, int]:
        project = self.who.partition(":")[2]
        status, found = self.ask("GET", f"/os-quota-sets/{project}/detail")
        assert status == 200
        return {name: found["quota_set"][name]["in_use"] for name in quotas.OF_SERVERS}

    def listed(self) -> int:
        """How many servers there are, in one request."""
        status, found = self.ask("GET", "/servers")
        assert status == 200
        return len(found["servers"])


class Books:
    """The database as one moment shows it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._still = (
            None
            if database.dialect == "sqlite"
            else sa.create_engine(database.engine.url, isolation_level="REPEATABLE READ")
        )

    def close(self) -> None:
        if self._still is not None:
            self._still.dispose()

    def at_one_moment(self, work: Callable[[Session], Any]) -> Any:
        if self._still is None:
            return self._database.read(work)
        with self._still.connect() as connection, Session(connection) as db:
            return work(db)

    def look(self, project_id: str) -> tuple[Mapping[str, int], Mapping[str, Mapping[str, int]]]:
        """(what quotas say is in use, what the rows of each user and of all say)."""
        return self.at_one_moment(  # type: ignore[no-any-return]
            lambda db: (quotas.in_use(db, project_id), recounted(db, project_id))
        )


def recounted(db: Session, project_id: str) -> Mapping[str, Mapping[str, int]]:
    """Row by row, by nothing but what a server is; "" is the whole project."""
    zero = dict.fromkeys(quotas.OF_SERVERS, 0)
    found: dict[str, dict[str, int]] = {"": dict(zero)}
    for row in db.scalars(sa.select(Instance).where(Instance.project_id == project_id)):
        if row.deleted or row.vm_state == "soft-delete":
            continue
        for owner in ("", row.user_id):
            counted = found.setdefault(owner, dict(zero))
            counted["instances"] += 1
            counted["cores"] += row.vcpus
            counted["ram"] += row.memory_mb
    return found


@contextmanager
def meanwhile(look: Callable[[], None]) -> Iterator[Callable[[], int]]:
    """Look again and again until the block ends; its failure is the block's. Gives the count."""
    done, failures, looks = threading.Event(), list[BaseException](), itertools.count()
    seen = [0]

    def watch() -> None:
        try:
            while not done.is_set() or not seen[0]:
                look()
                seen[0] = next(looks) + 1
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield lambda: seen[0]
    finally:
        done.set()
        thread.join(PATIENCE_S)
    if failures:
        raise failures[0]


@contextmanager
def killed(processes: Processes, kills: int) -> Iterator[list[str]]:
    """One process after the other is killed: before its commit, behind it, and anywhere."""
    done, dead = threading.Event(), list[str]()

    def work() -> None:
        for number in range(kills):
            place = ("api.create:before", "api.create:after", "")[number % 3]
            if place:
                mark = processes.arm(place)
                while mark.exists() and not done.wait(0.002):
                    pass
                if mark.exists():
                    mark.unlink(missing_ok=True)
                    return
            else:
                processes.kill(number % len(processes.ports))
            dead.append(place)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield dead
    finally:
        done.set()
        thread.join(PATIENCE_S)


def wait_for_rest(database: Database, project_id: str) -> None:
    """Hosts and conductor have done what was asked for."""
    under_way = sa.select(Instance.uuid, Instance.vm_state, Instance.task_state).where(
        Instance.project_id == project_id,
        Instance.deleted == 0,
        Instance.task_state.is_not(None),
    )
    end = time.monotonic() + PATIENCE_S
    while left := database.read(lambda db: db.execute(under_way).all()):
        assert time.monotonic() < end, left
        time.sleep(0.05)
