"""Regular expressions of clients, as the database understands them."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from oslo_db.exception import DBError
from sqlalchemy.orm import InstrumentedAttribute

from minicloud import errors


def matches(column: InstrumentedAttribute[str], expression: str) -> sa.ColumnElement[bool]:
    """As in Nova the database decides what an expression means; a plain word is searched for."""
    if not set(expression) & set("\\^$.|?*+()[]{}"):
        return column.contains(expression, autoescape=True)
    return column.regexp_match(expression)


@contextmanager
def refused_expression(expression: str | None) -> Iterator[None]:
    """BadRequest where the database cannot make anything of it."""
    try:
        yield
    except DBError as error:
        if not expression:
            raise
        raise errors.BadRequest(f"Invalid filter name: {expression}") from error
