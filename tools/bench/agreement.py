"""Whether both sides find the same hosts the best: random fleets and requests, difference by
difference."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any, Protocol

from minicloud import scheduler
from minicloud.scheduler import chooser
from tools.bench import oddities, ours
from tools.bench.cloud import say
from tools.bench.fleets import Ask, Fleet

_ASKS = 4  # of each fleet, one after another: what was chosen is there for those that follow
_SHOWN = 20  # unexplained differences that are told whole


class Other(Protocol):
    """Who is compared with."""

    def about(self) -> dict[str, Any]: ...

    def fleet(self, fleet: Fleet, filters: Sequence[str], weighers: Sequence[str]) -> Any: ...

    def choose(self, asks: Sequence[Ask]) -> list[dict[str, Any]]: ...

    def explain(self, **case: Any) -> list[str] | None: ...


def compare(other: Other, pairs: int, seed: int) -> Iterator[dict[str, Any]]:
    """The differences that nothing explains, and then the counts."""
    logging.getLogger(scheduler.__name__).setLevel(logging.CRITICAL)  # refusals are the point
    compared = _Compared(other)
    with _by_classes():
        for number in range(pairs // _ASKS):
            if number % 250 == 0:
                say(f"agreement: {number * _ASKS} of {pairs}")
            yield from compared.one(Random(f"{seed}-{number}"), f"{seed}-{number}")
    yield compared.told(seed)


@contextmanager
def _by_classes() -> Iterator[None]:
    """Small fleets are chosen from as large ones are."""
    few = chooser._FEW
    chooser._FEW = 0  # type: ignore[misc]
    try:
        yield
    finally:
        chooser._FEW = few  # type: ignore[misc]


class _Compared:
    def __init__(self, other: Other) -> None:
        about = other.about()
        self._other, self._about = other, about
        both = set(about["filters"]) & ours.known("filters")
        self._filters = [name for name in oddities.FILTERS if name in both]
        both = set(about["weighers"]) & ours.known("weighers")
        self._weighers = [name for name in oddities.WEIGHERS if name in both]
        self._kinds: Counter[str] = Counter()
        self._ties: Counter[str] = Counter()

    def one(self, dice: Random, seed: str) -> Iterator[dict[str, Any]]:
        """A fleet, and requests to it."""
        most = dice.choice((0.1, 0.2, 0.5))
        filters = [name for name in self._filters if dice.random() < most]
        often = dice.choice((0.1, 0.4, 0.8))
        weighers = [name for name in self._weighers if dice.random() < often]
        fleet = oddities.fleet(dice, filters, weighers)
        asks = oddities.asks(dice, fleet, filters, _ASKS)
        case = {"fleet": fleet, "filters": filters, "weighers": weighers}
        self._other.fleet(fleet, filters, weighers)
        theirs = self._other.choose(asks)
        options = {"filter_scheduler": fleet.options, "metrics": fleet.metrics}
        mine = ours.Ours(
            fleet.hosts,
            fleet.aggregates,
            [*oddities.PLACEMENT, *filters],
            weighers,
            {group: found for group, found in options.items() if found},
        )
        before: list[tuple[Ask, str]] = []
        for number, (ask, answer) in enumerate(zip(asks, theirs, strict=True)):
            best = mine.best(ask)
            if best == answer["best"]:
                self._count("equal, and Nova raised" if answer["error"] else "equal", best)
            else:
                yield from self._differ(f"{seed}-{number}", case, before, ask, answer, best)
            if answer["best"]:
                before.append((ask, answer["best"][0]))
                mine.take(*before[-1])

    def _differ(
        self,
        seed: str,
        case: dict[str, Any],
        before: Sequence[tuple[Ask, str]],
        ask: Ask,
        answer: dict[str, Any],
        best: Sequence[str],
    ) -> Iterator[dict[str, Any]]:
        reasons = self._other.explain(**case, before=before, ask=ask, best=best)
        if reasons is not None:
            self._count(" + ".join(reasons), best)
            return
        self._count("UNEXPLAINED", best)
        if self._kinds["UNEXPLAINED"] <= _SHOWN:
            yield {
                "part": "difference",
                "seed": seed,
                "filters": case["filters"],
                "weighers": case["weighers"],
                "ask": ask,
                "options": {**case["fleet"].options, **case["fleet"].metrics},
                "ours": best,
                "nova": answer,
                "aggregates": case["fleet"].aggregates,
                "hosts": [h for h in case["fleet"].hosts if h.name in {*best, *answer["best"]}],
            }

    def _count(self, kind: str, best: Sequence[str]) -> None:
        self._kinds[kind] += 1
        self._ties["none" if not best else "one" if len(best) == 1 else "several"] += 1

    def told(self, seed: int) -> dict[str, Any]:
        kinds = dict(self._kinds.most_common())
        return {
            "part": "agreement",
            "seed": seed,
            "nova": self._about.get("nova"),
            "pairs": sum(kinds.values()),
            "best": dict(self._ties),
            "kinds": kinds,
            "unexplained": self._kinds["UNEXPLAINED"],
            "filters": self._filters,
            "weighers": self._weighers,
        }
