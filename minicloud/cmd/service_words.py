"""How ages are told, and who says which services live."""

from typing import Final

from minicloud.runtime.masking import masked
from minicloud.servicegroup.base import Store

WIDTH_OF_A_PIPE: Final = 200  # of tables where no terminal has one
_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "min"))


def lasted(seconds: float) -> str:
    """3 s"""
    whole = max(round(seconds), 0)
    for size, unit in _UNITS:
        if whole >= 2 * size:
            return f"{whole // size} {unit}"
    return f"{whole} s"


def ago(seconds: float | None) -> str:
    """3 s ago"""
    return "-" if seconds is None else f"{lasted(seconds)} ago"


def kept_by(store: Store) -> str:
    """Who says so, where that is, and whether it can be asked."""
    who = f"said by {store.driver} at {store.address}"
    if store.away_s is not None:
        why = f" ({masked(store.trouble)})" if store.trouble else ""
        if not store.away_s:
            return f"{who}, unreachable{why}: who lives is not known"
        return f"{who}, unreachable for {lasted(store.away_s)}{why}: shown is what was known then"
    if store.settles_s > 0:
        return f"{who}, which is back: nobody is called down for {lasted(store.settles_s)} yet"
    return f"{who}, which answers"
