"""What a scheduler is asked for at once: never a part of a request."""

from minicloud.conductor import together
from minicloud.rpc.scheduler import Wanted


def _wanted(count: int, request: str, project: str = "p") -> list[Wanted]:
    whose = {"project_id": project, "reservation_id": request}
    spec = {"instance_properties": whose, "num_instances": count}
    return [Wanted(f"{project}-{request}-{n}", 1, None, spec, {}) for n in range(count)]


def _sizes(wanted: list[Wanted], most: int) -> list[int]:
    return [len(call) for call in together.calls(wanted, most)]


def test_single_ones_fill_calls_up_to_the_most() -> None:
    assert _sizes([one for n in range(5) for one in _wanted(1, f"r-{n}")], 2) == [2, 2, 1]
    assert _sizes([], 2) == []


def test_a_request_is_never_cut() -> None:
    one, two, three = _wanted(3, "r-1"), _wanted(1, "r-2"), _wanted(3, "r-1", "q")

    calls = together.calls([one[0], *three, *two, *one[1:]], 4)

    assert calls == [one, [*three, *two]]


def test_more_than_can_be_placed_in_one_go_is_asked_for_in_parts() -> None:
    assert _sizes(_wanted(2 * together.MOST + 1, "r-1"), 200) == [together.MOST, together.MOST, 1]
