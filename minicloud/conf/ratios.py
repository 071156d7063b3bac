"""The type of options that are lists of `name=number`."""

import math
from collections.abc import Iterable
from typing import Any

from oslo_config import types


def parsed(text: str) -> tuple[str, float]:
    """The name and the number; ValueError."""
    name, sign, number = (part.strip() for part in text.partition("="))
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not name or not sign or not math.isfinite(value):
        raise ValueError(f"{text!r} is not of the form name=number")
    return name, value


def all_of(texts: Iterable[str]) -> dict[str, float]:
    """What an option says; the last of the same name counts."""
    return dict(parsed(text) for text in texts)


class RatioText(types.String):  # type: ignore[misc]
    """Refuses at the start what is not of the form; `all_of` reads it."""

    def __call__(self, value: Any) -> str:
        text: str = super().__call__(value)
        parsed(text)
        return text
