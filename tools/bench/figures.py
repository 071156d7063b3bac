"""What a run of the scheduler's benchmark has printed, as tables and as a picture."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

Rows = Sequence[Mapping[str, Any]]
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _RIGHT, _TOP = 760, 420, 70, 45, 190, 20
_COLORS = ("#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#d68910", "#566573")


def read(path: Path) -> Rows:
    lines = path.read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def tables(rows: Rows) -> Iterator[str]:
    """In Markdown."""
    for fleet in _values(rows, "cost", "fleet"):
        yield from _costs([r for r in rows if r.get("fleet") == fleet], fleet)
    for told in rows:
        if told["part"] == "agreement":
            yield from (
                "",
                f"| Nova {told['nova']}, seed {told['seed']} | pairs |",
                "| --- | --- |",
            )
            yield from (f"| {kind} | {count:,} |" for kind, count in told["kinds"].items())
    service = [row for row in rows if row["part"] == "service"]
    if service:
        yield from ("", "| database | hosts | batch | CPU of a decision |", "|" + " --- |" * 4)
    for row in service:
        where = f"| {row['database']} | {row['hosts']:,} | {row['batch']} |"
        yield f"{where} {_duration(row['us'])} |"


def _costs(rows: Rows, fleet: str) -> Iterator[str]:
    found = {(r["side"], r["requests"], r["hosts"]): r for r in rows if r["part"] == "cost"}
    grown = {(r["side"], r["requests"]): r["exponent"] for r in rows if r["part"] == "growth"}
    sizes = {
        side: sorted({hosts for who, _requests, hosts in found if who == side})
        for side in ("minicloud", "nova")
    }
    both = [hosts for hosts in sizes["minicloud"] if hosts in sizes["nova"]]
    heads = [f"{fleet} fleet"]
    heads += [f"{hosts:,}" for hosts in sizes["minicloud"]] + ["exponent"] * bool(grown)
    heads += [f"Nova {hosts:,}" for hosts in sizes["nova"]]
    heads += [f"times at {hosts:,}" for hosts in both]
    yield from ("", _line(heads), "|" + " --- |" * len(heads))
    for requests in dict.fromkeys(key[1] for key in found):

        def at(side: str, hosts: int, requests: str = requests) -> float | None:
            row = found.get((side, requests, hosts))
            return row["us"] if row else None

        cells = [requests, *(_duration(at("minicloud", n)) for n in sizes["minicloud"])]
        if grown:
            cells.append(f"{grown.get(('minicloud', requests), math.nan):.2f}")
        cells += [_duration(at("nova", n)) for n in sizes["nova"]]
        cells += [_times(at("nova", n), at("minicloud", n)) for n in both]
        yield _line(cells)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _times(theirs: float | None, mine: float | None) -> str:
    return f"{theirs / mine:,.0f}" if theirs and mine else ""


def _duration(us: float | None) -> str:
    if us is None:
        return ""
    if us >= 1e6:
        return f"{us / 1e6:.2g} s"
    return f"{us / 1000:.3g} ms" if us >= 1000 else f"{us:.3g} µs"


def _values(rows: Rows, part: str, name: str) -> list[Any]:
    return list(dict.fromkeys(row[name] for row in rows if row["part"] == part))


def picture(rows: Rows) -> str:
    """An SVG: processor time of a decision over hosts, both as logarithms."""
    return drawn(_lines([row for row in rows if row["part"] == "cost"]), "hosts", _duration)


def drawn(
    lines: Mapping[str, Sequence[tuple[float, float]]],
    across_is: str,
    told: Callable[[float], str],
) -> str:
    """An SVG of named lines, both axes logarithmic; `told`: how values upwards are written."""
    points = [point for line in lines.values() for point in line]
    if not points:
        return '<svg xmlns="http://www.w3.org/2000/svg"/>'
    across = _Axis([x for x, _y in points], _LEFT, _WIDTH - _RIGHT)
    upwards = _Axis([y for _x, y in points], _HEIGHT - _BOTTOM, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        *_grid(across, upwards, across_is, told),
    ]
    for number, (name, line) in enumerate(lines.items()):
        parts += _drawn(name, [(across.at(x), upwards.at(y)) for x, y in line], number)
    return "\n".join([*parts, "</svg>", ""])


def _lines(rows: Rows) -> dict[str, list[tuple[float, float]]]:
    """The usual requests, and for each size the dearest of the others."""
    found: dict[str, dict[int, float]] = {}
    for row in rows:
        kind = "usual" if row["requests"] == "usual" else "the worst"
        line = found.setdefault(f"{row['side']}, {row['fleet']}, {kind}", {})
        line[row["hosts"]] = max(line.get(row["hosts"], 0.0), row["us"])
    return {name: sorted(line.items()) for name, line in found.items()}


class _Axis:
    """From values to places, whole powers of ten at both ends."""

    def __init__(self, values: Sequence[float], start: int, end: int) -> None:
        self._low = math.floor(math.log10(min(values)))
        self._high = max(math.ceil(math.log10(max(values))), self._low + 1)
        self._start, self._step = start, (end - start) / (self._high - self._low)

    def at(self, value: float) -> float:
        return self._start + (math.log10(value) - self._low) * self._step

    def powers(self) -> list[float]:
        return [10.0**power for power in range(self._low, self._high + 1)]


def _grid(
    across: _Axis, upwards: _Axis, across_is: str, told: Callable[[float], str]
) -> Iterator[str]:
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    for value in across.powers():
        x = across.at(value)
        yield f'<path d="M{x:.0f} {_TOP}V{bottom}" stroke="#ddd"/>'
        yield f'<text x="{x:.0f}" y="{bottom + 16}" text-anchor="middle">{value:,.0f}</text>'
    for value in upwards.powers():
        y = upwards.at(value)
        yield f'<path d="M{_LEFT} {y:.0f}H{right}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{told(value)}</text>'
    middle = (_LEFT + right) // 2
    yield f'<text x="{middle}" y="{_HEIGHT - 8}" text-anchor="middle">{across_is}</text>'


def _drawn(name: str, places: Sequence[tuple[float, float]], number: int) -> Iterator[str]:
    color = _COLORS[number % len(_COLORS)]
    path = "L".join(f"{x:.0f} {y:.0f}" for x, y in places)
    yield f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="2"/>'
    for x, y in places:
        yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="{color}"/>'
    x, y = _WIDTH - _RIGHT + 10, _TOP + 14 + 18 * number
    yield f'<text x="{x}" y="{y}" fill="{color}">{escape(name)}</text>'
