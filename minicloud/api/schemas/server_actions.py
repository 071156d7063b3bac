"""Bodies of POST /servers/{id}/action."""

from collections.abc import Mapping
from typing import Any, Final

from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import (
    BOOLEAN,
    CERTIFICATES,
    DESCRIPTION,
    HOST,
    HOSTNAME,
    LEGACY_NAME,
    METADATA,
    NAME,
    TEXT,
    UUID,
    closed,
)
from minicloud.api.versions import Since

_TYPES: Final = ["soft", "Soft", "SOFT", "hard", "Hard", "HARD"]
_DISK_CONFIG: Final = {"type": "string", "enum": ["AUTO", "MANUAL"]}
_PASSWORD: Final[dict[str, Any]] = {"type": "string", "maxLength": 255}
_ZONE: Final[dict[str, Any]] = {"type": "string", "minLength": 1, "maxLength": 255}
_HOST_OR_NONE: Final[dict[str, Any]] = {**HOST, "type": ["string", "null"]}


def _action(key: str, forms: Mapping[int, dict[str, Any]], **legacy: dict[str, Any]) -> Body:
    bodies = {since: closed({key: form}, (key,)) for since, form in forms.items()}
    old = closed({key: legacy["legacy"]}, (key,)) if legacy else None
    return Body(bodies, old)


def _or_null(form: dict[str, Any]) -> dict[str, Any]:
    return {**form, "type": ["object", "null"]}


REBOOT: Final = _action(
    "reboot", {1: closed({"type": {"type": "string", "enum": _TYPES}}, ("type",))}
)
CONSOLE_OUTPUT: Final = _action(
    "os-getConsoleOutput",
    {
        1: {
            "type": "object",
            "properties": {
                "length": {
                    "type": ["integer", "string", "null"],
                    "minimum": -1,
                    "maximum": 999_999_999,
                    "pattern": r"^(-1|[0-9]{1,9})\Z",
                }
            },
            "additionalProperties": False,
        }
    },
)
RESCUE: Final = _action(
    "rescue",
    {1: _or_null(closed({"adminPass": _PASSWORD, "rescue_image_ref": UUID}))},
)
CHANGE_PASSWORD: Final = _action(
    "changePassword", {1: closed({"adminPass": _PASSWORD}, ("adminPass",))}
)
CRASH_DUMP: Final = _action("trigger_crash_dump", {1: {"type": "null"}})
LOCK: Final = _action(
    "lock", {1: {}, Since.LOCKED_REASON: _or_null(closed({"locked_reason": TEXT}))}
)
RESET_STATE: Final = _action(
    "os-resetState",
    {1: closed({"state": {"type": "string", "enum": ["active", "error"]}}, ("state",))},
)
UNSHELVE: Final = _action(
    "unshelve",
    {
        1: {},
        Since.UNSHELVE_TO_ZONE: _or_null(
            closed({"availability_zone": _ZONE}, ("availability_zone",))
        ),
        Since.UNSHELVE_TO_HOST: _or_null(
            closed({"availability_zone": {**_ZONE, "type": ["string", "null"]}, "host": HOST})
            | {"minProperties": 1}
        ),
    },
)

_IMAGE_NAME: Final = {"name": NAME, "metadata": METADATA}
_OLD_IMAGE_NAME: Final = {"name": LEGACY_NAME, "metadata": METADATA}
_ROTATION: Final = {
    "type": ["integer", "string"],
    "pattern": r"^[0-9]{1,9}\Z",
    "minimum": 0,
    "maximum": 999_999_999,
}
CREATE_IMAGE: Final = _action(
    "createImage",
    {1: closed(_IMAGE_NAME, ("name",))},
    legacy=closed(_OLD_IMAGE_NAME, ("name",)),
)
CREATE_BACKUP: Final = _action(
    "createBackup",
    {
        1: closed(
            {**_IMAGE_NAME, "backup_type": {"type": "string"}, "rotation": _ROTATION},
            ("name", "backup_type", "rotation"),
        )
    },
)

