"""What runs on hosts, as far as a choice of hosts may look at it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db.models import Instance


class Running(NamedTuple):
    """`host` None: on no host any more."""

    uuid: str
    host: str | None
    flavor: dict[str, Any]
    image: dict[str, Any]
    is_deleted: bool = False


def everything(db: Session) -> list[Running]:
    return _found(db, Instance.deleted == 0, Instance.host.is_not(None))


def changed_since(db: Session, moment: datetime) -> list[Running]:
    """Deleted ones too, and those that left their host."""
    return _found(db, Instance.updated_at >= moment)


def on_hosts(db: Session, hosts: Iterable[str]) -> list[Running]:
    return _found(db, Instance.deleted == 0, Instance.host.in_(sorted(hosts)))


def _found(db: Session, *where: sa.ColumnElement[bool]) -> list[Running]:
    columns = (
        Instance.uuid,
        Instance.host,
        Instance.flavor,
        Instance.request,
        Instance.deleted,
    )
    rows = db.execute(sa.select(*columns).where(*where))
    return [
        Running(uuid, None if deleted else host, flavor, request.get("image") or {}, bool(deleted))
        for uuid, host, flavor, request, deleted in rows
    ]
