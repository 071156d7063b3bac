"""Users, and the change of one's own password."""

from typing import Any

import webob
from sqlalchemy.orm import Session

from minicloud.db import identity, rows, tokens
from minicloud.db.models import Domain, User
from minicloud.db.tokens import Grant
from minicloud.errors import BadRequest, Conflict, Unauthorized
from minicloud.identity import schemas
from minicloud.identity.collection import Collection, collection_view, self_link
from minicloud.identity.projects import project_view
from minicloud.runtime.wsgi import Call, Route, done, shown


class Users(Collection[User]):
    model, noun, nouns = User, "user", "users"
    filters = ("name", "domain_id", "enabled")
    fields = {
        "name": schemas.NAME,
        "domain_id": schemas.ID,
        "password": {**schemas.PASSWORD, "type": ["string", "null"]},
        "default_project_id": {**schemas.ID, "type": ["string", "null"]},
        "email": {"type": ["string", "null"], "maxLength": 255},
        "description": schemas.TEXT,
        "enabled": schemas.FLAG,
    }
    required = ("name",)
    fixed = frozenset({"domain_id"})

    def routes(self) -> list[Route]:
        return [
            *super().routes(),
            Route("GET", "/v3/users/{id}/projects", self.projects),
            Route("POST", "/v3/users/{id}/password", self.change_own_password),
        ]

    def may_show(self, call: Call, ident: str) -> None:
        self.parts.admin_or(call, ident)

    def view(self, call: Call, row: User) -> dict[str, Any]:
        view = {
            "id": row.id,
            "name": row.name,
            "domain_id": row.domain_id,
            "email": row.email,
            "description": row.description,
            "default_project_id": row.default_project_id,
            "enabled": row.enabled,
            "password_expires_at": None,
            "options": {},
            "links": self_link(call, "users", row.id),
        }
        return {key: view[key] for key in view if key != "email" or view[key]}

    def column_values(self, body: dict[str, Any]) -> dict[str, Any]:
        values = super().column_values(body)
        if "password" in values:  # hashed here, before the transaction
            password = values.pop("password")
            values["password_hash"] = self.parts.passwords.hashed(password) if password else ""
        return values

    def check(self, db: Session, values: dict[str, Any], grant: Grant) -> None:
        if "id" in values:
            values.setdefault("domain_id", grant.user_domain_id)
            values.setdefault("password_hash", "")  # no password fits it
            values["valid_from"] = self.parts.database.now()
            if rows.get(db, Domain, values["domain_id"]) is None:
                raise BadRequest("Invalid input: there is no such domain.")

    def change(self, db: Session, ident: str, values: dict[str, Any]) -> None:
        if "password_hash" in values:
            now = self.parts.database.now()
            identity.change_password(db, ident, values["password_hash"], now)
        super().change(db, ident, values)
        if values.get("enabled") is False:  # enabled again, the user has to log in again
            tokens.revoke_all(db, ident)

    def remove(self, db: Session, ident: str) -> None:
        identity.delete_user(db, ident)

    def projects(self, call: Call) -> webob.Response:
        ident = call.path["id"]
        self.parts.admin_or(call, ident)
        found = self.parts.database.read(lambda db: identity.projects_of(db, ident))
        return shown(collection_view(call, "projects", [project_view(call, row) for row in found]))

    def change_own_password(self, call: Call) -> webob.Response:
        """Needs no token: the original password is the proof."""
        body, ident = call.read(schemas.NEW_PASSWORD)["user"], call.path["id"]
        user = self.parts.database.read(lambda db: rows.get(db, User, ident))
        known = user.password_hash if user and user.enabled else None
        if not self.parts.passwords.match(body["original_password"], known):
            raise Unauthorized
        new, now = self.parts.passwords.hashed(body["password"]), self.parts.database.now()

        def work(db: Session) -> None:
            if not identity.change_password(db, ident, new, now, known):
                raise Conflict("The password was changed by someone else meanwhile.")

        self.parts.database.write(work, "identity.change_password")
        return done()
