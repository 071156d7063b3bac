"""What can be asked of a server that is there."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from minicloud.context import RequestContext
from minicloud.db import models

Judge = Callable[[models.Instance], None]


class Acts(Protocol):
    """InvalidState, NeverActive, InstanceNotReady, InstanceLocked where it cannot be now."""

    def act(
        self,
        context: RequestContext,
        server: models.Instance,
        action: str,
        wish: Mapping[str, Any] | None = None,
    ) -> None:
        """Start an action of instance_states.ACTIONS. What it may wish for:

        resize: flavor, disk_config; migrate, live_migrate: host, force; evacuate: host, force,
        stay_off, password_hash; rebuild: image, facts (columns), password_hash; rescue: image,
        password_hash; create_image: name, image_id, metadata; create_backup: and backup_type,
        rotation; unshelve: availability_zone, host; change_password: password_hash.
        """

    def delete(self, context: RequestContext, server: models.Instance) -> None:
        """For good, or so that it can be restored for a while."""

    def lock(self, context: RequestContext, server: models.Instance, reason: str | None) -> None:
        """Only an administrator may act on it now, or who locked it may unlock it."""

    def unlock(
        self, context: RequestContext, server: models.Instance, may: Judge | None = None
    ) -> None:
        """`may` raises when the caller may not unlock the server as it is at that moment."""

    def reset_state(self, context: RequestContext, server: models.Instance, vm_state: str) -> None:
        """Say what it is, whatever it is; no host does anything."""

    def abort_migration(
        self, context: RequestContext, server: models.Instance, migration_id: int
    ) -> None:
        """MigrationNotFound, InvalidMigrationState."""

    def force_complete_migration(
        self, context: RequestContext, server: models.Instance, migration_id: int
    ) -> None:
        """MigrationNotFound, InvalidMigrationState."""
