"""What moves of servers say about a host: whether it may be removed or called up again."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db.migrations import EVACUATION, OVER
from minicloud.db.models import Migration


def any_open(db: Session, host: str) -> bool:
    """Whether a move from or to the host is not over, or holds room on it."""
    concerned = sa.or_(Migration.source_compute == host, Migration.dest_compute == host)
    is_open = sa.and_(concerned, Migration.status.not_in(OVER))
    either = sa.or_(is_open, Migration.held_host == host)
    return db.scalar(sa.select(Migration.id).where(either).limit(1)) is not None


def evacuated(db: Session, host: str) -> list[str]:
    """The servers that were evacuated from the host and whose guests may still be on it."""
    query = sa.select(Migration.instance_uuid).where(
        Migration.source_compute == host,
        Migration.migration_type == EVACUATION,
        Migration.status == "done",
    )
    return list(db.scalars(query.order_by(Migration.id)))
