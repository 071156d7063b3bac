"""Domains: the name spaces of users and projects."""

from typing import Any

from sqlalchemy.orm import Session

from minicloud.db import identity
from minicloud.db.models import Domain
from minicloud.errors import Forbidden
from minicloud.identity.collection import Collection, self_link
from minicloud.identity.schemas import FLAG, ID, NAME, TEXT
from minicloud.runtime.wsgi import Call


class Domains(Collection[Domain]):
    model, noun, nouns = Domain, "domain", "domains"
    filters = ("name", "enabled")
    fields = {"name": NAME, "description": TEXT, "enabled": FLAG, "id": ID}
    required = ("name",)
    fixed = frozenset({"id"})

    def view(self, call: Call, row: Domain) -> dict[str, Any]:
        return domain_view(call, row)

    def remove(self, db: Session, ident: str) -> None:
        if not identity.delete_domain(db, ident):
            raise Forbidden("Cannot delete a domain that is enabled, please disable it first.")


def domain_view(call: Call, row: Domain) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "enabled": row.enabled,
        "options": {},
        "tags": [],
        "links": self_link(call, "domains", row.id),
    }
