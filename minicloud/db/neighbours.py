"""Where the servers are that a new one is to be near to, or far from."""

from collections.abc import Collection, Iterable
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db.models import Instance

_AT_ONCE: Final = 1000  # uuids in one query


def owners(db: Session, uuids: Iterable[str]) -> dict[str, tuple[str, str | None]]:
    """uuid -> project and host of each of these servers that is there."""
    wanted = sorted(set(uuids))
    query = sa.select(Instance.uuid, Instance.project_id, Instance.host)
    found: dict[str, tuple[str, str | None]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = Instance.uuid.in_(wanted[start : start + _AT_ONCE])
        for uuid, project, host in db.execute(query.where(some, Instance.deleted == 0)):
            found[uuid] = (project, host)
    return found


def of_names(
    db: Session, groups: Collection[tuple[str, str]]
) -> dict[tuple[str, str], dict[str, str]]:
    """(project, name) -> server -> host, of those that came with this name as hint `group`.

    The servers of these projects that may have such a hint are read, and compared here: databases
    do not agree on what texts are the same, and not all of them take every text out of JSON.
    """
    found: dict[tuple[str, str], dict[str, str]] = {group: {} for group in groups}
    query = sa.select(Instance.project_id, Instance.uuid, Instance.host, Instance.request).where(
        Instance.project_id.in_(sorted({project for project, _name in groups})),
        Instance.deleted == 0,
        Instance.host.is_not(None),
        sa.cast(Instance.request, sa.Text).contains('"group"'),
    )
    for project, uuid, host, request in db.execute(query):
        name = (request.get("hints") or {}).get("group")
        if isinstance(name, str) and (project, name) in found:
            found[project, name][uuid] = str(host)
    return found
