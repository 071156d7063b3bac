"""Projects: what servers, images and quotas belong to."""

from typing import Any

from sqlalchemy.orm import Session

from minicloud.db import identity, rows, tokens
from minicloud.db.models import Domain, Project
from minicloud.db.tokens import Grant
from minicloud.errors import BadRequest, Forbidden
from minicloud.identity.collection import Collection, self_link
from minicloud.identity.schemas import FLAG, ID, NAME, TEXT
from minicloud.runtime.wsgi import Call


class Projects(Collection[Project]):
    model, noun, nouns = Project, "project", "projects"
    filters = ("name", "domain_id", "enabled")
    fields = {
        "name": NAME,
        "domain_id": ID,
        "parent_id": {**ID, "type": ["string", "null"]},
        "is_domain": {"const": False},
        "description": TEXT,
        "enabled": FLAG,
    }
    required = ("name",)
    fixed = frozenset({"domain_id", "parent_id"})

    def view(self, call: Call, row: Project) -> dict[str, Any]:
        return project_view(call, row)

    def may_show(self, call: Call, ident: str) -> None:
        grant = self.parts.grant(call)
        if grant.is_admin or grant.project_id == ident:
            return
        mine = self.parts.database.read(lambda db: identity.projects_of(db, grant.user_id))
        if ident not in {row.id for row in mine}:
            raise Forbidden("You are not authorized to perform the requested action.")

    def asked(self, call: Call) -> dict[str, Any]:
        """The parent of a project is its domain; no project is one, and none has a tag."""
        wanted = super().asked(call)
        parent_id = call.query.get("parent_id")
        if parent_id and wanted.setdefault("domain_id", parent_id) != parent_id:
            wanted["id"] = ""
        is_domain = call.query.get("is_domain", "false").lower() in ("true", "1", "")
        if is_domain or {"tags", "tags-any"} & set(call.query):
            wanted["id"] = ""
        return wanted

    def column_values(self, body: dict[str, Any]) -> dict[str, Any]:
        values = super().column_values(body)
        values.pop("is_domain", None)
        return values

    def check(self, db: Session, values: dict[str, Any], grant: Grant) -> None:
        parent_id = values.pop("parent_id", None)
        if "id" in values:
            if parent_id is not None and rows.get(db, Domain, parent_id) is None:
                raise BadRequest("Invalid input: projects inside projects are not kept here.")
            values.setdefault("domain_id", parent_id or grant.user_domain_id)
            if parent_id not in (None, values["domain_id"]):
                raise BadRequest("Invalid input: the parent is not the project's domain.")
            if rows.get(db, Domain, values["domain_id"]) is None:
                raise BadRequest("Invalid input: there is no such domain.")

    def change(self, db: Session, ident: str, values: dict[str, Any]) -> None:
        super().change(db, ident, values)
        if values.get("enabled") is False:  # enabled again, its users have to log in again
            tokens.revoke_scoped(db, ident)

    def remove(self, db: Session, ident: str) -> None:
        identity.delete_project(db, ident)


def project_view(call: Call, row: Project) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "domain_id": row.domain_id,
        "parent_id": row.domain_id,
        "is_domain": False,
        "description": row.description,
        "enabled": row.enabled,
        "options": {},
        "tags": [],
        "links": self_link(call, "projects", row.id),
    }
