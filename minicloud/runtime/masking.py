"""What must not be told: values of fields that are secrets, wherever they are written."""

import re
from typing import Final

HIDDEN: Final = "***"
_SECRET: Final = re.compile(
    r"pass$|passw|secret|token|private_?key|user_?data|changePassword", re.IGNORECASE
)
_DEEPEST: Final = 16
_PAIR: Final = (
    re.compile(  # name and value as JSON, a Python dictionary, a header or a form has it
        r"""(['"]?[\w-]*(?:adminpass|passw(?:or)?d|secret|user_data|private_key|token)['"]?"""
        r"""\s*[:=]\s*)(?:b?'[^']*'|b?"[^"]*"|[^\s,;&}\])'"]+)""",
        re.IGNORECASE,
    )
)
_IN_URL: Final = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/@:]*:[^\s/@]*@", re.IGNORECASE)
_SIGNS: Final = re.compile(
    r"pass|secret|token|user_data|private_key|://", re.IGNORECASE
)  # most lines have none


def is_secret(name: object) -> bool:
    """Whether what bears this name is told to nobody."""
    return isinstance(name, str) and _SECRET.search(name) is not None


def without_secrets(value: object, depth: int = 0) -> object:
    """A document whose secrets, by the names of their fields, are hidden."""
    if depth > _DEEPEST:
        return HIDDEN
    if isinstance(value, dict):
        return {
            key: HIDDEN if is_secret(key) else without_secrets(item, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(item, depth + 1) for item in value]
    return value


def masked(text: str) -> str:
    """A line of a log: what follows the name of a secret, and passwords of URLs, are hidden."""
    if not _SIGNS.search(text):
        return text
    return _IN_URL.sub(rf"\1{HIDDEN}@", _PAIR.sub(rf"\1{HIDDEN}", text))
