"""The catalogue: regions, services, and the addresses at which they answer."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db import engine, rows
from minicloud.db.models import CatalogEndpoint, CatalogRegion, CatalogService
from minicloud.errors import Conflict


@dataclass(frozen=True, slots=True)
class Entry:
    """A service with the endpoints that are enabled."""

    service: CatalogService
    endpoints: list[CatalogEndpoint]


def entries(db: Session) -> list[Entry]:
    """What tokens tell of the catalogue, in one select."""
    asked = (
        sa.select(CatalogService, CatalogEndpoint)
        .join(CatalogEndpoint, CatalogEndpoint.service_id == CatalogService.id)
        .where(CatalogService.enabled, CatalogEndpoint.enabled)
        .order_by(CatalogService.type, CatalogService.id, CatalogEndpoint.interface)
    )
    found: dict[str, Entry] = {}
    for service, endpoint in db.execute(asked):
        found.setdefault(service.id, Entry(service, [])).endpoints.append(endpoint)
    return list(found.values())


def delete_service(db: Session, service_id: str) -> bool:
    engine.changed(db, sa.delete(CatalogEndpoint).where(CatalogEndpoint.service_id == service_id))
    return rows.delete(db, CatalogService, service_id)


def delete_region(db: Session, region_id: str) -> bool:
    """False when there is no such region; Conflict while something is in it."""
    inside = sa.select(CatalogEndpoint.id).where(CatalogEndpoint.region_id == region_id).limit(1)
    below = sa.select(CatalogRegion.id).where(CatalogRegion.parent_region_id == region_id).limit(1)
    if db.scalar(inside) is not None or db.scalar(below) is not None:
        raise Conflict(f"Region {region_id} is in use.")
    return rows.delete(db, CatalogRegion, region_id)
