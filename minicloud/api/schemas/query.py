"""What a query may hold, by version."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from minicloud import errors
from minicloud.api.faults import invalid, joined
from minicloud.api.versions import Since

_TEXT: Final = re.compile(r"[\s\S]{0,255}")
_TRUE: Final = frozenset({"1", "t", "true", "on", "y", "yes"})
_FALSE: Final = frozenset({"0", "f", "false", "off", "n", "no"})


@dataclass(frozen=True)
class Param:
    """One parameter: its form, and the version that brought it."""

    form: re.Pattern[str] = _TEXT
    since: int = 1
    until: int = 1000


TEXT: Final = Param()
NUMBER: Final = Param(re.compile(r"[0-9]{0,18}", re.ASCII))
PAGING: Final[Mapping[str, Param]] = {"limit": NUMBER, "marker": TEXT}


class Asked:
    """The parameters of one request that are known."""

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def get(self, name: str) -> str | None:
        """The last value."""
        values = self._values.get(name)
        return values[-1] if values else None

    def all(self, name: str) -> list[str]:
        return self._values.get(name, [])

    def names(self) -> Sequence[str]:
        return list(self._values)

    def flag(self, name: str) -> bool | None:
        """A word for yes or no; nothing where there is no such word."""
        text = self.get(name)
        return None if text is None else flag(name, text)

    def moment(self, name: str) -> datetime | None:
        text = self.get(name)
        return None if text is None else moment(name, text)

    def changed(self) -> tuple[datetime | None, datetime | None]:
        """From when to when what is listed was changed."""
        since, before = self.moment("changes-since"), self.moment("changes-before")
        if since and before and since > before:
            raise errors.BadRequest(
                "The value of changes-since must be less than or equal to changes-before."
            )
        return since, before


class Query:
    def __init__(self, params: Mapping[str, Param], strict_from: int = Since.STRICT) -> None:
        self._params = params
        self._strict_from = strict_from

    def at(self, version: int) -> dict[str, Param]:
        """The parameters that a version knows."""
        return {n: p for n, p in self._params.items() if p.since <= version <= p.until}

    def is_strict(self, version: int) -> bool:
        """Whether what is not known is refused; else it is passed over."""
        return version >= self._strict_from

    def check(self, pairs: Sequence[tuple[str, str]], version: int) -> Asked:
        values: dict[str, list[str]] = {}
        unknown: list[str] = []
        for name, value in pairs:
            param = self._params.get(name)
            if param is None or not param.since <= version <= param.until:
                unknown.append(name)
            elif param.form.fullmatch(value):
                values.setdefault(name, []).append(value)
            else:
                reason = f"'{value[:64]}' does not match '{param.form.pattern}'"
                raise invalid("query parameters", name, value, reason)
        if unknown and self.is_strict(version):
            raise errors.BadRequest(
                f"Additional properties are not allowed ({joined(unknown[:5])} unexpected)"
            )
        return Asked(values)


NOTHING: Final = Query({}, strict_from=Since.STRICT_EVERYWHERE)


def flag(name: str, text: str) -> bool:
    word = text.strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise invalid("query parameters", name, text, f"'{text[:64]}' is not a boolean")


def moment(name: str, text: str) -> datetime:
    """ISO 8601 with or without zone, as UTC without zone."""
    try:
        text = text.strip()  # a "+" that was not escaped arrives as a blank
        value = datetime.fromisoformat(text[:11] + text[11:].replace(" ", "+"))
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    except (ValueError, OverflowError):
        raise invalid(
            "query parameters", name, text, f"'{text[:64]}' is not a 'date-time'"
        ) from None


_INSTANTS: Final = (
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
)


def instant(text: str) -> datetime:
    """A time in one of the few forms that the oldest calls know, in UTC."""
    for form in _INSTANTS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    raise errors.BadRequest(f"Invalid datetime string: {text[:64]}")
