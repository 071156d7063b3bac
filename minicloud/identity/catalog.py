"""The catalogue: regions, services and endpoints."""

from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from minicloud.db import catalog, rows
from minicloud.db.models import CatalogEndpoint, CatalogRegion, CatalogService
from minicloud.db.tokens import Grant
from minicloud.errors import BadRequest
from minicloud.identity.collection import Collection, self_link
from minicloud.identity.schemas import FLAG, ID, NAME, TEXT
from minicloud.runtime.wsgi import Call


class Regions(Collection[CatalogRegion]):
    model, noun, nouns = CatalogRegion, "region", "regions"
    filters = ("parent_region_id",)
    fields = {
        "id": NAME,
        "description": TEXT,
        "parent_region_id": {**NAME, "type": ["string", "null"]},
    }
    fixed = frozenset({"id"})

    def may_list(self, call: Call) -> None:
        self.parts.grant(call)

    def may_show(self, call: Call, ident: str) -> None:
        self.parts.grant(call)

    def view(self, call: Call, row: CatalogRegion) -> dict[str, Any]:
        return {
            "id": row.id,
            "description": row.description,
            "parent_region_id": row.parent_region_id,
            "links": self_link(call, "regions", row.id),
        }

    def check(self, db: Session, values: dict[str, Any], grant: Grant) -> None:
        parent = values.get("parent_region_id")
        if parent is not None and rows.get(db, CatalogRegion, parent) is None:
            raise BadRequest("Invalid input: there is no such parent region.")

    def remove(self, db: Session, ident: str) -> None:
        catalog.delete_region(db, ident)


class Services(Collection[CatalogService]):
    model, noun, nouns = CatalogService, "service", "services"
    filters = ("name", "type", "enabled")
    fields = {"name": NAME, "type": NAME, "description": TEXT, "enabled": FLAG}
    required = ("type",)

    def view(self, call: Call, row: CatalogService) -> dict[str, Any]:
        return {
            "id": row.id,
            "name": row.name,
            "type": row.type,
            "description": row.description,
            "enabled": row.enabled,
            "links": self_link(call, "services", row.id),
        }

    def check(self, db: Session, values: dict[str, Any], grant: Grant) -> None:
        if "id" in values:
            values.setdefault("name", "")

    def remove(self, db: Session, ident: str) -> None:
        catalog.delete_service(db, ident)


class Endpoints(Collection[CatalogEndpoint]):
    model, noun, nouns = CatalogEndpoint, "endpoint", "endpoints"
    filters = ("service_id", "interface", "region_id", "enabled")
    fields = {
        "service_id": ID,
        "interface": {"enum": ["public", "internal", "admin"]},
        "url": {"type": "string", "minLength": 1, "maxLength": 2048},
        "region": {**NAME, "type": ["string", "null"]},
        "region_id": {**NAME, "type": ["string", "null"]},
        "enabled": FLAG,
        "name": NAME,
    }
    required = ("service_id", "interface", "url")

    def view(self, call: Call, row: CatalogEndpoint) -> dict[str, Any]:
        return {
            "id": row.id,
            "service_id": row.service_id,
            "interface": row.interface,
            "region": row.region_id or None,
            "region_id": row.region_id or None,
            "url": absolute(row.url, call.address),
            "enabled": row.enabled,
            "links": self_link(call, "endpoints", row.id),
        }

    def column_values(self, body: dict[str, Any]) -> dict[str, Any]:
        values = super().column_values(body)
        values.pop("name", None)
        region = values.pop("region", None)
        if region is not None:
            values.setdefault("region_id", region)
        return values

    def check(self, db: Session, values: dict[str, Any], grant: Grant) -> None:
        if "id" in values or "region_id" in values:
            values["region_id"] = values.get("region_id") or ""
        region_id, service_id = values.get("region_id"), values.get("service_id")
        if region_id and rows.get(db, CatalogRegion, region_id) is None:
            rows.insert(db, CatalogRegion(id=region_id))
        if service_id and rows.get(db, CatalogService, service_id) is None:
            raise BadRequest("Invalid input: there is no such service.")


def catalog_view(entries: list[catalog.Entry], address: str) -> list[dict[str, Any]]:
    """The catalogue as tokens carry it."""
    return [
        {
            "id": entry.service.id,
            "type": entry.service.type,
            "name": entry.service.name,
            "endpoints": [
                {
                    "id": endpoint.id,
                    "interface": endpoint.interface,
                    "region": endpoint.region_id,
                    "region_id": endpoint.region_id,
                    "url": absolute(endpoint.url, address),
                }
                for endpoint in entry.endpoints
            ],
        }
        for entry in entries
    ]


def absolute(url: str, address: str) -> str:
    return address + url if url.startswith("/") else url


def endpoints_of(service_id: str, region_id: str, url: str) -> list[CatalogEndpoint]:
    """One endpoint for each interface."""
    return [
        CatalogEndpoint(
            id=uuid4().hex,
            service_id=service_id,
            interface=interface,
            region_id=region_id,
            url=url,
        )
        for interface in ("public", "internal", "admin")
    ]
