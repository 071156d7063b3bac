"""sort_key and sort_dir, from a closed set."""

from collections.abc import Mapping, Sequence

from minicloud.api.faults import invalid
from minicloud.api.schemas.query import Asked


def sorting(
    asked: Asked, keys: Mapping[str, str | None], default: tuple[str, str]
) -> Sequence[tuple[str, str]]:
    """Pairs of column and direction. A key without a column is let pass and sorts nothing."""
    dirs = [_direction(text) for text in asked.all("sort_dir")]
    usual = dirs[0] if dirs else default[1]
    pairs = []
    for place, key in enumerate(asked.all("sort_key")):
        if key not in keys:
            raise invalid("query parameters", "sort_key", key, "this is no key to sort by")
        column = keys[key]
        if column is not None:
            pairs.append((column, dirs[place] if place < len(dirs) else usual))
    return pairs or [(default[0], usual)]


def _direction(text: str) -> str:
    word = text.lower()
    if word not in ("asc", "desc"):
        raise invalid("query parameters", "sort_dir", text, "it must be 'asc' or 'desc'")
    return word
