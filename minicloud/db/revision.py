"""The number of changes to what tokens grant.

Whoever changes that counts it in the same transaction; whoever remembers a grant looks whether the
number is still the same, so that nothing is granted that was taken before the request.
"""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db import engine, rows
from minicloud.db.models import IdentityRevision
from minicloud.errors import Conflict

_ID: Final = 1
NUMBER: Final = (  # for a select that reads what tokens grant, so that both are of one moment
    sa.select(IdentityRevision.number).where(IdentityRevision.id == _ID).scalar_subquery()
)
_NUMBER: Final = "SELECT number FROM identity_revisions WHERE id = 1"


def count(db: Session) -> None:
    """What some token grants changes with this transaction."""
    one_more = (
        sa.update(IdentityRevision)
        .where(IdentityRevision.id == _ID)
        .values(number=IdentityRevision.number + 1)
    )
    if engine.changed_one(db, one_more):
        return
    try:  # the first change of all
        with db.begin_nested():
            rows.insert(db, IdentityRevision(id=_ID, number=1))
    except Conflict:  # someone else's was the first
        engine.changed_one(db, one_more)


def now(database: engine.Database) -> int | None:
    """None before the first change. As cheap as can be: each request asks."""
    number: int | None = database.glance(_NUMBER)
    return number
