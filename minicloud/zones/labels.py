"""What owners write on servers: metadata and tags.

Each of the writing verbs may raise ServerNotFound, InstanceLocked and InvalidState.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from minicloud.context import RequestContext
from minicloud.db.models import Instance


class Labels(Protocol):
    def merge_metadata(
        self, context: RequestContext, server: Instance, items: Mapping[str, str]
    ) -> Mapping[str, str]:
        """All of the metadata afterwards. TooMuchMetadata."""

    def replace_metadata(
        self, context: RequestContext, server: Instance, items: Mapping[str, str]
    ) -> Mapping[str, str]:
        """TooMuchMetadata."""

    def delete_metadata(self, context: RequestContext, server: Instance, key: str) -> None:
        """NotFound."""

    def tags(self, context: RequestContext, server: Instance) -> Sequence[str]: ...

    def replace_tags(
        self, context: RequestContext, server: Instance, tags: Sequence[str]
    ) -> Sequence[str]: ...

    def clear_tags(self, context: RequestContext, server: Instance) -> None: ...

    def add_tag(self, context: RequestContext, server: Instance, tag: str) -> bool:
        """False: it was there already. BadRequest for one more than a server may have."""

    def delete_tag(self, context: RequestContext, server: Instance, tag: str) -> None:
        """TagNotFound."""
