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


def test_our_store_accepts_what_an_exact_bucket_accepts() -> None:
    found = {
        (one["library"], one["algorithm"]): one for one in contenders.accuracy(None, seconds=1.5)
    }

    ours = found["minicloud", "bucket"]
    # Between noting the moment and the decision the thread may be put off.
    assert abs(ours["accepted"] - ours["bucket"]) <= 1
    assert found["limits", "moving"]["arrivals"] == ours["arrivals"] > 30
