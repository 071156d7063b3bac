"""Times as Nova writes them."""

from datetime import datetime


def with_z(moment: datetime | None) -> str | None:
    """2026-01-31T12:00:00Z"""
    return None if moment is None else moment.isoformat("T", "seconds") + "Z"


def precise(moment: datetime | None) -> str | None:
    """2026-01-31T12:00:00.000000"""
    return None if moment is None else moment.isoformat("T", "microseconds")
