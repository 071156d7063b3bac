"""A request's path, taken apart once: API version, project, and what the routes know."""

from dataclasses import dataclass
from typing import Any, Final

from minicloud.api.routes import NOUNS

_KEY: Final = "minicloud.place"
_VERSIONS: Final = ("v2.1", "v2")
_OPENAPI: Final = "/openapi"  # .json has gone by then


@dataclass(frozen=True)
class Place:
    version: str | None  # "v2.1" or "v2"; None: not below either
    project: str | None  # as the URL names it
    path: str  # "/servers/detail"; "" for the document of the version

    @property
    def legacy(self) -> bool:
        return self.version == "v2"

    @property
    def is_document(self) -> bool:
        """A document about the API: the one thing that needs no token."""
        return self.version is None or not self.path or self.is_openapi

    @property
    def is_openapi(self) -> bool:
        return self.path == _OPENAPI and self.version == "v2.1"


def place(environ: dict[str, Any]) -> Place:
    found: Place | None = environ.get(_KEY)
    if found is None:
        found = environ[_KEY] = split(environ.get("PATH_INFO", ""))
    return found


def split(path_info: str) -> Place:
    path = path_info.encode("latin-1").decode("utf-8", "replace").rstrip("/")
    path = path.removesuffix(".json")
    _, version, rest = (*path.split("/", 2), "", "")[:3]
    if version not in _VERSIONS:
        return Place(None, None, path)
    if not rest:
        return Place(version, None, "")
    first, _, below = rest.partition("/")
    if first not in NOUNS and below.partition("/")[0] in NOUNS:
        return Place(version, first, f"/{below}")
    return Place(version, None, f"/{rest}")