_REBUILD: Final[dict[str, Any]] = {
    "name": NAME,
    "imageRef": {"type": "string", "minLength": 1, "maxLength": 2048},
    "adminPass": _PASSWORD,
    "metadata": METADATA,
    "preserve_ephemeral": BOOLEAN,
    "OS-DCF:diskConfig": _DISK_CONFIG,
    "accessIPv4": {"type": "string", "maxLength": 15},
    "accessIPv6": {"type": "string", "maxLength": 39},
}
_PERSONALITY: Final = {
    "type": "array",
    "items": closed({"path": TEXT, "contents": {"type": "string"}}, ("path", "contents")),
}


def _rebuild(*fields: dict[str, Any]) -> dict[str, Any]:
    known = dict(_REBUILD)
    for more in fields:
        known |= more
    return closed(known, ("imageRef",))


_OLD: Final = {"personality": _PERSONALITY}
_DESCRIBED: Final = {"description": DESCRIPTION}
_KEY: Final = {"key_name": {"type": ["string", "null"], "minLength": 1, "maxLength": 255}}
_USER_DATA: Final = {"user_data": {"type": ["string", "null"], "maxLength": 65535}}
_CERTIFICATES: Final = {"trusted_image_certificates": CERTIFICATES}
REBUILD: Final = _action(
    "rebuild",
    {
        1: _rebuild(_OLD),
        Since.DESCRIPTION: _rebuild(_OLD, _DESCRIBED),
        Since.KEY_ON_REBUILD: _rebuild(_OLD, _DESCRIBED, _KEY),
        Since.PERSONALITY_GONE: _rebuild(_DESCRIBED, _KEY, _USER_DATA),
        Since.TRUSTED_CERTIFICATES: _rebuild(_DESCRIBED, _KEY, _USER_DATA, _CERTIFICATES),
        Since.HOSTNAME: _rebuild(
            _DESCRIBED, _KEY, _USER_DATA, _CERTIFICATES, {"hostname": HOSTNAME}
        ),
        Since.FQDN: _rebuild(_DESCRIBED, _KEY, _USER_DATA, _CERTIFICATES, {"hostname": HOST}),
    },
    legacy=_rebuild(_OLD, {"name": LEGACY_NAME}),
)
RESIZE: Final = _action(
    "resize",
    {
        1: closed(
            {
                "flavorRef": {"type": ["string", "integer"], "minLength": 1, "maxLength": 2048},
                "OS-DCF:diskConfig": _DISK_CONFIG,
            },
            ("flavorRef",),
        )
    },
)
MIGRATE: Final = _action(
    "migrate", {1: {}, Since.MIGRATE_TO_HOST: _or_null(closed({"host": _HOST_OR_NONE}))}
)
_AUTO: Final = {**BOOLEAN, "enum": [*BOOLEAN["enum"], "auto"]}
_LIVE: Final = {"host": _HOST_OR_NONE, "block_migration": _AUTO}
_NEEDED: Final = ("block_migration", "host")
MIGRATE_LIVE: Final = _action(
    "os-migrateLive",
    {
        1: closed(
            {"host": _HOST_OR_NONE, "block_migration": BOOLEAN, "disk_over_commit": BOOLEAN},
            (*_NEEDED, "disk_over_commit"),
        ),
        Since.BLOCK_MIGRATION_AUTO: closed(_LIVE, _NEEDED),
        Since.LIVE_MIGRATION_CHECKED: closed({**_LIVE, "force": BOOLEAN}, _NEEDED),
        Since.NO_FORCE: closed(_LIVE, _NEEDED),
    },
)
_EVACUATE: Final = {"host": HOST, "adminPass": _PASSWORD}
EVACUATE: Final = _action(
    "evacuate",
    {
        1: closed({**_EVACUATE, "onSharedStorage": BOOLEAN}, ("onSharedStorage",)),
        Since.EVACUATE_PLAIN: closed(_EVACUATE),
        Since.EVACUATION_CHECKED: closed({**_EVACUATE, "force": BOOLEAN}),
        Since.NO_FORCE: closed(_EVACUATE),
    },
)
