"""Tokens: issued, shown, revoked; and what their bearer can reach."""

import itertools
from datetime import datetime
from typing import Any

import webob
from sqlalchemy.orm import Session

from minicloud.auth.document import token_view
from minicloud.db import catalog, identity, rows
from minicloud.db import tokens as db_tokens
from minicloud.db.models import Domain
from minicloud.db.tokens import Grant
from minicloud.errors import Forbidden, NotFound, Unauthorized
from minicloud.identity import login, schemas
from minicloud.identity.catalog import catalog_view
from minicloud.identity.collection import collection_view
from minicloud.identity.domains import domain_view
from minicloud.identity.parts import Parts
from minicloud.identity.projects import project_view
from minicloud.runtime.wsgi import Call, done, shown

_ISSUES_BETWEEN_PURGES = 100


class Tokens:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._issues = itertools.count()

    def issue(self, call: Call) -> webob.Response:
        auth = call.read(schemas.LOGIN)["auth"]
        proofs = login.proofs(self._parts, auth["identity"])
        scope = auth.get("scope")
        now = self._parts.database.now()
        if next(self._issues) % _ISSUES_BETWEEN_PURGES == 0:
            self._parts.database.write(lambda db: db_tokens.purge(db, now), "identity.purge")
        text, grant = self._parts.database.write(
            lambda db: self._issued(db, proofs, scope, now), "identity.issue"
        )
        return self._token(call, grant, text, 201)

    def show(self, call: Call) -> webob.Response:
        text, grant = self._subject(call, ("admin", "service"))
        return self._token(call, grant, text, 200)

    def revoke(self, call: Call) -> webob.Response:
        text, _grant = self._subject(call, ("admin",))
        self._parts.database.write(lambda db: db_tokens.revoke(db, text), "identity.revoke")
        return done()

    def catalog(self, call: Call) -> webob.Response:
        if self._parts.grant(call).project_id is None:
            raise Forbidden("The token is not scoped to a project.")
        listed = catalog_view(self._parts.database.read(catalog.entries), call.address)
        return shown(collection_view(call, "catalog", listed))

    def projects(self, call: Call) -> webob.Response:
        user_id = self._parts.grant(call).user_id
        found = self._parts.database.read(lambda db: identity.projects_open_to(db, user_id))
        return shown(collection_view(call, "projects", [project_view(call, row) for row in found]))

    def domains(self, call: Call) -> webob.Response:
        """Roles are given on projects only, so nobody can have a token for a domain; clients
        that fill a menu are shown the domain that the user belongs to."""
        home = self._parts.grant(call).user_domain_id
        found = self._parts.database.read(lambda db: rows.listed(db, Domain, {"id": home}))
        return shown(collection_view(call, "domains", [domain_view(call, row) for row in found]))

    def system(self, call: Call) -> webob.Response:
        """Nobody has a role on the whole system."""
        self._parts.grant(call)
        return shown(collection_view(call, "system", []))

    def _issued(
        self, db: Session, proofs: list[login.Proof], scope: Any, now: datetime
    ) -> tuple[str, Grant]:
        if not all(proof.still_holds(db, now) for proof in proofs):
            raise Unauthorized
        methods = sorted(frozenset().union(*(proof.methods for proof in proofs)))
        ends = [proof.until for proof in proofs if proof.until]
        expires_at = min([now + self._parts.token_life, *ends])
        bound = next((proof for proof in proofs if proof.application_credential_id), None)
        user_id, ends_at = proofs[0].user_id, expires_at
        for project_id in _places(db, scope, proofs[0], bound):
            stands_for = bound.application_credential_id if bound else None
            issued = db_tokens.issue(db, user_id, project_id, methods, now, ends_at, stands_for)
            if issued:
                return issued
        raise Unauthorized

    def _subject(self, call: Call, roles: tuple[str, ...]) -> tuple[str, Grant]:
        """The token that the request is about: the caller's own, or anyone's for these roles."""
        caller = self._parts.grant(call)
        text = call.header("X-Subject-Token") or ""
        now = self._parts.database.now()
        subject = self._parts.database.read(lambda db: db_tokens.validated(db, text, now))
        allowed = set(roles) & set(caller.roles)
        if not allowed and (subject is None or subject.user_id != caller.user_id):
            raise Forbidden("You are not authorized to perform the requested action.")
        if subject is None:
            raise NotFound("Could not find the token.")
        return text, subject

    def _token(self, call: Call, grant: Grant, text: str, status: int) -> webob.Response:
        token = token_view(grant)
        if grant.project_id and "nocatalog" not in call.query:
            entries = self._parts.database.read(catalog.entries)
            token["catalog"] = catalog_view(entries, call.address)
        return shown({"token": token}, status, {"X-Subject-Token": text})


def _places(
    db: Session, scope: Any, proof: login.Proof, bound: login.Proof | None
) -> list[str | None]:
    """The projects to try, None for unscoped; the default project is no more than a wish.

    An application credential stands for one project, and so does what is had for its tokens.
    """
    if bound is not None:
        if scope is not None and _scoped(db, scope, proof.user_id) != bound.project_id:
            raise Unauthorized
        return [bound.project_id]
    if scope is None:
        wish = proof.default_project_id
        return [wish, None] if wish else [None]
    return [_scoped(db, scope, proof.user_id)]


def _scoped(db: Session, scope: Any, user_id: str) -> str | None:
    if scope == "unscoped" or "unscoped" in scope:
        return None
    if "project" not in scope:  # domains and the system: nobody has a role there
        raise Unauthorized
    project = identity.project_of(db, user_id, login.reference(scope["project"]))
    if project is None:
        raise Unauthorized
    return project.id
