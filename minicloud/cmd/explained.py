"""What a scheduler told, as tables and bars for a terminal."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

Told = Mapping[str, Any]
_BAR: Final = 12  # cells
_MOST_NAMED: Final = 5
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"


def what_if(told: Told, flavor: str, image: str, console: Console) -> RenderableType:
    """All that is told of a dry run."""
    head = Text(f"{told['count']} x {flavor} with {image}", style="bold")
    return Group(head, _decision(told, console), _outcome(told, flavor), _room(told, flavor))


def of_server(server: Told, last: Told, now: Told, console: Console, limit: int) -> RenderableType:
    """Why a server was refused the last time, if it was, and what would be decided now."""
    flavor = str(server["flavor"]["original_name"])
    head = Text(f"{server['name']} is {server['status']}", style="bold")
    if last["outcome"] not in ("refused", "waiting"):
        host = now["server"]["host"]
        there = {**now, "hosts": [host]} if host in now["equally_good"] else now
        return Group(head, _decision(there, console), _place(now), _room(now, flavor, host))
    return Group(
        head,
        Text(f"{_when(last)} ({last['action']}): {last['message']}"),
        _stored(last, console, limit),
        _place(now),
        _room(now, flavor),
    )


def _when(last: Told) -> str:
    if last["outcome"] == "waiting":
        return "it waits for room, refused so far"
    return f"refused at {last['decided_at']}"


def _stored(last: Told, console: Console, limit: int) -> RenderableType:
    """What was noted of the refusal; of a very large one the hosts may be missing."""
    why = last["explanation"]
    if why is None:
        return counts({one["reason"]: one["hosts"] for one in last["reasons"]}, console)
    cut = {**why, "refused": why["refused"][:limit], "best": why["best"][:limit]}
    return _decision({"explanation": cut, "hosts": [], "equally_good": []}, console)


def _decision(told: Told, console: Console) -> RenderableType:
    why = told["explanation"]
    shown: list[RenderableType] = []
    if why["best"]:
        left = why["accepted"] - len(why["best"])
        shown += [_accepted(told, console), *_unnamed(left, "more", ", the best first")]
    if why["refused"]:
        left = why["hosts"] - why["accepted"] - len(why["refused"])
        shown += [_refused(why["refused"]), *_unnamed(left, "more refused")]
    if why["counts"]:
        shown.append(counts({"accepted": why["accepted"], **why["counts"]}, console))
    return Group(*shown)


def _unnamed(count: int, what: str, order: str = "") -> list[Text]:
    if count < 1:
        return []
    return [Text(f"and {count} {what}: --limit N shows more{order}\n", style="dim")]


def _accepted(told: Told, console: Console) -> Table:
    best = told["explanation"]["best"]
    chosen: Counter[str] = Counter(told["hosts"])
    equal: set[str] = set(told["equally_good"])
    names = _that_count(best)
    found = _accepted_by(best, names, chosen, equal, console, raw=True)
    while not _fits(found, console):
        if not names:
            break
        found = _accepted_by(best, names, chosen, equal, console, raw=False)
        names = names[:-1]
    return found


def _fits(table: Table, console: Console) -> bool:
    return (
        console.measure(table, options=console.options.update(width=10_000)).minimum
        <= console.width
    )


def _that_count(best: Sequence[Told]) -> list[str]:
    """The weighers that give any host anything, those first that tell hosts apart most."""
    values: dict[str, list[float]] = {}
    for one in best:
        for score in one["scores"]:
            values.setdefault(score["weigher"], []).append(score["weighted"])
    spread = {name: max(each) - min(each) for name, each in values.items() if any(each)}
    return sorted(spread, key=lambda name: -spread[name])


def _accepted_by(
    best: Sequence[Told],
    names: Sequence[str],
    chosen: Mapping[str, int],
    equal: set[str],
    console: Console,
    *,
    raw: bool,
) -> Table:
    table = _table("", "host", "weight", "", *(name.removesuffix("Weigher") for name in names))
    for column in table.columns[3:]:
        column.justify = "right"
    low = min(0.0, *(one["total"] for one in best)) if len(best) > 1 else 0.0
    high = max(one["total"] for one in best)
    for one in best:
        scores = {score["weigher"]: score for score in one["scores"]}
        share = (one["total"] - low) / (high - low) if high > low else 1.0
        table.add_row(
            _mark(one["host"], chosen, equal),
            escape(one["host"]),
            Text(bar(share, console), style="green"),
            f"{one['total']:+.2f}",
            *(_score(scores[name], raw=raw) for name in names),
        )
    return table


def _mark(host: str, chosen: Mapping[str, int], equal: set[str]) -> Text:
    if host in chosen:
        times = chosen[host]
        return Text("->" if times == 1 else f"{times}x", style="bold green")
    return Text("=" if host in equal else "", style="green")


def _score(score: Told, *, raw: bool) -> Text:
    text = Text(f"{score['weighted']:+.2f}")
    return text.append(f" ({_number(score['raw'])})", style="dim") if raw else text


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.2f}"


def _refused(refused: Iterable[Told]) -> Table:
    table = _table("host", "refused by", "wanted", "available")
    for column in table.columns[2:]:
        column.overflow = "fold"
        column.no_wrap = False
    for one in refused:
        words = (one["host"], one["reason"], one["wanted"], one["available"])
        table.add_row(*(escape(word) for word in words))
    return table


def counts(found: Mapping[str, int], console: Console) -> Table:
    """How many hosts, reason by reason, as bars."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 1, 0, 0))
    most = max(found.values(), default=0)
    for name, count in found.items():
        style = "green" if name == "accepted" else "red"
        picture = Text(bar(count / most, console, 30) if most else "", style=style)
        table.add_row(escape(name), Text(str(count), justify="right"), picture)
    return table


