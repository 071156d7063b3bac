"""The fields that bodies have in common."""

from typing import Any, Final

# Printable, not blank at either end.
NAME: Final[dict[str, Any]] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": r"^(?! )[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*(?<![ \n])\Z",
}
LEGACY_NAME: Final[dict[str, Any]] = NAME | {
    "pattern": r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*\Z"
}
TEXT: Final[dict[str, Any]] = {"type": "string", "minLength": 1, "maxLength": 255}
DESCRIPTION: Final[dict[str, Any]] = {
    "type": ["string", "null"],
    "maxLength": 255,
    "pattern": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*\Z",
}
UUID: Final[dict[str, Any]] = {
    "type": "string",
    "pattern": (
        r"^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\Z"
    ),
}
COUNT: Final[dict[str, Any]] = {
    "type": ["integer", "string"],
    "pattern": r"^[1-9][0-9]{0,8}\Z",
    "minimum": 1,
    "maximum": 999_999_999,
}
BOOLEAN: Final[dict[str, Any]] = {
    "type": ["boolean", "string"],
    "enum": [
        *(True, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes"),
        *(False, "False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no"),
    ],
}
METADATA: Final[dict[str, Any]] = {
    "type": "object",
    "patternProperties": {r"^[a-zA-Z0-9-_:. ]{1,255}\Z": {"type": "string", "maxLength": 255}},
    "additionalProperties": False,
}
HOST: Final[dict[str, Any]] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": r"^[a-zA-Z0-9-._]+\Z",
}
HOSTNAME: Final[dict[str, Any]] = {  # that of a guest; with its domain it may be as a HOST is
    "type": "string",
    "minLength": 2,
    "maxLength": 63,
    "pattern": r"^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+\Z",
}
CERTIFICATES: Final[dict[str, Any]] = {
    "type": ["array", "null"],
    "minItems": 1,
    "maxItems": 50,
    "uniqueItems": True,
    "items": TEXT,
}
ADDRESS_V4: Final[dict[str, Any]] = {"type": "string", "maxLength": 15}
ADDRESS_V6: Final[dict[str, Any]] = {"type": "string", "maxLength": 39}


def is_true(value: bool | str | None) -> bool:
    """What BOOLEAN stands for."""
    return value if isinstance(value, bool) else str(value).lower() in ("true", "1", "on", "yes")


def closed(properties: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
