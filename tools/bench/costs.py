"""What a decision costs as the fleet grows, ours and Nova's, in processor time."""

import gc
import math
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

import psutil
from oslo_config import cfg

from minicloud.conf import register_opts
from minicloud.runtime import dice as chance
from minicloud.runtime import memory
from minicloud.scheduler.refusal import Refusal
from tools.bench import fleets, ours
from tools.bench.cloud import say
from tools.bench.fleets import Ask, Fleet, Host
from tools.bench.nova_pipe import Nova

FLEETS: Mapping[str, Callable[[int, int], Iterator[Host]]] = {
    "ordinary": fleets.ordinary,
    "hostile": fleets.hostile,
}
_NAMEABLE = 1000  # hosts that the worst requests name, spread over the fleet
_CHECKED = 8  # requests for which both must find the same best hosts
_USUAL, _WARM_UP = 1000, 1500  # decisions: of a round, and before the first
_WARM_PATIENCE = 30  # times the other: until no usual request is the first of its kind
_PATIENCE_S = 2.0  # of processor time, for a round, or for one kind of the worst requests
_FOR_WORST = ("JsonFilter", "DifferentHostFilter", "SameHostFilter")
_NOVAS = (  # as Nova is delivered
    *("ComputeFilter", "ComputeCapabilitiesFilter", "ImagePropertiesFilter"),
    *("ServerGroupAntiAffinityFilter", "ServerGroupAffinityFilter"),
)
_ALL_EQUAL = ("PCIWeigher", "CrossCellWeigher", "MetricsWeigher", "ImagePropertiesWeigher")


