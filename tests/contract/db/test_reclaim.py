"""The duty `reclaim`: what has expired is forgotten, and nothing else."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.conductor import reclaim
from minicloud.conductor.duties import RECLAIM
from minicloud.conductor.reclaim import Reclaim
from minicloud.db import duties
from minicloud.db.engine import Database
from minicloud.db.models import ConsoleToken, IdempotencyKey, Token
from minicloud.errors import DutyLost

_KINDS = (Token, ConsoleToken, IdempotencyKey)


def _on_duty(database: Database) -> int:
    token = database.write(lambda db: duties.take(db, RECLAIM, "me", database.now(), None))
    assert token is not None
    return token


def _rows(name: str, expires_at: datetime) -> list[Any]:
    token = Token(
        hash=name,
        audit_id=name,
        user_id="alice",
        project_id=None,
        methods=["password"],
        issued_at=expires_at - timedelta(hours=1),
        expires_at=expires_at,
    )
    console = ConsoleToken(
        hash=name, instance_uuid="u", console_type="novnc", host="h", expires_at=expires_at
    )
    key = IdempotencyKey(
        project_id="p", key=name, body_hash="b", reservation_id="r", expires_at=expires_at
    )
    return [token, console, key]


def _add(database: Database, name: str, lasts: timedelta) -> None:
    database.write(lambda db: db.add_all(_rows(name, database.now() + lasts)))


def _left(database: Database) -> list[int]:
    def work(db: Session) -> list[int]:
        return [len(db.scalars(sa.select(kind)).all()) for kind in _KINDS]

    return database.read(work)


def test_what_expired_goes_and_what_lasts_stays(database: Database) -> None:
    _add(database, "old", -timedelta(hours=1))
    _add(database, "living", timedelta(hours=1))
    _add(database, "just over", -timedelta(seconds=5))  # some reader's time may be behind

    more = Reclaim(database).work(_on_duty(database))

    assert not more
    assert _left(database) == [2, 2, 2]


def test_much_goes_in_small_steps(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reclaim, "_BATCH", 2)
    for number in range(5):
        _add(database, f"old-{number}", -timedelta(hours=1))
    work, token = Reclaim(database).work, _on_duty(database)

    said = [(work(token), _left(database)[0]) for _ in range(3)]

    assert said == [(True, 3), (True, 1), (False, 0)]


def test_who_has_lost_the_duty_forgets_nothing(database: Database) -> None:
    _add(database, "old", -timedelta(hours=1))
    token = _on_duty(database)
    _on_duty(database)

    with pytest.raises(DutyLost):
        Reclaim(database).work(token)

    assert _left(database) == [1, 1, 1]
