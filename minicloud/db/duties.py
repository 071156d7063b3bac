"""Rows of duties: whose turn it is, and with which token it may write.

Who is elected is decided elsewhere (servicegroup/election.py); that two never both write, here.
"""

from contextlib import suppress
from datetime import datetime

import sqlalchemy as sa
from oslo_db.exception import DBDuplicateEntry
from sqlalchemy.orm import Session

from minicloud.db.engine import changed_one
from minicloud.db.models import Duty
from minicloud.errors import DutyLost


def all_of(db: Session) -> list[Duty]:
    return list(db.scalars(sa.select(Duty).order_by(Duty.name)))


def take(db: Session, name: str, holder: str, now: datetime, until: datetime | None) -> int | None:
    """The token of the new holder; None while another has it, or writes in its name just now.

    `until`: how long it is held unless kept; None: as long as the holder is elected elsewhere.
    """
    free = sa.or_(Duty.until.is_(None), Duty.until <= now)
    query = sa.select(Duty.token).where(Duty.name == name, free)
    token = db.scalar(query.with_for_update(skip_locked=True))
    if token is None:
        _make(db, name)
        token = db.scalar(query.with_for_update(skip_locked=True))
    if token is None:
        return None
    values = {"token": token + 1, "holder": holder, "until": until, "taken_at": now}
    here = (Duty.name == name, Duty.token == token)
    return token + 1 if changed_one(db, sa.update(Duty).where(*here).values(values)) else None


def _make(db: Session, name: str) -> None:
    if db.scalar(sa.select(Duty.name).where(Duty.name == name)) is None:
        with suppress(DBDuplicateEntry), db.begin_nested():  # another conductor was first
            db.execute(sa.insert(Duty), [{"name": name, "token": 0}])


def keep(db: Session, name: str, token: int, until: datetime | None) -> bool:
    """Hold it for longer; False when the token is not the last one."""
    return changed_one(db, sa.update(Duty).where(*_is(name, token)).values(until=until))


def give_up(db: Session, name: str, token: int) -> None:
    """Let go of it: the next one may take it at once."""
    values = {"holder": None, "until": None}
    changed_one(db, sa.update(Duty).where(*_is(name, token)).values(values))


def check(db: Session, name: str, token: int, now: datetime) -> None:
    """DutyLost unless this is the last token. To be called first in a transaction of the duty:
    the row stays locked until its end, so nobody takes the duty over in the middle of it."""
    if not changed_one(db, sa.update(Duty).where(*_is(name, token)).values(wrote_at=now)):
        raise DutyLost(name, token)


def _is(name: str, token: int) -> tuple[sa.ColumnElement[bool], ...]:
    return Duty.name == name, Duty.token == token
