"""Who asks: two projects, and in them users with each role, with real tokens."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from minicloud.db import tokens
from minicloud.db.engine import Database
from minicloud.db.models import Project, Role, RoleAssignment, Token, User
from minicloud.identity.bootstrap import DOMAIN_ID

NORTH, SOUTH = "north", "south"


@dataclass(frozen=True)
class Persona:
    """`home`: whose things are its own."""

    name: str
    role: str  # of ROLES; "" for whoever is nobody
    home: str
    token: str | None
    user_id: str = ""
    project_id: str = ""
    own: dict[str, str] = field(default_factory=dict)  # what is the user's alone, by its kind

    def __str__(self) -> str:
        return self.name


@dataclass
class Side:
    """A project, and its things by their kind."""

    project_id: str
    names: dict[str, str] = field(default_factory=dict)


class People:
    def __init__(self, database: Database) -> None:
        self._database = database
        self.sides: dict[str, Side] = {}

    def all(self) -> list[Persona]:
        roles = {row.name: row.id for row in self._rows(Role)}
        projects = {row.name: row.id for row in self._rows(Project)}
        for side in (NORTH, SOUTH):
            self.sides[side] = Side(uuid4().hex)
            project = Project(
                id=self.sides[side].project_id, domain_id=DOMAIN_ID, name=f"project {side}"
            )
            self._database.write(lambda db, row=project: db.add(row))  # type: ignore[misc]
        people = [
            ("admin", "admin", NORTH, projects["admin"]),
            ("service", "service", NORTH, projects["service"]),
            *((role, role, NORTH, None) for role in ("manager", "member", "reader")),
            ("second member", "member", NORTH, None),
            *((f"other {role}", role, SOUTH, None) for role in ("manager", "member", "reader")),
        ]
        made = [self._person(*person, roles[person[1]]) for person in people]
        member = next(persona for persona in made if persona.name == "member")
        return [
            Persona("nobody", "", NORTH, None),
            Persona("forged", "", NORTH, "gAAAAAB" + "x" * 36),
            Persona("expired", "", NORTH, self._expired(member)),
            Persona("revoked", "", NORTH, self._revoked(member)),
            *made,
        ]

    def _rows(self, model: Any) -> Any:
        return self._database.read(lambda db: list(db.scalars(sa.select(model))))

    def _person(
        self, name: str, role: str, home: str, project_id: str | None, role_id: str
    ) -> Persona:
        project_id = project_id or self.sides[home].project_id
        now, user_id = self._database.now(), uuid4().hex
        user = User(
            id=user_id,
            domain_id=DOMAIN_ID,
            name=f"{name} {home}",
            password_hash="",
            valid_from=now,
        )
        assignment = RoleAssignment(user_id=user_id, project_id=project_id, role_id=role_id)
        self._database.write(lambda db: db.add_all([user, assignment]))
        token, _grant = self._token(user_id, project_id)
        own = {"user": user_id, "own_token": token}
        return Persona(name, role, home, token, user_id, project_id, own)

    def _token(self, user_id: str, project_id: str) -> tuple[str, tokens.Grant]:
        now = self._database.now()
        until = now + timedelta(hours=1)
        issued = self._database.write(
            lambda db: tokens.issue(db, user_id, project_id, ["password"], now, until)
        )
        assert issued is not None
        return issued

    def _expired(self, persona: Persona) -> str:
        token, grant = self._token(persona.user_id, persona.project_id)
        change = sa.update(Token).where(Token.audit_id == grant.audit_id)
        over = self._database.now()
        self._database.write(lambda db: db.execute(change.values(expires_at=over)))
        return token

    def _revoked(self, persona: Persona) -> str:
        token, _grant = self._token(persona.user_id, persona.project_id)
        assert self._database.write(lambda db: tokens.revoke(db, token))
        return token