@dataclass(frozen=True)
class Case:
    """One fleet to measure; `seed` makes it and its requests."""

    fleet: str
    hosts: int
    seed: int
    rounds: int

    def made(self) -> Fleet:
        hosts = list(self.some())
        return Fleet(hosts, self.aggregates())

    def some(self) -> Iterator[Host]:
        every = max(1, self.hosts // _NAMEABLE)
        for number, one in enumerate(FLEETS[self.fleet](self.hosts, self.seed)):
            if number % every == 0:
                one.servers = {f"00000000-0000-4000-8000-{number:012}": {}}
                one.num_servers = max(1, one.num_servers)
            yield one

    def nameable(self) -> list[Host]:
        every = max(1, self.hosts // _NAMEABLE)
        return [
            Host(f"host{n:07}", "", 0, 0, 0, 1, {}, {}, servers={_SERVER.format(n): {}})
            for n in range(0, self.hosts, every)
        ]

    def aggregates(self) -> Mapping[int, Mapping[str, str]]:
        ordinary = self.fleet == "ordinary"
        return fleets.AGGREGATES if ordinary else fleets.own_aggregates(self.hosts)

    def told(self, side: str, requests: str, **more: Any) -> dict[str, Any]:
        where = {"fleet": self.fleet, "hosts": self.hosts}
        return {"part": "cost", "side": side, **where, "requests": requests, **more}


_SERVER = "00000000-0000-4000-8000-{:012}"


def costs(
    nova: Nova | None,
    cases: Sequence[Case],
    nova_most: int,
    worst: Sequence[str],
    patience_s: float = _PATIENCE_S,
) -> Iterator[dict[str, Any]]:
    """Both sides in turns, ours in a process of its own for each fleet; then what follows."""
    rows = []
    for case in cases:
        say(f"cost: {case.fleet}, {case.hosts} hosts")
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=spawn) as pool:
            mine, best = pool.submit(_ours, case, worst, patience_s).result()
        if nova is not None and case.hosts <= nova_most:
            mine += _novas(nova, case, worst, best)
        rows += mine
        yield from mine
    yield from _growths(rows)
    yield from _ratios(rows)


def _ours(
    case: Case, worst: Sequence[str], patience_s: float
) -> tuple[list[dict[str, Any]], list[list[str]]]:
    """The figures, and the best hosts for the first requests."""
    process = psutil.Process()
    before = process.memory_info().rss
    began = time.process_time()
    side = side_of(case)
    filled_s = time.process_time() - began
    memory.settle()
    kept = process.memory_info().rss - before
    stream, dice = fleets.usual(case.seed), chance.new(case.seed)
    first_ms = _first(side, next(stream), dice)
    side = _again(case, side)
    best = []
    for ask in islice(fleets.usual(case.seed), _CHECKED):
        best.append(side.finalists(ask))
        if best[-1]:
            side.take(ask, best[-1][0])
    _timed(side, list(islice(stream, _WARM_UP)), dice, _WARM_PATIENCE * patience_s)
    rounds = [
        _timed(side, list(islice(stream, _USUAL)), dice, patience_s) for _ in range(case.rounds)
    ]
    rows = [case.told("minicloud", "usual", first_ms=first_ms, **_summed(rounds))]
    for name in worst:
        rows.append(case.told("minicloud", name, **_hard(side, case, name, dice, patience_s)))
    rows[0] |= {"fill_s": round(filled_s, 2), "memory_mb": kept // 2**20}
    return rows, best


def side_of(case: Case) -> ours.Ours:
    """A table of the fleet, and what is chosen by."""
    return ours.Ours(case.some(), case.aggregates(), *_enabled())


def _again(case: Case, side: ours.Ours) -> ours.Ours:
    """The same fleet without what was chosen, where it is cheap: for comparing with Nova."""
    if case.hosts > 50_000:
        return side
    return side_of(case)


def _enabled() -> tuple[list[str], list[str]]:
    """What is on as it is delivered, and what the worst requests need."""
    conf = register_opts(cfg.ConfigOpts())
    conf([], default_config_files=[], default_config_dirs=[])
    options = conf.filter_scheduler
    more = [n for n in _FOR_WORST if n not in options.enabled_filters]
    known = ours.known("filters")
    return [*options.enabled_filters, *(n for n in more if n in known)], options.enabled_weighers


def _first(side: ours.Ours, ask: Ask, dice: Any) -> float:
    (took,) = _timed(side, [ask], dice, 0.0)
    return round(took * 1000, 3)


def _timed(side: ours.Ours, asks: Sequence[Ask], dice: Any, patience_s: float) -> list[float]:
    """Seconds of processor time of each, and no more of them when patience is at its end."""
    told = [side.told(ask) for ask in asks]
    took: list[float] = []
    gc.collect()
    end = time.process_time() + patience_s
    for one in told:
        began = time.process_time()
        side.decide(one, dice)
        took.append(time.process_time() - began)
        if began > end:
            break
    return took


def _hard(side: ours.Ours, case: Case, name: str, dice: Any, patience_s: float) -> dict[str, Any]:
    stream = fleets.worst(fleets.WORST[name], case.nameable(), case.seed)
    took: list[float] = []
    refused = 0
    end = time.process_time() + patience_s
    while len(took) < 3 or (time.process_time() < end and len(took) < 200):
        told = side.told(next(stream))
        began = time.process_time()
        refused += isinstance(side.decide(told, dice), Refusal)
        took.append(time.process_time() - began)
    return {"refused": refused, **_summed([took])}


def _novas(
    nova: Nova, case: Case, worst: Sequence[str], best: Sequence[Sequence[str]]
) -> list[dict[str, Any]]:
    about = nova.about()
    enabled = [*_NOVAS, *_FOR_WORST]
    mine = set(_enabled()[1])
    weighers = [name for name in about["weighers"] if name in mine or name in _ALL_EQUAL]
    kept = nova.fleet(case.made(), enabled, weighers)
    stream = fleets.usual(case.seed)
    answers = nova.choose(list(islice(stream, _CHECKED)))
    equal = sum(a["best"] == b for a, b in zip(answers, best, strict=True))
    count = max(4, min(40, 40_000 // case.hosts))
    nova.time(list(islice(stream, 1)))
    took = [nova.time(list(islice(stream, count))) for _ in range(3)]
    rows = [case.told("nova", "usual", memory_mb=kept["peak_mb"], **_summed(took))]
    rows[0] |= {"same_best": f"{equal} of {len(best)}"}
    for name in worst:
        asks = fleets.worst(fleets.WORST[name], case.nameable(), case.seed)
        rows.append(case.told("nova", name, **_summed([nova.time(list(islice(asks, 3)))])))
    return rows


def _summed(rounds: Sequence[Sequence[float]]) -> dict[str, Any]:
    """The median of the rounds' means; of all decisions the median and the dearest."""
    every = [one for each in rounds for one in each]
    mean = statistics.median(statistics.fmean(each) for each in rounds)
    return {
        "decisions": len(every),
        "us": round(mean * 1e6, 1),
        "median_us": round(statistics.median(every) * 1e6, 1),
        "most_us": round(max(every) * 1e6, 1),
        "per_s": round(1 / mean, 1),
    }


def _growths(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The exponent of cost ~ hosts ** exponent, by least squares over the logarithms."""
    lines: dict[tuple[str, str, str], list[tuple[int, float]]] = {}
    for row in rows:
        line = row["side"], row["fleet"], row["requests"]
        lines.setdefault(line, []).append((row["hosts"], row["us"]))
    for (side, fleet, requests), points in lines.items():
        if len(points) > 1:
            told = {"part": "growth", "side": side, "fleet": fleet, "requests": requests}
            first, last = points[0], points[-1]
            ends = {"from_hosts": first[0], "to_hosts": last[0], "times": last[1] / first[1]}
            ends["times"] = round(ends["times"], 2)
            yield {**told, "exponent": round(exponent(points), 3), **ends}


def exponent(points: Sequence[tuple[float, float]]) -> float:
    logs = [(math.log(x), math.log(y)) for x, y in points]
    return statistics.linear_regression(*zip(*logs, strict=True)).slope


def _ratios(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """How many times ours goes into Nova's."""
    found = {(r["side"], r["fleet"], r["hosts"], r["requests"]): r["us"] for r in rows}
    for (side, *key), us in found.items():
        mine = found.get(("minicloud", *key))
        if side == "nova" and mine:
            names = dict(zip(("fleet", "hosts", "requests"), key, strict=True))
            yield {"part": "ratio", **names, "times": round(us / mine, 1)}
