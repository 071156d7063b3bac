"""What every database says in words of its own: expressions of clients, JSON without a key."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from oslo_db.exception import DBConnectionError, DBDeadlock, DBError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import InstrumentedAttribute, Session

from minicloud import errors

_PASSING: Final = (DBConnectionError, DBDeadlock)  # tried again by whoever began the transaction


class _Jsonb(sa.types.UserDefinedType[Any]):
    """PostgreSQL's; SQLAlchemy's own comes with all of its dialects, at every start."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "JSONB"


def matches(column: InstrumentedAttribute[str], expression: str) -> sa.ColumnElement[bool]:
    """As in Nova the database decides what an expression means; a plain word is searched for."""
    if not set(expression) & set("\\^$.|?*+()[]{}"):
        return column.contains(expression, autoescape=True)
    return column.regexp_match(expression)


@contextmanager
def refused_expressions(filters: Mapping[str, str | None]) -> Iterator[None]:
    """BadRequest where the database cannot make anything of an expression that was asked for.

    SQLite and MariaDB report that as an operational error, which oslo.db passes on as it is.
    """
    try:
        yield
    except _PASSING:
        raise
    except (DBError, OperationalError) as error:
        for name, expression in filters.items():
            if expression:
                raise errors.BadRequest(f"Invalid filter {name}: {expression}") from error
        raise


def without(db: Session, column: InstrumentedAttribute[Any], key: str) -> sa.ColumnElement[Any]:
    """The JSON object of a column without one of its keys; what is no object stays as it is."""
    if db.get_bind().dialect.name != "postgresql":
        return sa.func.json_remove(column, f"$.{key}")
    plain = sa.cast(sa.cast(column, _Jsonb()).op("-")(sa.literal(key, sa.Text)), sa.JSON)
    return sa.case((sa.func.json_typeof(column) == "object", plain), else_=column)
