"""What the nouns of the identity service have in common: list, show, create, change, delete."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar
from uuid import uuid4

import webob
from sqlalchemy.orm import Session

from minicloud.db import revision, rows
from minicloud.db.models import Base
from minicloud.db.tokens import Grant
from minicloud.errors import BadRequest, NotFound
from minicloud.identity.parts import Parts
from minicloud.identity.schemas import NOTHING, only, wrapped
from minicloud.runtime.wsgi import Call, Route, Schema, done, shown

M = TypeVar("M", bound=Base)


class Collection(ABC, Generic[M]):
    """One noun. A subclass says what it is made of, and what is special about it."""

    model: type[M]
    noun: ClassVar[str]
    nouns: ClassVar[str]
    filters: ClassVar[tuple[str, ...]] = ()
    fields: ClassVar[Mapping[str, Schema]]  # what a body may set
    required: ClassVar[tuple[str, ...]] = ()
    fixed: ClassVar[frozenset[str]] = frozenset()  # fields that a change may not touch

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        allowed = {key: self.fields[key] for key in self.fields if key not in self.fixed}
        self._new = wrapped(self.noun, only(self.required, **self.fields, **NOTHING))
        self._change = wrapped(self.noun, only(**allowed, **NOTHING))

    def routes(self) -> list[Route]:
        many, one = f"/v3/{self.nouns}", f"/v3/{self.nouns}/{{id}}"
        return [
            Route("GET", many, self.list),
            Route("POST", many, self.create),
            Route("GET", one, self.show),
            Route("PATCH", one, self.update),
            Route("DELETE", one, self.delete),
        ]

    def list(self, call: Call) -> webob.Response:
        self.may_list(call)
        asked = self.asked(call)
        found = self.parts.database.read(lambda db: rows.listed(db, self.model, asked))
        listed = [self.view(call, row) for row in found]
        return shown(collection_view(call, self.nouns, listed))

    def show(self, call: Call) -> webob.Response:
        ident = call.path["id"]
        self.may_show(call, ident)
        row = self.parts.database.read(lambda db: self.found(db, ident))
        return shown({self.noun: self.view(call, row)})

    def create(self, call: Call) -> webob.Response:
        grant = self.parts.admin(call)
        values = self.column_values(self._body(call, self._new))
        values.setdefault("id", uuid4().hex)

        def work(db: Session, again: bool) -> M:
            made = rows.get(db, self.model, values["id"]) if again else None
            if made is not None:
                return made
            self.check(db, values, grant)
            row = self.model(**values)
            rows.insert(db, row)
            return row

        row = self.parts.database.write_once(work, f"identity.create_{self.noun}")
        return shown({self.noun: self.view(call, row)}, 201)

    def update(self, call: Call) -> webob.Response:
        grant, ident = self.parts.admin(call), call.path["id"]
        values = self.column_values(self._body(call, self._change))

        def work(db: Session) -> M:
            self.check(db, values, grant)
            self.change(db, ident, values)
            return self.found(db, ident)

        row = self.parts.database.write(work, f"identity.update_{self.noun}")
        return shown({self.noun: self.view(call, row)})

    def delete(self, call: Call) -> webob.Response:
        self.parts.admin(call)
        ident = call.path["id"]

        def work(db: Session, again: bool) -> None:
            if again and rows.get(db, self.model, ident) is None:
                return
            self.found(db, ident)
            self.remove(db, ident)

        self.parts.database.write_once(work, f"identity.delete_{self.noun}")
        return done()

    def found(self, db: Session, ident: str) -> M:
        row = rows.get(db, self.model, ident)
        if row is None:
            raise NotFound(f"Could not find {self.noun}: {ident[:255]}.")
        return row

    # What a noun may do differently.

    def asked(self, call: Call) -> dict[str, Any]:
        """The columns and values that a list is narrowed to."""
        return {key: _value(key, call.query[key]) for key in self.filters if key in call.query}

    def may_list(self, call: Call) -> None:
        self.parts.admin(call)

    def may_show(self, call: Call, ident: str) -> None:
        self.parts.admin(call)

    @abstractmethod
    def view(self, call: Call, row: M) -> dict[str, Any]:
        """The row as clients read it."""

    def column_values(self, body: dict[str, Any]) -> dict[str, Any]:
        """What a body means in columns."""
        return {
            key: "" if key == "description" and body[key] is None else body[key] for key in body
        }

    def check(self, db: Session, values: dict[str, Any], grant: Grant) -> None:
        """Refuse, or complete, what is to be written."""

    def change(self, db: Session, ident: str, values: dict[str, Any]) -> None:
        rows.update(db, self.model, ident, values)
        revision.count(db)

    def remove(self, db: Session, ident: str) -> None:
        rows.delete(db, self.model, ident)

    def _body(self, call: Call, schema: Schema) -> dict[str, Any]:
        body: dict[str, Any] = call.read(schema)[self.noun]
        return {key: body[key] for key in body if key not in NOTHING}


def collection_view(call: Call, nouns: str, listed: list[dict[str, Any]]) -> dict[str, Any]:
    links = {"self": call.link().removesuffix("?"), "next": None, "previous": None}
    return {nouns: listed, "links": links}


def self_link(call: Call, nouns: str, ident: str) -> dict[str, str]:
    return {"self": f"{call.here}/v3/{nouns}/{ident}"}


def _value(key: str, text: str) -> str | bool:
    if key != "enabled":
        return text
    if text.lower() not in ("true", "1", "false", "0", ""):
        raise BadRequest("Invalid input: enabled is true or false.")
    return text.lower() in ("true", "1", "")
