"""What is written about a new server that waits for room instead of ending in ERROR."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.conductor import together
from minicloud.conductor.ledger import Delays, Ledger
from minicloud.db import actions, pending
from minicloud.db.models import Instance
from minicloud.instance_states import NEW, Task

_TOO_LATE = "It waited for room, and there was none in time."
# Of what a server was asked with: what differs among those that the same hosts suit.
_ITS_OWN = frozenset({"interfaces", "security_groups", "num_instances"})


def until(row: Instance) -> datetime | None:
    """Until when it may wait for room; None: it does not."""
    wait_s = row.request.get("pending_s") if row.task_state in NEW else None
    return row.created_at + timedelta(seconds=wait_s) if wait_s else None


def kind(row: Instance) -> str:
    """The same for servers of which a scheduler is told the same."""
    told = {name: value for name, value in row.request.items() if name not in _ITS_OWN}
    facts = [row.project_id, row.user_id, row.availability_zone, row.flavor, row.meta]
    text = json.dumps([*facts, row.retry, told], sort_keys=True, default=str)
    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return digest + (pending.TOGETHER if together.count_of(row) > 1 else "")


@dataclass(frozen=True)
class Refused:
    """A new server that may wait for room, as it was read, and why it was refused."""

    row: Instance
    why: Mapping[str, Any]
    known: Mapping[str, Any] | None = None  # what is kept of the try before

    @property
    def waits_already(self) -> bool:
        return self.row.task_state == Task.PENDING

    @property
    def is_news(self) -> bool:
        if not self.waits_already or self._is_fresh:
            return True
        in_the_books: Mapping[str, Any] = orjson.loads(orjson.dumps(self.decision))
        return self.known != in_the_books

    @property
    def _is_fresh(self) -> bool:
        return self.row.due_at != self.row.deadline_at

    @property
    def decision(self) -> Mapping[str, Any]:
        """What its action keeps: the explanation of the last try, and of no other."""
        error = errors.NoValidHost(self.why["sentence"])
        return {"code": error.code, "message": str(error), **self.why}


def keep(db: Session, refused: Sequence[Refused], now: datetime, lease_s: float) -> Sequence[str]:
    """Those that begin to wait by this. Those that wait already go on until their deadline.

    Who begins to wait is tried once more, at the latest after the lease: room that came about
    between the refusal and now was told to nobody who knew of it.
    """
    ledger = Ledger(db, now, Delays())
    new = {one.row.uuid: one for one in refused if not one.waits_already}
    begun = []
    for row in ledger.lock(new) if new else ():
        read = new[row.uuid].row
        ends = until(read)
        if row.generation == read.generation and ends is not None:
            due_at = min(ends, now + timedelta(seconds=lease_s))
            ledger.wait(row, ends, kind(read), due_at)
            begun.append(row.uuid)
    ledger.write()
    waiting = [one for one in refused if one.waits_already or one.row.uuid in begun]
    actions.decide(db, [(one.row.action_id, one.decision) for one in waiting if one.row.action_id])
    tried = [one.row.uuid for one in refused if one.waits_already]
    if tried:
        pending.settle(db, tried)
    return begun


def give_up(db: Session, ledger: Ledger, rows: Sequence[Instance]) -> None:
    """Their time is over: they end in ERROR, with what the last try was told."""
    known = actions.decisions(db, [row.action_id for row in rows if row.action_id]) if rows else {}
    for row in rows:
        kept = known.get(row.action_id or 0, {})
        why = {name: value for name, value in kept.items() if name not in ("code", "message")}
        sentence = f"{why.get('sentence', '')} {_TOO_LATE}".strip()
        ledger.refuse(row, errors.NoValidHost(sentence), {**why, "sentence": sentence})


def is_over(row: Instance, now: datetime) -> bool:
    return (
        row.task_state == Task.PENDING and row.deadline_at is not None and row.deadline_at <= now
    )
