"""Roles, and their assignment to users on projects."""

from typing import Any

import webob
from sqlalchemy.orm import Session

from minicloud.db import identity
from minicloud.db.identity import Assignment
from minicloud.db.models import Role
from minicloud.errors import NotFound
from minicloud.identity.collection import Collection, collection_view, self_link
from minicloud.identity.schemas import NAME, TEXT
from minicloud.runtime.wsgi import Call, Route, done, shown

_GRANT = "/v3/projects/{project_id}/users/{user_id}/roles/{role_id}"


class Roles(Collection[Role]):
    model, noun, nouns = Role, "role", "roles"
    filters = ("name",)
    fields = {"name": NAME, "description": TEXT, "domain_id": {"type": "null"}}
    required = ("name",)

    def routes(self) -> list[Route]:
        return [
            *super().routes(),
            Route("GET", "/v3/role_assignments", self.assignments),
            Route("GET", "/v3/projects/{project_id}/users/{user_id}/roles", self.given),
            Route("PUT", _GRANT, self.give),
            Route("GET", _GRANT, self.has),
            Route("HEAD", _GRANT, self.has),
            Route("DELETE", _GRANT, self.take),
        ]

    def view(self, call: Call, row: Role) -> dict[str, Any]:
        return {
            "id": row.id,
            "name": row.name,
            "description": row.description,
            "domain_id": None,
            "options": {},
            "links": self_link(call, "roles", row.id),
        }

    def column_values(self, body: dict[str, Any]) -> dict[str, Any]:
        values = super().column_values(body)
        values.pop("domain_id", None)
        return values

    def remove(self, db: Session, ident: str) -> None:
        identity.delete_role(db, ident)

    def assignments(self, call: Call) -> webob.Response:
        """Users may list their own."""
        user_id = call.query.get("user.id")
        self.parts.admin_or(call, user_id or False)
        project_id, role_id = call.query.get("scope.project.id"), call.query.get("role.id")
        unknown = {"group.id", "scope.domain.id", "scope.system"} & set(call.query)
        names, effective = _wished(call, "include_names"), _wished(call, "effective")
        found = (
            []
            if unknown  # there are no groups, and roles on projects only
            else self.parts.database.read(
                lambda db: identity.assignments(
                    db, user_id, project_id, role_id, effective=effective
                )
            )
        )
        listed = [_assignment_view(call, row, names) for row in found]
        return shown(collection_view(call, "role_assignments", listed))

    def given(self, call: Call) -> webob.Response:
        self.parts.admin(call)
        user_id, project_id = call.path["user_id"], call.path["project_id"]
        found = self.parts.database.read(lambda db: identity.assignments(db, user_id, project_id))
        listed = [
            {
                "id": row.role_id,
                "name": row.role_name,
                "links": self_link(call, "roles", row.role_id),
            }
            for row in found
        ]
        return shown(collection_view(call, "roles", listed))

    def give(self, call: Call) -> webob.Response:
        self.parts.admin(call)
        return self._done(
            self.parts.database.write(lambda db: identity.assign(db, **call.path), "identity.give")
        )

    def has(self, call: Call) -> webob.Response:
        self.parts.admin(call)
        return self._done(self.parts.database.read(lambda db: identity.assigned(db, **call.path)))

    def take(self, call: Call) -> webob.Response:
        self.parts.admin(call)
        return self._done(
            self.parts.database.write(
                lambda db: identity.unassign(db, **call.path), "identity.take"
            )
        )

    def _done(self, there: bool) -> webob.Response:
        if not there:
            raise NotFound("Could not find that user, project, role or assignment.")
        return done()


def _wished(call: Call, name: str) -> bool:
    """A parameter without value says yes."""
    return call.query.get(name, "false").lower() not in ("false", "0")


def _assignment_view(call: Call, row: Assignment, names: bool) -> dict[str, Any]:
    user: dict[str, Any] = {"id": row.user_id}
    project: dict[str, Any] = {"id": row.project_id}
    role = {"id": row.role_id}
    if names:
        role["name"] = row.role_name
        user |= {
            "name": row.user_name,
            "domain": {"id": row.user_domain_id, "name": row.user_domain_name},
        }
        project |= {
            "name": row.project_name,
            "domain": {"id": row.project_domain_id, "name": row.project_domain_name},
        }
    path = f"projects/{row.project_id}/users/{row.user_id}/roles/{row.given_id}"
    return {
        "role": role,
        "user": user,
        "scope": {"project": project},
        "links": {"assignment": f"{call.here}/v3/{path}"},
    }
