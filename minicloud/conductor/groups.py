"""What a scheduler is told of the groups that instances are in."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from minicloud.db import group_places
from minicloud.db.models import Instance


def facts(db: Session, rows: Iterable[Instance]) -> dict[str, dict[str, Any]]:
    """uuid -> keys of filter_properties, for those that are in a group.

    Only an instance that was asked into a group can be in one: others cost no query.
    """
    asked = [row.uuid for row in rows if (row.request.get("hints") or {}).get("group")]
    if not asked:
        return {}
    found = group_places.companies(db, asked)
    return {uuid: company.facts(uuid) for uuid, company in found.items()}


def facts_for_new(db: Session, row: Instance) -> dict[str, Any]:
    """The same for one that is in no group yet, and asks into one."""
    asked = (row.request.get("hints") or {}).get("group")
    company = group_places.company(db, str(asked)) if asked else None
    return company.facts(row.uuid) if company else {}
