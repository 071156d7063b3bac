"""Moves of servers from host to host, as they are read. Whoever moves them writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from minicloud.context import RequestContext
from minicloud.db.models import Instance, Migration

if TYPE_CHECKING:
    from minicloud.zones.base import Page


@dataclass(frozen=True)
class MigrationFilters:
    """What a listing is narrowed to; None: not narrowed by this."""

    host: str | None = None  # it comes from there or goes there
    equal: Mapping[str, str] = field(default_factory=dict)  # column -> value
    changes_since: datetime | None = None
    changes_before: datetime | None = None


@dataclass(frozen=True)
class MigrationView:
    """`dest_host`: the address of the host that it goes to."""

    row: Migration
    dest_host: str | None


class Migrations(Protocol):
    def list(
        self, context: RequestContext, filters: MigrationFilters, page: "Page"
    ) -> Sequence[MigrationView]:
        """Newest first; the marker is a uuid. BadRequest for one that is not there."""

    def of_server(self, context: RequestContext, server: Instance) -> Sequence[MigrationView]:
        """Its live migrations that are under way."""

    def one(self, context: RequestContext, server: Instance, ref: str) -> MigrationView:
        """One of those, by its number. MigrationNotFound, NotFound."""
