"""Bodies and queries of servers."""

from typing import Any, Final

from minicloud.api.schemas import fields, server_tags
from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import closed
from minicloud.api.schemas.query import NUMBER, TEXT, Param, Query
from minicloud.api.versions import Since

_HINTS: Final[dict[str, Any]] = {
    "type": "object",
    "maxProperties": 32,
    "properties": {
        "group": fields.TEXT,  # a uuid, or a name where there are filters for that
        "different_host": {"$ref": "#/definitions/servers"},
        "same_host": {"$ref": "#/definitions/servers"},
        "query": {"type": ["string", "object"], "maxLength": 4096},
        "target_cell": fields.NAME,
        "different_cell": {
            "type": ["string", "array"],
            "maxItems": 100,
            "items": {"type": "string"},
        },
        "build_near_host_ip": {"type": "string", "maxLength": 39},
        "cidr": {"type": "string", "pattern": r"^/[0-9a-f.:]+\Z", "maxLength": 50},
    },
    "additionalProperties": True,
}
_DEFINITIONS: Final[dict[str, Any]] = {
    "servers": {"oneOf": [fields.UUID, {"type": "array", "maxItems": 100, "items": fields.UUID}]}
}

_DISK_CONFIG: Final[dict[str, Any]] = {"type": "string", "enum": ["AUTO", "MANUAL"]}
_IMAGE: Final[dict[str, Any]] = {
    "type": "string",
    "pattern": r"^(.{0,400}" + fields.UUID["pattern"][1:].replace(r"\Z", r")?\Z"),
}
_TAG: Final[dict[str, Any]] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 60,
    "pattern": r"^[^,/]*\Z",
}
_NETWORK: Final[dict[str, Any]] = {
    "uuid": fields.UUID,
    "port": {"oneOf": [fields.UUID, {"type": "null"}]},
    "fixed_ip": {"type": "string", "maxLength": 39},
}
_DEVICE: Final[dict[str, Any]] = {
    "virtual_name": {"type": "string", "maxLength": 255},
    "connection_info": {"type": "string", "maxLength": 16384},
    "boot_index": {"type": ["integer", "string", "null"], "pattern": r"^-?[0-9]{1,4}\Z"},
    "uuid": {"type": ["string", "null"], "maxLength": 64},
    "image_id": fields.UUID,
    "source_type": {"type": "string", "enum": ["volume", "image", "snapshot", "blank"]},
    "destination_type": {"type": "string", "enum": ["local", "volume"]},
    "delete_on_termination": fields.BOOLEAN,
    "volume_id": fields.UUID,
    "snapshot_id": fields.UUID,
    "volume_size": {"type": ["integer", "string"], "pattern": r"^[0-9]{1,9}\Z"},
    "device_name": {"type": ["string", "null"], "maxLength": 255},
    "device_type": {"type": ["string", "null"], "maxLength": 255},
    "disk_bus": {"type": ["string", "null"], "maxLength": 255},
    "guest_format": {"type": ["string", "null"], "maxLength": 255},
    "no_device": {},
}
_OLD_DEVICE: Final[dict[str, Any]] = {
    "virtual_name": {"type": "string", "maxLength": 255},
    "volume_id": fields.UUID,
    "snapshot_id": fields.UUID,
    "volume_size": {"type": ["integer", "string"], "pattern": r"^[0-9]{1,9}\Z"},
    "device_name": {"type": "string", "minLength": 1, "maxLength": 255},
    "delete_on_termination": fields.BOOLEAN,
    "no_device": {},
    "connection_info": {"type": "string", "maxLength": 16384},
}


def _networks(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "maxItems": 64, "items": closed(properties)}


def _networks_or_word(properties: dict[str, Any]) -> dict[str, Any]:
    word = {"type": "string", "enum": ["auto", "none"]}
    return {"oneOf": [_networks(properties), word]}


def _devices(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "maxItems": 64, "items": closed(properties)}


_CREATE: Final[dict[str, Any]] = {
    "name": fields.NAME,
    "imageRef": _IMAGE,
    "flavorRef": {"type": ["string", "integer"], "minLength": 1, "maxLength": 512},
    "adminPass": {"type": "string", "maxLength": 255},
    "metadata": fields.METADATA,
    "networks": _networks(_NETWORK),
    "OS-DCF:diskConfig": _DISK_CONFIG,
    "accessIPv4": fields.ADDRESS_V4,
    "accessIPv6": fields.ADDRESS_V6,
    "availability_zone": fields.TEXT,
    "block_device_mapping": _devices(_OLD_DEVICE),
    "block_device_mapping_v2": _devices(_DEVICE),
    "config_drive": fields.BOOLEAN,
    "key_name": fields.TEXT,
    "min_count": fields.COUNT,
    "max_count": fields.COUNT,
    "return_reservation_id": fields.BOOLEAN,
    "security_groups": {
        "type": "array",
        "maxItems": 64,
        "items": closed({"name": fields.TEXT}),
    },
    "user_data": {"type": "string", "maxLength": 65535},
    "personality": {
        "type": "array",
        "items": closed({"path": {"type": "string"}, "contents": {"type": "string"}}),
    },
}
_TAGGED_NETWORK: Final = _NETWORK | {"tag": _TAG}
_TAGGED_DEVICE: Final = _DEVICE | {"tag": _TAG}
_TYPED_DEVICE: Final = _TAGGED_DEVICE | {
    "volume_type": {"type": ["string", "null"], "maxLength": 255}
}

