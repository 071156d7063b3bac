"""`minicloud-manage service watch`: a line for each service that comes or goes."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from oslo_config import cfg
from oslo_db.exception import DBError
from sqlalchemy.exc import OperationalError

from minicloud.cmd.service_books import Books, check_words
from minicloud.cmd.service_words import kept_by, lasted
from minicloud.runtime.clock import Clock, SystemClock
from minicloud.servicegroup.base import COMPUTE, CONDUCTOR, SCHEDULER, ServiceGroup
from minicloud.zones.local.hosts import LocalHosts

_EVERY_S: Final = 0.5
_GROUPS: Final = (COMPUTE, CONDUCTOR, SCHEDULER)


def watch(conf: cfg.ConfigOpts) -> None:
    """Until Ctrl-C."""
    # What readers of a store log of it is told here, in lines of its own.
    logging.getLogger("minicloud.servicegroup").setLevel(logging.ERROR)
    books, clock, asked = Books(conf), SystemClock(), conf.command
    check_words(asked.of_host, asked.of_binary)
    with books.group() as (hosts, group):
        watcher = Watcher(books, hosts, group, clock, asked.of_host)
        try:
            watcher.begin([asked.of_binary] if asked.of_binary else _GROUPS)
            while True:
                watcher.step()
                clock.sleep(_EVERY_S)
        except KeyboardInterrupt:
            print()


class Watcher:
    """Prints what it is told, and what befalls whoever tells it."""

    def __init__(
        self, books: Books, hosts: LocalHosts, group: ServiceGroup, clock: Clock, host: str | None
    ) -> None:
        self._books, self._hosts, self._group = books, hosts, group
        self._clock, self._host = clock, host
        self._news: list[tuple[str, str, bool]] = []
        self._trouble: str | None = None
        self._was_away = False

    def begin(self, binaries: list[str] | tuple[str, ...]) -> None:
        for binary in binaries:
            found = self._hosts.services(self._books.context, host=self._host, binary=binary)
            up = sum(view.up for view in found)
            if found:
                self._say(f"{binary}: {up} of {len(found)} up")
            note = partial(self._note, binary)
            self._group.watch(binary, partial(note, came=True), partial(note, came=False))
        self._say(kept_by(self._group.store()))
        self._was_away = self._group.store().away_s is not None

    def step(self) -> None:
        self._trying(self._look)
        store = self._group.store()
        if (store.away_s is not None) != self._was_away:
            self._was_away = not self._was_away
            self._say(kept_by(store))

    def _trying(self, work: Callable[[], None]) -> None:
        """The database may be away for a while; that is told once."""
        try:
            work()
        except (DBError, OperationalError) as error:
            if self._trouble is None:
                self._trouble = str(error).splitlines()[0]
                self._say(f"the database cannot be used: {self._trouble}")
        else:
            if self._trouble is not None:
                self._say("the database answers again")
            self._trouble = None

    def _look(self) -> None:
        self._group.look()
        while self._news:
            self._tell(*self._news[0])
            del self._news[0]

    def _note(self, binary: str, member: str, *, came: bool) -> None:
        if self._host in (None, member):
            self._news.append((binary, member, came))

    def _tell(self, binary: str, member: str, came: bool) -> None:
        what = "up" if came else f"down: {self._why(binary, member)}"
        kind = "" if binary == COMPUTE else f" ({binary})"
        self._say(f"{member}{kind} is {what}")

    def _why(self, binary: str, member: str) -> str:
        found = self._hosts.services(self._books.context, host=member, binary=binary)
        if not found:
            return "deleted"
        (view,) = found
        row, age_s = view.row, view.standing.age_s
        if row.forced_down:
            return "an operator says so"
        if age_s is None or (row.owner is None and row.epoch > 0):
            return "it has left"
        if self._group.store().driver != "db":
            return "its lease was not renewed and has ended"  # how long ago that was, it tells not
        return f"not heard for {lasted(age_s)}"

    def _say(self, text: str) -> None:
        print(f"{self._clock.now():%H:%M:%S}Z {text}", flush=True)
