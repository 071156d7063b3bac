"""The shapes of request bodies. Keys that are not named are refused."""

from typing import Any

from minicloud.identity.passwords import MAX_CHARACTERS
from minicloud.runtime.wsgi import Schema

ID: Schema = {"type": "string", "minLength": 1, "maxLength": 64}
NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 255}
TEXT: Schema = {"type": ["string", "null"], "maxLength": 65535}
FLAG: Schema = {"type": "boolean"}
PASSWORD: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS}
_NO: Schema = {"enum": [False, None]}
_INDIFFERENT: Schema = {"type": ["boolean", "null"]}  # passwords neither expire nor lock out
NOTHING: dict[str, Schema] = {  # what clients send and mean nothing by
    "options": {
        "type": "object",
        "properties": {
            "ignore_change_password_upon_first_use": _INDIFFERENT,
            "ignore_password_expiry": _INDIFFERENT,
            "ignore_lockout_failure_attempts": _INDIFFERENT,
            "ignore_user_inactivity": _INDIFFERENT,
            "lock_password": _NO,
            "multi_factor_auth_enabled": _NO,
            "multi_factor_auth_rules": {"type": ["array", "null"], "maxItems": 0},
            "immutable": _NO,
        },
        "additionalProperties": False,
    },
    "tags": {"type": "array", "maxItems": 0},
    "links": {"type": "object"},
}


def only(required: tuple[str, ...] = (), /, **properties: Any) -> Schema:
    """An object with these keys and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def wrapped(noun: str, inner: Schema) -> Schema:
    """The usual body: one key, named for the noun."""
    return {"type": "object", "properties": {noun: inner}, "required": [noun]}


_DOMAIN = only(id=ID, name=NAME)
_USER = only(id=ID, name=NAME, domain=_DOMAIN, password=PASSWORD)
_ANYONE = only(id=ID, name=NAME, domain=_DOMAIN)
_PROJECT = only(id=ID, name=NAME, domain=_DOMAIN)
_SCOPE = {
    "oneOf": [
        {"const": "unscoped"},
        only(("unscoped",), unscoped={"type": "object"}),
        only(("project",), project=_PROJECT),
        only(("domain",), domain=_DOMAIN),
        only(("system",), system={"type": "object"}),
    ]
}
_IDENTITY: Schema = {
    "type": "object",
    "properties": {
        "methods": {
            "type": "array",
            "items": {"type": "string", "maxLength": 64},
            "minItems": 1,
            "maxItems": 8,
        },
        "password": only(("user",), user={**_USER, "required": ["password"]}),
        "application_credential": only(
            ("secret",), id=ID, name=NAME, user=_ANYONE, secret=PASSWORD
        ),
        "token": only(("id",), id={"type": "string", "minLength": 1, "maxLength": 4096}),
    },
    "required": ["methods"],
}
LOGIN = wrapped("auth", only(("identity",), identity=_IDENTITY, scope=_SCOPE))

NEW_CREDENTIAL = wrapped(
    "application_credential",
    only(
        ("name",),
        name=NAME,
        description=TEXT,
        secret={**PASSWORD, "type": ["string", "null"]},
        expires_at={"type": ["string", "null"], "maxLength": 64},
        roles={"type": "array", "items": only(id=ID, name=NAME, domain=_DOMAIN), "maxItems": 64},
        unrestricted={"type": ["boolean", "null"]},
        project_id=ID,
        access_rules={"type": ["array", "null"], "maxItems": 0},
        links={"type": "object"},
    ),
)

NEW_PASSWORD = wrapped(
    "user", only(("original_password", "password"), original_password=PASSWORD, password=PASSWORD)
)
