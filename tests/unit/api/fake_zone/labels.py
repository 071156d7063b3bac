"""Metadata and tags."""

from collections.abc import Mapping, Sequence

from minicloud.context import RequestContext
from minicloud.db import models


class FakeLabels:
    """Nothing is kept; tests/functional/test_server_labels.py has the real ones."""

    def merge_metadata(
        self, context: RequestContext, server: models.Instance, items: Mapping[str, str]
    ) -> Mapping[str, str]:
        return {**server.meta, **items}

    def replace_metadata(
        self, context: RequestContext, server: models.Instance, items: Mapping[str, str]
    ) -> Mapping[str, str]:
        return items

    def delete_metadata(
        self, context: RequestContext, server: models.Instance, key: str
    ) -> None: ...

    def tags(self, context: RequestContext, server: models.Instance) -> Sequence[str]:
        return []

    def replace_tags(
        self, context: RequestContext, server: models.Instance, tags: Sequence[str]
    ) -> Sequence[str]:
        return tags

    def clear_tags(self, context: RequestContext, server: models.Instance) -> None: ...

    def add_tag(self, context: RequestContext, server: models.Instance, tag: str) -> bool:
        return True

    def delete_tag(self, context: RequestContext, server: models.Instance, tag: str) -> None: ...
