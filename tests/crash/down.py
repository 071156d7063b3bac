"""Who was called down, and when; and what was decided at that time: by the books' own clock."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import requests
import sqlalchemy as sa

from minicloud.db.engine import Database
from minicloud.db.models import InstanceAction, InstanceEvent
from minicloud.instance_states import TASKS, Task
from tests.crash.client import Client

_LIST = "/compute/v2.1/os-services?binary=nova-compute"


@dataclass
class Span:
    """`host` was called down at `began`, and still at `seen`."""

    host: str
    began: datetime
    seen: datetime


@dataclass(frozen=True)
class Decision:
    host: str
    at: datetime
    uuid: str


class DownSpans:
    """Asks the API five times a second who is down."""

    def __init__(self, client: Client, books: Database) -> None:
        self._client, self._books = client, books
        self.all: list[Span] = []
        self._open: dict[str, Span] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._go_on)

    def __enter__(self) -> "DownSpans":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def down(self) -> set[str]:
        """Who is, as of the last answer."""
        return set(self._open)

    def _go_on(self) -> None:
        while not self._stopping.wait(0.2):
            try:
                self._look()
            except (requests.RequestException, KeyError, sa.exc.DBAPIError):
                self._open = {}  # nothing is known of this time

    def _look(self) -> None:
        asked = self._books.now()
        down = {host for host, state in states(self._client).items() if state == "down"}
        told = self._books.now()
        for host in self._open.keys() - down:
            del self._open[host]
        for host in down:
            if host in self._open:
                self._open[host].seen = asked
            else:
                self._open[host] = Span(host, told, told)
                self.all.append(self._open[host])


def states(client: Client) -> dict[str, str]:
    """host -> up or down, as the API tells now."""
    found = client.ask("GET", _LIST).json()["services"]
    return {str(service["host"]): str(service["state"]) for service in found}


def decisions(books: Database) -> list[Decision]:
    """Every choice of a host for a server, of those that are deleted too."""
    query = (
        sa.select(InstanceEvent.host, InstanceEvent.start_time, InstanceAction.instance_uuid)
        .join(InstanceAction, InstanceAction.id == InstanceEvent.action_id)
        .where(InstanceEvent.event == TASKS[Task.SPAWNING].event)
    )
    rows = books.read(lambda db: db.execute(query).all())
    return [Decision(str(host), at, uuid) for host, at, uuid in rows]


def wrong(made: Sequence[Decision], down: Sequence[Span], grace: timedelta) -> list[str]:
    """Decisions for a host that was called down by then, and for longer than the grace: who
    decides may know a little later than who was asked that a host is down, or a little sooner
    that it is up again."""
    return [
        f"{one.uuid} was given to {one.host} at {one.at}, down since {span.began}"
        for one in made
        for span in down
        if one.host == span.host and span.began + grace < one.at < span.seen - grace
    ]
