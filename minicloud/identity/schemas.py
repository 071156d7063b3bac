"""The shapes of request bodies. Keys that are not named are refused."""

from typing import Any

from minicloud.identity.passwords import MAX_CHARACTERS
from minicloud.runtime.wsgi import Schema

ID: Schema = {"type": "string", "minLength": 1, "maxLength": 64}
NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 255}
TEXT: Schema = {"type": ["string", "null"], "maxLength": 65535}
FLAG: Schema = {"type": "boolean"}
PASSWORD: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS}
NOTHING: dict[str, Schema] = {  # what clients send and mean nothing by
    "options": {"type": "object", "maxProperties": 0},
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
        "token": only(("id",), id={"type": "string", "minLength": 1, "maxLength": 4096}),
    },
    "required": ["methods"],
}
LOGIN = wrapped("auth", only(("identity",), identity=_IDENTITY, scope=_SCOPE))

NEW_PASSWORD = wrapped(
    "user", only(("original_password", "password"), original_password=PASSWORD, password=PASSWORD)
)
