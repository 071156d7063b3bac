"""Rows of aggregates and the availability zones that they make."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db.models import Aggregate, AggregateHost

ZONE_KEY = "availability_zone"


def of_hosts(db: Session) -> dict[str, list[Mapping[str, str]]]:
    """host -> the metadata of each aggregate that it is in."""
    query = sa.select(AggregateHost.host, Aggregate.meta).join(
        Aggregate, Aggregate.id == AggregateHost.aggregate_id
    )
    found: dict[str, list[Mapping[str, str]]] = {}
    for host, meta in db.execute(query):
        found.setdefault(host, []).append(meta)
    return found


def zones(db: Session) -> dict[str, str]:
    """host -> availability zone, of those hosts that are in an aggregate with a zone."""
    return {
        host: meta[ZONE_KEY]
        for host, metas in of_hosts(db).items()
        for meta in metas
        if ZONE_KEY in meta
    }