def bar(share: float, console: Console, cells: int = _BAR) -> str:
    """A bar of so many cells at most; where there is anything, there is something to see."""
    eighths = max(round(share * cells * 8), 1 if share > 0 else 0)
    if console.options.ascii_only:
        return "#" * -(-eighths // 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def _outcome(told: Told, flavor: str) -> Text:
    if told["refused"]:
        return _reasons(told["refused"])
    where = _named(Counter(told["hosts"]).most_common())
    text = Text(f"\n{told['count']} {flavor} would go to {where}", style="bold green")
    others = [host for host in told["equally_good"] if host not in told["hosts"]]
    if others:
        more = told["more_equally_good"]
        text.append(f"; as good: {_few(others, more)}", style="not bold")
    return text


def _place(told: Told) -> Text:
    host = told["server"]["host"]
    if told["refused"]:
        return _reasons(told["refused"], "refused now as well" if host is None else "refused now")
    good, more = told["equally_good"], told["more_equally_good"]
    if host is None:
        return Text(f"\nnow it would go to {_few(good, more)}", style="bold green")
    if host in good:
        others = [one for one in good if one != host]
        also = f" ({_few(others, more)} would do as well)" if others else ""
        return Text(f"\nit is on {host}, and would go there again{also}", style="bold green")
    return Text(f"\nit is on {host}, and would go to {_few(good, more)} now", style="bold yellow")


def _reasons(refused: Told, how: str = "refused") -> Text:
    told = ", ".join(f"{name} {count}" for name, count in refused["counts"].items())
    text = Text(f"\n{how}: {told or 'there are no hosts'}", style="bold red")
    if refused.get("asked", 1) > 1:
        text.append(f"; {refused['found']} of {refused['asked']} would have had a host")
    return text


def _room(told: Told, flavor: str, own_host: str | None = None) -> Text:
    """`own_host`: of a server that is there already, and is counted."""
    fits = told["fits"]
    count, most = fits["by_room"], fits["at_most"]
    number = f"{count} to {most}" if most else f"{count}" if fits["exact"] else f"at least {count}"
    where = [(one["host"], one["count"]) for one in fits["hosts"]]
    named = f": {_each(where, fits['more_hosts'])}" if where else ""
    verb = "fits" if number == "1" else "fit"
    text = Text(f"{number} more of {flavor} {verb}{named}")
    if own_host is not None:
        text = Text(f"{number} of {flavor} {verb}, this one counted{named}")
    quota = fits["by_quota"]
    if quota is not None:
        short = quota < told["count"]
        number = "none" if quota < 1 else f"only {quota}" if short else f"{quota}"
        text.append(f"\nthe project's quota lets {number} be made", style="red" if short else "")
    return text


def _each(where: Sequence[tuple[str, int]], unnamed: int) -> str:
    parts = [f"{count} on {host}" for host, count in where[:_MOST_NAMED]]
    left = len(where) - len(parts) + unnamed
    return ", ".join(parts) + (f", the others on {left} hosts more" if left else "")


def _named(where: Sequence[tuple[str, int]]) -> str:
    if len(where) == 1:
        return where[0][0]
    parts = [f"{host} ({count})" for host, count in where[:_MOST_NAMED]]
    left = len(where) - len(parts)
    return ", ".join(parts) + (f" and {left} hosts more" if left else "")


def _few(names: Sequence[str], unnamed: int) -> str:
    left = max(len(names) - _MOST_NAMED, 0) + unnamed
    return ", ".join(names[:_MOST_NAMED]) + (f" and {left} more" if left else "")


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for heading in headings:
        table.add_column(escape(heading), no_wrap=True)
    return table
