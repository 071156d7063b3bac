"""The benchmark of the scheduler measures what it says, and tells every difference."""

import json
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest

from tools.bench import agreement, costs, fleets, oddities, ours, scheduler, selecting
from tools.bench.fleets import Ask, Fleet


class Double:
    """In Nova's place, by our own code; of each fleet's first request it tells what is wrong."""

    def __init__(self, is_wrong: bool = False, reasons: list[str] | None = None) -> None:
        self._is_wrong, self._reasons = is_wrong, reasons
        self._side: ours.Ours | None = None

    def about(self) -> dict[str, Any]:
        return {"nova": "double", "filters": _NAMES, "weighers": ["RAMWeigher", "DiskWeigher"]}

    def fleet(self, fleet: Fleet, filters: Sequence[str], weighers: Sequence[str]) -> None:
        options = {"filter_scheduler": fleet.options}
        names = [*oddities.PLACEMENT, *filters]
        self._side = ours.Ours(fleet.hosts, fleet.aggregates, names, weighers, options)

    def choose(self, asks: Sequence[Ask]) -> list[dict[str, Any]]:
        assert self._side
        found = [self._side.best(asks[0])]
        answers = [{"best": [*found[0], "nobody"] if self._is_wrong else found[0], "error": None}]
        for before, ask in pairwise(asks):
            if found[-1]:
                self._side.take(before, found[-1][0])
            found.append(self._side.best(ask))
            answers.append({"best": found[-1], "error": None})
        return answers

    def explain(self, **_case: Any) -> list[str] | None:
        return self._reasons


_NAMES = ["ComputeFilter", "ImagePropertiesFilter", "ServerGroupAntiAffinityFilter", "JsonFilter"]


def test_what_agrees_is_counted_as_equal() -> None:
    (told,) = agreement.compare(Double(), 40, seed=3)

    assert (told["pairs"], told["kinds"], told["unexplained"]) == (40, {"equal": 40}, 0)
    assert set(told["best"]) == {"none", "one", "several"}


def test_a_difference_that_nothing_explains_is_told_whole() -> None:
    *differences, told = agreement.compare(Double(is_wrong=True), 8, seed=3)

    assert told["kinds"] == {"equal": 6, "UNEXPLAINED": 2}
    assert [one["nova"]["best"] for one in differences] == [
        [*one["ours"], "nobody"] for one in differences
    ]


def test_a_difference_that_was_decided_is_counted_by_its_name() -> None:
    (told,) = agreement.compare(Double(True, ["not is one answer"]), 8, seed=3)

    assert told["kinds"] == {"equal": 6, "not is one answer": 2}


def test_each_kind_of_request_has_a_figure_for_each_fleet() -> None:
    sizes = [(fleet, 20) for fleet in costs.FLEETS] + [("ordinary", 60)]
    cases = [costs.Case(fleet, hosts, 1, 1) for fleet, hosts in sizes]

    found = list(costs.costs(None, cases, 0, ["new_shape", "host_query"], patience_s=0.05))

    figures = [one for one in found if one["part"] == "cost"]
    assert {(one["fleet"], one["hosts"], one["requests"]) for one in figures} == {
        (case.fleet, case.hosts, kind)
        for case in cases
        for kind in ("usual", "new_shape", "host_query")
    }
    assert all(one["us"] > 0 and one["decisions"] > 0 for one in figures)
    growths = [one for one in found if one["part"] == "growth"]
    assert {(one["fleet"], one["requests"]) for one in growths} == {
        ("ordinary", kind) for kind in ("usual", "new_shape", "host_query")
    }


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_the_exponent_is_that_of_the_growth(power: float) -> None:
    found = costs.exponent([(n, 3 * n**power) for n in (10, 100, 1000)])

    assert found == pytest.approx(power)


def test_the_whole_scheduler_places_what_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selecting, "BATCHES", (1, 5))
    monkeypatch.setattr(selecting, "_CALLS", 2)
    monkeypatch.setattr(selecting, "_mariadb", lambda _directory: None)

    found = list(selecting.costs([30], rounds=1, seed=1))

    assert [(one["database"], one["batch"], one["placed"]) for one in found] == [
        ("sqlite", 1, 2),
        ("sqlite", 5, 10),
    ]


@pytest.mark.parametrize("kind", costs.FLEETS)
def test_a_seed_makes_the_same_fleet_and_requests(kind: str) -> None:
    def made(seed: int) -> Any:
        hosts = list(costs.FLEETS[kind](30, seed))
        return hosts, list(islice(fleets.usual(seed), 20))

    assert made(5) == made(5)
    assert made(5) != made(6)


@pytest.mark.parametrize("kind", fleets.WORST)
def test_the_worst_requests_are_new_each_time_and_the_same_again(kind: str) -> None:
    def made() -> list[Ask]:
        hosts = costs.Case("ordinary", 50, 1, 1).nameable()
        return list(islice(fleets.worst(fleets.WORST[kind], hosts, 7), 5))

    assert made() == made()
    assert len({one.uuid for one in made()}) == 5


@pytest.mark.parametrize("kind", fleets.WORST)
def test_the_worst_requests_find_a_host(kind: str) -> None:
    case = costs.Case("ordinary", 100, 1, 1)
    side = costs.side_of(case)

    (ask,) = islice(fleets.worst(fleets.WORST[kind], case.nameable(), 7), 1)

    assert side.best(ask)


def test_no_two_hosts_of_the_hostile_fleet_are_alike() -> None:
    hosts = list(fleets.hostile(50, 1))

    for fact in ("memory_mb", "aggregates", "kind"):
        assert len({repr(getattr(one, fact)) for one in hosts}) == 50


def test_what_a_run_printed_becomes_tables_and_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cost = {"part": "cost", "fleet": "ordinary", "requests": "usual", "decisions": 9}
    rows = [
        {**cost, "side": side, "hosts": hosts, "us": us, "per_s": 1e6 / us, "most_us": us}
        for side, hosts, us in (
            ("minicloud", 1000, 50.0),
            ("minicloud", 100_000, 60.0),
            ("nova", 1000, 50_000.0),
        )
    ]
    kinds = {"part": "agreement", "seed": 1, "nova": "34.0.0", "kinds": {"equal": 8}}
    printed, picture = tmp_path / "found.jsonl", tmp_path / "found.svg"
    printed.write_text("\n".join(json.dumps(row) for row in [*rows, kinds]))
    monkeypatch.setattr("sys.argv", ["x", "--show", str(printed), "--picture", str(picture)])

    assert scheduler.main() == 0

    shown = capsys.readouterr().out
    assert "| usual | 50 µs | 60 µs | 50 ms | 1,000 |" in shown
    assert "| equal | 8 |" in shown
    drawn = picture.read_text()
    assert drawn.startswith("<svg")
    assert drawn.count("<circle") == 3
