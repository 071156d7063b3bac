"""Application credentials: what programs log in with in place of a user's password."""

import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import webob
from sqlalchemy.orm import Session

from minicloud.auth.document import stamp
from minicloud.db import credentials, rows
from minicloud.db.engine import settled
from minicloud.db.models import ApplicationCredential, Role
from minicloud.db.tokens import Grant
from minicloud.errors import BadRequest, Forbidden, NotFound
from minicloud.identity import schemas
from minicloud.identity.collection import collection_view
from minicloud.identity.parts import Parts
from minicloud.runtime.wsgi import Call, Route, done, shown

_MANY = "/v3/users/{user_id}/application_credentials"


class Credentials:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> list[Route]:
        return [
            Route("GET", _MANY, self.list),
            Route("POST", _MANY, self.create),
            Route("GET", _MANY + "/{id}", self.show),
            Route("DELETE", _MANY + "/{id}", self.delete),
            Route("GET", "/v3/users/{user_id}/access_rules", self.access_rules),
        ]

    def list(self, call: Call) -> webob.Response:
        user_id, name = call.path["user_id"], call.query.get("name")
        self._parts.admin_or(call, user_id)

        def work(db: Session) -> list[dict[str, Any]]:
            names = _role_names(db)
            return [_view(call, row, names) for row in credentials.of_user(db, user_id, name)]

        listed = self._parts.database.read(work)
        return shown(collection_view(call, "application_credentials", listed))

    def show(self, call: Call) -> webob.Response:
        self._parts.admin_or(call, call.path["user_id"])

        def work(db: Session) -> dict[str, Any]:
            return _view(call, _found(db, call), _role_names(db))

        return shown({"application_credential": self._parts.database.read(work)})

    def create(self, call: Call) -> webob.Response:
        grant = self._parts.grant(call)
        if grant.user_id != call.path["user_id"]:
            raise Forbidden("You are not authorized to perform the requested action.")
        _may_manage(grant)
        wanted = call.read(schemas.NEW_CREDENTIAL)["application_credential"]
        if grant.project_id is None or wanted.get("project_id", grant.project_id) not in (
            grant.project_id,
        ):
            raise Forbidden("An application credential is for the project of the token.")
        secret = wanted.get("secret") or secrets.token_urlsafe(64)
        now = self._parts.database.now()
        facts: dict[str, Any] = {
            "id": uuid4().hex,
            "user_id": grant.user_id,
            "project_id": grant.project_id,
            "name": wanted["name"],
            "description": wanted.get("description") or "",
            "secret_hash": self._parts.passwords.hashed(secret),
            "roles": _role_ids(grant, wanted.get("roles")),
            "unrestricted": bool(wanted.get("unrestricted")),
            "expires_at": _moment(wanted.get("expires_at"), now),
            "created_at": now,
        }

        def work(db: Session, again: bool) -> dict[str, Any]:
            row = credentials.get(db, facts["id"]) if again else None
            if row is None:
                row = ApplicationCredential(**facts)
                credentials.insert(db, row)
            return _view(call, row, _role_names(db))

        view = self._parts.database.write_once(work, "identity.create_application_credential")
        return shown({"application_credential": {**view, "secret": secret}}, 201)

    def delete(self, call: Call) -> webob.Response:
        _may_manage(self._parts.admin_or(call, call.path["user_id"]))

        def work(db: Session, again: bool) -> None:
            with settled(again, NotFound):
                credentials.delete(db, _found(db, call).id)

        self._parts.database.write_once(work, "identity.delete_application_credential")
        return done()

    def access_rules(self, call: Call) -> webob.Response:
        """Nobody has any: a credential is good for all that its roles are good for."""
        self._parts.admin_or(call, call.path["user_id"])
        return shown(collection_view(call, "access_rules", []))


def _found(db: Session, call: Call) -> ApplicationCredential:
    row = credentials.get(db, call.path["id"])
    if row is None or row.user_id != call.path["user_id"]:
        raise NotFound(f"Could not find Application Credential: {call.path['id'][:255]}.")
    return row


def _may_manage(grant: Grant) -> None:
    """What was had for an application credential makes no others, unless that was allowed."""
    if not grant.unrestricted:
        raise Forbidden(
            "Using method 'application_credential' is not allowed for managing additional "
            "application credentials."
        )


def _role_ids(grant: Grant, wanted: Any) -> list[str]:
    """Roles that the token has; without a wish all of them."""
    mine = dict(zip(grant.role_ids, grant.roles, strict=True))
    if not wanted:
        return sorted(mine)
    found = set()
    for role in wanted:
        fits = [i for i, n in mine.items() if i == role.get("id") or n == role.get("name")]
        if not fits:
            raise BadRequest("Cannot create an application credential with unassigned role")
        found.update(fits)
    return sorted(found)


def _moment(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        raise BadRequest("Invalid input: expires_at is no time in the form of ISO 8601.") from None
    if moment <= now:
        raise BadRequest("Invalid input: expires_at is over.")
    return moment


def _role_names(db: Session) -> dict[str, str]:
    return {role.id: role.name for role in rows.listed(db, Role, {})}


def _view(call: Call, row: ApplicationCredential, names: dict[str, str]) -> dict[str, Any]:
    path = f"{call.here}/v3/users/{row.user_id}/application_credentials/{row.id}"
    roles = [{"id": i, "name": names[i], "domain_id": None} for i in row.roles if i in names]
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description or None,
        "user_id": row.user_id,
        "project_id": row.project_id,
        "roles": roles,
        "expires_at": row.expires_at and stamp(row.expires_at).removesuffix("Z"),
        "unrestricted": row.unrestricted,
        "links": {"self": path},
    }