# version -> fields that are new or different from then on; None: no more
_CREATE_CHANGES: Final[dict[int, dict[str, Any]]] = {
    Since.DESCRIPTION: {"description": fields.DESCRIPTION},
    Since.DEVICE_TAGS: {
        "networks": _networks(_TAGGED_NETWORK),
        "block_device_mapping_v2": _devices(_TAGGED_DEVICE),
    },
    Since.DISK_TAGS_GONE: {"block_device_mapping_v2": _devices(_DEVICE)},
    Since.NETWORKS_REQUIRED: {"networks": _networks_or_word(_NETWORK)},
    Since.DEVICE_TAGS_BACK: {
        "networks": _networks_or_word(_TAGGED_NETWORK),
        "block_device_mapping_v2": _devices(_TAGGED_DEVICE),
    },
    Since.TAGS_AT_BOOT: {"tags": server_tags.ALL},
    Since.PERSONALITY_GONE: {"personality": None},
    Since.TRUSTED_CERTIFICATES: {
        "trusted_image_certificates": fields.CERTIFICATES,
    },
    Since.VOLUME_TYPE: {"block_device_mapping_v2": _devices(_TYPED_DEVICE)},
    Since.REQUESTED_HOST: {"host": fields.HOST, "hypervisor_hostname": fields.HOST},
    Since.HOSTNAME: {"hostname": fields.HOSTNAME},
    Since.FQDN: {"hostname": fields.HOST},
}

_LEGACY: Final = {
    "name": fields.LEGACY_NAME,
    "user_data": {"type": ["string", "null"], "maxLength": 65535},
}
_HINT_KEYS: Final = ("os:scheduler_hints", "OS-SCH-HNT:scheduler_hints")


def _create(properties: dict[str, Any], version: int) -> dict[str, Any]:
    required = ["name", "flavorRef"]
    if version >= Since.NETWORKS_REQUIRED:
        required.append("networks")
    body = {"server": closed(properties, tuple(required))} | dict.fromkeys(_HINT_KEYS, _HINTS)
    return closed(body, ("server",)) | {"definitions": _DEFINITIONS}


def _changed(properties: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: form for name, form in (properties | changes).items() if form is not None}


def _by_version() -> dict[int, dict[str, Any]]:
    schemas, properties = {1: _create(_CREATE, 1)}, _CREATE
    for version, changes in sorted(_CREATE_CHANGES.items()):
        properties = _changed(properties, changes)
        schemas[int(version)] = _create(properties, version)
    return schemas


CREATE: Final = Body(_by_version(), legacy=_create(_CREATE | _LEGACY, version=1))

_UPDATE: Final[dict[str, Any]] = {
    "name": fields.NAME,
    "OS-DCF:diskConfig": _DISK_CONFIG,
    "accessIPv4": fields.ADDRESS_V4,
    "accessIPv6": fields.ADDRESS_V6,
}
_PINNED: Final = {"pinned_availability_zone": {"oneOf": [fields.TEXT, {"type": "null"}]}}
_DESCRIBED: Final = _UPDATE | {"description": fields.DESCRIPTION}


def _update(properties: dict[str, Any]) -> dict[str, Any]:
    return closed({"server": closed(properties)}, ("server",))


UPDATE: Final = Body(
    {
        1: _update(_UPDATE),
        Since.DESCRIPTION: _update(_DESCRIBED),
        Since.HOSTNAME: _update(_DESCRIBED | {"hostname": fields.HOSTNAME}),
        Since.FQDN: _update(_DESCRIBED | {"hostname": fields.HOST}),
        Since.PINNED_ZONE_UPDATE: _update(_DESCRIBED | {"hostname": fields.HOST} | _PINNED),
    },
    legacy=_update(_UPDATE | {"name": fields.LEGACY_NAME}),
)

_FILTERS: Final = (
    *("reservation_id", "name", "status", "image", "flavor", "ip", "ip6", "changes-since"),
    *("availability_zone", "config_drive", "key_name", "created_at", "launched_at"),
    *("terminated_at", "power_state", "task_state", "vm_state", "progress", "user_id"),
    *("host", "node", "hostname", "launch_index", "uuid", "all_tenants", "project_id"),
    *("tenant_id", "deleted", "access_ip_v4", "access_ip_v6", "display_description"),
    *("auto_disk_config", "description", "kernel_id"),
    *("ramdisk_id", "root_device_name", "locked_by", "block_device_mapping", "services"),
    *("metadata", "system_metadata", "security_groups", "info_cache", "pci_devices"),
    *("image_ref", "display_name", "soft_deleted"),
)
_TAG_FILTERS: Final = ("tags", "tags-any", "not-tags", "not-tags-any")
LIST: Final = Query(
    dict.fromkeys(_FILTERS, TEXT)
    | dict.fromkeys(_TAG_FILTERS, Param(since=Since.TAGS))
    | {
        "locked": Param(since=Since.LOCKED_REASON),
        "changes-before": Param(since=Since.CHANGES_BEFORE),
        "limit": NUMBER,
        "marker": TEXT,
        "sort_key": TEXT,
        "sort_dir": TEXT,
    }
)
