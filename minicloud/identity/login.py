"""How someone shows who they are: one function a method, one answer to all that fails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from minicloud.db import credentials, identity, tokens
from minicloud.db.identity import Reference
from minicloud.db.models import ApplicationCredential
from minicloud.errors import BadRequest, Unauthorized
from minicloud.identity.parts import Parts


@dataclass(frozen=True, slots=True)
class Proof:
    """Who it is. `still_holds` asks again in the transaction that issues the token."""

    user_id: str
    default_project_id: str | None
    methods: frozenset[str]
    still_holds: Callable[[Session, datetime], bool]
    until: datetime | None = None  # a token got with a token lives no longer
    application_credential_id: str | None = None
    project_id: str | None = None  # the one place that an application credential stands for


def proofs(parts: Parts, claims: Mapping[str, Any]) -> list[Proof]:
    """One proof for each method that is named; Unauthorized unless all are of one user."""
    found = []
    for name in dict.fromkeys(claims["methods"]):
        if name not in METHODS:
            raise Unauthorized
        if name not in claims:
            raise BadRequest(f"Invalid input: identity has no key {name}.")
        found.append(METHODS[name](parts, claims[name]))
    if len({proof.user_id for proof in found}) != 1:
        raise Unauthorized
    return found


def reference(named: Mapping[str, Any]) -> Reference:
    """The user or project that a body names."""
    domain = named.get("domain", {})
    if "id" not in named and not ("name" in named and ("id" in domain or "name" in domain)):
        raise BadRequest("Invalid input: an id, or a name and its domain, is needed.")
    return Reference(named.get("id"), named.get("name"), domain.get("id"), domain.get("name"))


def _password(parts: Parts, claim: Mapping[str, Any]) -> Proof:
    wanted = reference(claim["user"])
    user = parts.database.read(lambda db: identity.user(db, wanted))
    known = user.password_hash if user else None
    if not parts.passwords.match(claim["user"]["password"], known) or user is None:
        raise Unauthorized
    user_id, password_hash = user.id, user.password_hash
    return Proof(
        user_id=user_id,
        default_project_id=user.default_project_id,
        methods=frozenset({"password"}),
        still_holds=lambda db, _now: identity.unchanged_password(db, user_id, password_hash),
    )


def _token(parts: Parts, claim: Mapping[str, Any]) -> Proof:
    text: str = claim["id"]
    grant = tokens.required(parts.database, text)

    def still_holds(db: Session, now: datetime) -> bool:
        identity.hold(db, grant.user_id)
        return tokens.validated(db, text, now) is not None

    return Proof(
        user_id=grant.user_id,
        default_project_id=None,
        methods=frozenset({"token", *grant.methods}),
        still_holds=still_holds,
        until=grant.expires_at,
        application_credential_id=grant.application_credential_id,
        project_id=grant.project_id if grant.application_credential_id else None,
    )


def _application_credential(parts: Parts, claim: Mapping[str, Any]) -> Proof:
    found = parts.database.read(lambda db: _credential(db, claim))
    secret_hash = found.secret_hash if found else None
    if not parts.passwords.match(claim["secret"], secret_hash) or found is None:
        raise Unauthorized
    credential_id, user_id = found.id, found.user_id

    def still_holds(db: Session, now: datetime) -> bool:
        identity.hold(db, user_id)
        return credentials.get(db, credential_id) is not None

    return Proof(
        user_id=user_id,
        default_project_id=None,
        methods=frozenset({"application_credential"}),
        still_holds=still_holds,
        until=found.expires_at,
        application_credential_id=credential_id,
        project_id=found.project_id,
    )


def _credential(db: Session, claim: Mapping[str, Any]) -> ApplicationCredential | None:
    """By its id, or by its name and its user."""
    if "id" in claim:
        return credentials.get(db, claim["id"])
    if "name" not in claim or "user" not in claim:
        raise BadRequest("Invalid input: an id, or a name and its user, is needed.")
    user = identity.user(db, reference(claim["user"]))
    found = credentials.of_user(db, user.id, claim["name"]) if user else []
    return found[0] if found else None


METHODS: Final[Mapping[str, Callable[[Parts, Mapping[str, Any]], Proof]]] = {
    "password": _password,
    "token": _token,
    "application_credential": _application_credential,
}
