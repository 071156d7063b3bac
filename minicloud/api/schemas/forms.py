"""Texts that must be something: an address, base64, a regular expression, a uuid."""

import base64
import binascii
import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from uuid import UUID

from minicloud.api.faults import invalid
from minicloud.runtime.masking import HIDDEN


def address(name: str, text: str, version: int) -> str:
    """The address in its usual form."""
    found = _address(text)
    if found is None or found.version != version:
        raise invalid("field/attribute", name, text, f"'{text}' is not a 'ipv{version}'")
    return str(found)


def any_address(name: str, text: str) -> str:
    """The same for either family."""
    found = _address(text)
    if found is None:
        raise invalid("field/attribute", name, text, f"'{text}' is no IP address")
    return str(found)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return None if "%" in text else ip_address(text)
    except ValueError:
        return None


def base64_text(name: str, text: str) -> str:
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise invalid("field/attribute", name, HIDDEN, "it is not base64") from None
    return text


def regex(name: str, text: str) -> str:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError):
        reason = f"'{text[:64]}' is not a 'regex'"
        raise invalid("query parameters", name, text, reason) from None
    return text


def is_uuid(text: str) -> bool:
    """In the form with dashes."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
