"""Keeps what runs on the hosts as the books have it, by what changed since the last look."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from minicloud.db import contents
from minicloud.db.contents import Running
from minicloud.scheduler.contents import Contents, Server

_FEW = 500  # hosts that are looked at again by name


class Stock:
    """It is read as a whole once. Later, a host whose servers are not as many as its row says is
    read again: something was written long before it was seen, or is just moving."""

    def __init__(self, is_wanted: bool) -> None:
        self.contents = Contents(is_wanted)

    def refresh(self, db: Session, since: datetime | None) -> None:
        """`since`: the last look, None before the first."""
        if since is None:
            self._take_over(contents.everything(db))
        else:
            self._take_over(contents.changed_since(db, since))

    def check(self, db: Session, num_instances: Mapping[str, int]) -> None:
        """Compare with how many servers each host has; what was only guessed is forgotten."""
        self.contents.forget_guesses()
        counted = self.contents.servers
        wrong = [host for host, number in num_instances.items() if counted.of(host) != number]
        if not wrong:
            return
        found = contents.on_hosts(db, wrong) if len(wrong) <= _FEW else contents.everything(db)
        hosts = wrong if len(wrong) <= _FEW else list(num_instances)
        self.contents.keep_only(hosts, (one.uuid for one in found))
        self._take_over(found)

    def _take_over(self, found: list[Running]) -> None:
        for one in found:
            if one.is_deleted:  # perhaps before anybody saw it on its host
                self.contents.unguess(one.uuid)
            server = Server.of(one.host, one.flavor, one.image) if one.host else None
            self.contents.put(one.uuid, server)
