"""Roles that imply others: the chain that Keystone's bootstrap makes, which is fixed here."""

from collections.abc import Iterable, Mapping
from typing import Final

import sqlalchemy as sa

from minicloud.db.models import Role

IMPLIES: Final[Mapping[str, str]] = {"admin": "manager", "manager": "member", "member": "reader"}


def implied(name: str) -> tuple[str, ...]:
    """What else the bearer of this role has."""
    below = IMPLIES.get(name)
    return () if below is None else (below, *implied(below))


def effective(names: Iterable[str]) -> tuple[str, ...]:
    """These roles and all that they imply, each once."""
    return tuple(dict.fromkeys(one for name in names for one in (name, *implied(name))))


def had_with(given: type[Role], role: type[Role]) -> sa.ColumnElement[bool]:
    """Whether who was given the one role has the other."""
    chains = (sa.and_(given.name == name, role.name.in_(implied(name))) for name in IMPLIES)
    return sa.or_(role.id == given.id, *chains)
