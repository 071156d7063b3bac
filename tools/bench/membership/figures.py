"""What the benchmark of the service group has printed, as tables and as a picture."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tools.bench.figures import drawn, read

__all__ = ["picture", "read", "tables"]

Rows = Sequence[Mapping[str, Any]]
_COLUMNS = {
    "load": {
        "driver": "driver",
        "members": "members",
        "agents": "agents",
        "store_writes_per_s": "writes/s, store",
        "database_writes_per_s": "writes/s, database",
        "store_cpu_percent": "CPU %, store",
        "database_cpu_percent": "CPU %, database",
        "members_cpu_percent": "CPU %, members",
        "reader_cpu_percent": "CPU %, who asks",
        "get_all_us": "get_all, µs",
        "looks_that_missed_any": "looks that missed any",
    },
    "kills": {
        "driver": "driver",
        "ttl_s": "ttl, s",
        "kills": "kills",
        "p50_s": "p50, s",
        "p99_s": "p99, s",
        "most_s": "most, s",
        "late": "later than ttl + 1 s",
        "false_downs": "false downs",
    },
    "pauses": {
        "driver": "driver",
        "service": "service",
        "what": "what",
        "down": "rightly down",
        "false_downs": "false downs",
        "false_down_s": "for at most, s",
        "looks_refused": "looks refused",
        "all_up_after_s": "all up after, s",
    },
}
_LEAST = 0.01  # what a logarithm shows of nothing


def tables(rows: Rows) -> Iterator[str]:
    """In Markdown."""
    for part, columns in _COLUMNS.items():
        found = [row for row in rows if row["part"] == part]
        if not found:
            continue
        yield from ("", _line(columns.values()), "|" + " --- |" * len(columns))
        for row in found:
            yield _line(_cell(row[name]) for name in columns)


def _line(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def picture(rows: Rows) -> str:
    """An SVG: writes a second over members."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        if row["part"] == "load":
            for where in ("store", "database"):
                name = f"{row['driver']}: to the {where}"
                if row["driver"] != "db" or where == "database":
                    value = max(row[f"{where}_writes_per_s"], _LEAST)
                    lines.setdefault(name, []).append((row["members"], value))
    return drawn(lines, "members", lambda value: f"{value:g}/s")
