"""The benchmark of admission measures what it says it measures."""

import pytest

from tools.bench import contenders, filters


def test_each_filter_of_the_pipeline_has_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "_REQUESTS", 5)

    found = list(filters.costs(None, rounds=1))

    assert {(one["ratelimit"], one["clock"]) for one in found} == {
        (store, clock) for store in ("off", "memory") for clock in ("cpu", "wall")
    }
    for one in found:
        assert {"token", "context", "routes", "rate_limit", "policy", "quota"} <= one["us"].keys()
        assert one["application_us"] > 0


class HandTime:
    """In the place of the module: sleeping is what makes time pass."""

    def __init__(self) -> None:
        self.now_ns = 10**15

    def monotonic_ns(self) -> int:
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        self.now_ns += round(seconds * 1e9)


def test_our_store_accepts_what_an_exact_bucket_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contenders, "time", HandTime())

    found = {
        (one["library"], one["algorithm"]): one for one in contenders.accuracy(None, seconds=30)
    }

    ours = found["minicloud", "bucket"]
    assert ours["accepted"] == ours["bucket"] == found["minicloud", "whole"]["accepted"]
    assert ours["arrivals"] > 1000
    assert ours["most_in_a_window"] > 20
