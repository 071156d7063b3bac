"""The version documents."""

from typing import Any, Final

from minicloud.api.versions import MAX

_MEDIA_TYPES: Final = [
    {
        "base": "application/json",
        "type": f"application/vnd.openstack.compute+json;version={version}",
    }
    for version in ("2", "2.1")
]
_KNOWN: Final[dict[str, dict[str, Any]]] = {
    "v2": {
        "id": "v2.0",
        "status": "SUPPORTED",
        "version": "",
        "min_version": "",
        "updated": "2011-01-21T11:33:21Z",
    },
    "v2.1": {
        "id": "v2.1",
        "status": "CURRENT",
        "version": f"2.{MAX}",
        "min_version": "2.1",
        "updated": "2013-07-23T11:33:21Z",
    },
}


def index(mount: str) -> dict[str, Any]:
    return {
        "versions": [
            known | {"links": [{"rel": "self", "href": f"{mount}/{name}/"}]}
            for name, known in _KNOWN.items()
        ]
    }


def show(mount: str, name: str) -> dict[str, Any]:
    links = [
        {"rel": "self", "href": f"{mount}/{name}/"},
        {"rel": "describedby", "type": "text/html", "href": "https://docs.openstack.org/"},
    ]
    media_types = _MEDIA_TYPES[:1] if name == "v2" else _MEDIA_TYPES[1:]
    return {"version": _KNOWN[name] | {"links": links, "media-types": media_types}}


def choices(mount: str, path: str) -> dict[str, Any]:
    return {
        "choices": [
            {
                "id": known["id"],
                "status": known["status"],
                "links": [{"rel": "self", "href": f"{mount}/{name}{path}"}],
                "media-types": _MEDIA_TYPES[:1] if name == "v2" else _MEDIA_TYPES[1:],
            }
            for name, known in _KNOWN.items()
        ]
    }
