"""What API handlers ask of a zone about flavors. See zones/base.py.

A flavor that is not public is there for the projects that have access; with `anywhere`, for all.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from minicloud.context import RequestContext
from minicloud.db import models

if TYPE_CHECKING:
    from minicloud.zones.base import Page


class Flavors(Protocol):
    def list(
        self, context: RequestContext, filters: Mapping[str, Any], page: "Page"
    ) -> Sequence[models.Flavor]:
        """filters: is_public (True: with those the caller's project has access to), disabled,
        min_ram_mb, min_disk_gb, name (a regular expression). BadRequest for a marker."""

    def show(
        self, context: RequestContext, flavorid: str, *, anywhere: bool = False
    ) -> models.Flavor:
        """FlavorNotFound."""

    def create(self, context: RequestContext, facts: Mapping[str, Any]) -> models.Flavor:
        """`facts`: columns of Flavor. FlavorExists."""

    def describe(
        self, context: RequestContext, flavorid: str, description: str | None
    ) -> models.Flavor:
        """FlavorNotFound."""

    def delete(self, context: RequestContext, flavorid: str) -> None:
        """FlavorNotFound."""

    def set_specs(
        self, context: RequestContext, flavorid: str, changes: Mapping[str, str]
    ) -> None:
        """Merge extra specs in. FlavorNotFound."""

    def delete_spec(self, context: RequestContext, flavorid: str, key: str) -> None:
        """FlavorNotFound, FlavorSpecNotFound."""

    def access(self, context: RequestContext, flavorid: str) -> Sequence[str]:
        """The projects that have access. FlavorNotFound; NotFound for a public one."""

    def add_access(
        self, context: RequestContext, flavorid: str, project_id: str, *, to_public: bool
    ) -> Sequence[str]:
        """FlavorNotFound, FlavorAccessExists; Conflict for a public one, unless `to_public`."""

    def remove_access(
        self, context: RequestContext, flavorid: str, project_id: str
    ) -> Sequence[str]:
        """FlavorNotFound, FlavorAccessNotFound."""
