"""Hints nested so deeply that they could not be sent kept the servers beside them from hosts."""

import pytest

from minicloud import errors
from minicloud.api.handlers.hints import hints_of as _hints
from tests.simulation.calm import calm_cloud


def _nested(depth: int) -> list[object]:
    value: list[object] = []
    for _ in range(depth):
        value = [value]
    return value


def test_a_request_that_cannot_be_sent_keeps_no_other_from_a_host() -> None:
    with calm_cloud() as cloud:
        poisoned = cloud.create(hints={"deep": _nested(300)})
        innocent = cloud.create()

        cloud.run_s(30.0)

        assert cloud.show(innocent).row.vm_state == "active"
        assert cloud.show(poisoned).row.vm_state == "building"


@pytest.mark.parametrize("hints", [{"deep": _nested(9)}, {"long": "x" * 70_000}])
def test_hints_are_bounded(hints: dict[str, object]) -> None:
    with pytest.raises(errors.BadRequest):
        _hints({"os:scheduler_hints": hints})
