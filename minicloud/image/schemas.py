"""The shapes of bodies, and the description of them that clients ask for."""

from typing import Any, Final

import webob

from minicloud.db.images import PROPERTY_NAME
from minicloud.runtime.wsgi import Call, Schema, shown

_CONTAINERS = [None, "ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"]
_DISKS = [None, "ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"]
_SIZE: Schema = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}
_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
TAG: Schema = {"type": "string", "minLength": 1, "maxLength": 255}

SETTABLE: Final[dict[str, Schema]] = {
    "name": {"type": ["string", "null"], "maxLength": 255},
    "visibility": {"enum": ["public", "private", "shared", "community"]},
    "protected": {"type": "boolean"},
    "disk_format": {"enum": _DISKS},
    "container_format": {"enum": _CONTAINERS},
    "min_disk": _SIZE,
    "min_ram": _SIZE,
    "tags": {"type": "array", "items": TAG, "maxItems": 128},
    "owner": {"type": "string", "minLength": 1, "maxLength": 64},
    "os_hidden": {"type": "boolean"},
}
ONCE: Final[dict[str, Schema]] = {"id": {"type": "string", "pattern": _UUID, "maxLength": 36}}
_TEXT: Schema = {"type": ["string", "null"], "readOnly": True}
_COUNT: Schema = {"type": ["integer", "null"], "readOnly": True}
READ_ONLY: Final[dict[str, Schema]] = {
    **dict.fromkeys(("status", "checksum", "os_hash_algo", "os_hash_value"), _TEXT),
    **dict.fromkeys(("created_at", "updated_at", "self", "file", "schema"), _TEXT),
    **dict.fromkeys(("direct_url", "stores"), _TEXT),
    **dict.fromkeys(("size", "virtual_size"), _COUNT),
    "locations": {"type": "array", "readOnly": True},
}
_PROPERTY: Schema = {"type": "string", "maxLength": 65535}

OBJECT: Final[Schema] = {"type": "object", "maxProperties": 256}
WRITTEN: Final[Schema] = {
    **OBJECT,
    "properties": {**SETTABLE, **ONCE},
    "propertyNames": {"pattern": PROPERTY_NAME},
    "additionalProperties": _PROPERTY,
}
_PATH: Schema = {"type": "string", "pattern": "^/[^/]+(/[^/]+)?$", "maxLength": 512}
OLD_PATCH: Final[Schema] = {
    "type": "array",
    "maxItems": 512,
    "items": {
        "type": "object",
        "properties": {"add": _PATH, "replace": _PATH, "remove": _PATH, "value": {}},
        "oneOf": [{"required": [op]} for op in ("add", "replace", "remove")],
        "additionalProperties": False,
    },
}
PATCH: Final[Schema] = {
    "type": "array",
    "maxItems": 512,
    "items": {
        "type": "object",
        "properties": {
            "op": {"enum": ["add", "replace", "remove"]},
            "path": _PATH,
            "value": {},
        },
        "required": ["op", "path"],
        "additionalProperties": False,
    },
}


def _image() -> dict[str, Any]:
    return {
        "name": "image",
        "properties": {**SETTABLE, **ONCE, **READ_ONLY},
        "additionalProperties": _PROPERTY,
        "links": [
            {"rel": "self", "href": "{self}"},
            {"rel": "enclosure", "href": "{file}"},
            {"rel": "describedby", "href": "{schema}"},
        ],
    }


def image(_call: Call) -> webob.Response:
    return shown(_image())


_MEMBER: Final[dict[str, Any]] = {
    "name": "member",
    "properties": {
        "member_id": {"type": "string"},
        "image_id": {"type": "string"},
        "status": {"type": "string", "enum": ["pending", "accepted", "rejected"]},
        "created_at": {"type": "string", "readOnly": True},
        "updated_at": {"type": "string", "readOnly": True},
        "schema": {"type": "string", "readOnly": True},
    },
}


def member(_call: Call) -> webob.Response:
    return shown(_MEMBER)


def members(_call: Call) -> webob.Response:
    return shown(
        {
            "name": "members",
            "properties": {
                "members": {"type": "array", "items": _MEMBER},
                "schema": {"type": "string"},
            },
            "links": [{"rel": "describedby", "href": "{schema}"}],
        }
    )


def import_methods(call: Call) -> webob.Response:
    """No other way in than the upload of the file."""
    return shown(
        {"import-methods": {"description": "Import methods", "type": "array", "value": []}}
    )


def images(_call: Call) -> webob.Response:
    return shown(
        {
            "name": "images",
            "properties": {
                "images": {"type": "array", "items": _image()},
                "first": {"type": "string"},
                "next": {"type": "string"},
                "schema": {"type": "string"},
            },
            "links": [
                {"rel": "first", "href": "{first}"},
                {"rel": "next", "href": "{next}"},
                {"rel": "describedby", "href": "{schema}"},
            ],
        }
    )
