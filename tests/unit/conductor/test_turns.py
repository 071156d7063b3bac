"""Whose turn it is among those that wait for room."""

from minicloud.conductor.turns import Kind, Room, Unit, in_turn, units
from minicloud.db.pending import TOGETHER, Waiting

TOTAL = Room(vcpus=100, memory_mb=100_000)
ONE = Room(vcpus=1, memory_mb=1_000)


def _unit(number: int, project: str, need: Room = ONE) -> Unit:
    return Unit(number, (f"u{number}",), project, (project, "k"), need)


def _order(waiting: list[Unit], used: dict[str, Room] | None = None, most: int = 99) -> list[int]:
    return [unit.first for unit in in_turn(waiting, used or {}, TOTAL, most)]


def test_projects_with_equal_shares_take_turns() -> None:
    waiting = [_unit(n, "p1") for n in (1, 2, 3)] + [_unit(n, "p2") for n in (4, 5)]

    assert _order(waiting) == [1, 4, 2, 5, 3]


def test_the_project_with_the_least_share_comes_first_until_it_has_as_much() -> None:
    waiting = [_unit(1, "p1"), _unit(2, "p2"), _unit(3, "p2"), _unit(4, "p2")]

    assert _order(waiting, {"p1": ONE + ONE}) == [2, 3, 1, 4]


def test_a_share_is_that_of_the_resource_that_a_project_takes_most_of() -> None:
    waiting = [_unit(1, "p1"), _unit(2, "p2")]

    much_memory, many_vcpus = Room(1, 50_000), Room(40, 1_000)

    assert _order(waiting, {"p1": much_memory, "p2": many_vcpus}) == [2, 1]
    assert _order(waiting, {"p1": Room(30, 1_000), "p2": many_vcpus}) == [1, 2]


def test_a_large_request_counts_for_as_much_as_it_takes() -> None:
    waiting = [
        _unit(1, "p1", Room(3, 3_000)),
        _unit(2, "p1"),
        *(_unit(n, "p2") for n in range(3, 8)),
    ]

    assert _order(waiting) == [1, 3, 4, 5, 2, 6, 7]


def test_within_a_project_the_oldest_comes_first() -> None:
    waiting = [_unit(1, "p1", Room(9, 9_000)), _unit(2, "p1"), _unit(3, "p1")]

    assert _order(waiting) == [1, 2, 3]


def test_no_more_are_named_than_were_asked_for() -> None:
    assert _order([_unit(n, "p1") for n in range(9)], most=4) == [0, 1, 2, 3]


def test_a_cloud_without_any_room_has_an_order_too() -> None:
    assert [u.first for u in in_turn([_unit(1, "p1"), _unit(2, "p2")], {}, Room(), 9)] == [1, 2]


def test_of_a_kind_one_is_tried_until_it_is_known_that_there_is_room() -> None:
    waiting = [_unit(n, "p1") for n in (1, 2, 3)] + [_unit(n, "p2") for n in (4, 5)]

    def order(trusted: dict[Kind, int]) -> list[int]:
        return [unit.first for unit in in_turn(waiting, {}, TOTAL, 99, trusted)]

    assert order({}) == [1, 4]
    assert order({("p1", "k"): 2}) == [1, 4, 2]
    assert order({("p1", "k"): 4, ("p2", "k"): 2}) == [1, 4, 2, 5, 3]


def _row(number: int, kind: str, reservation: str = "r-1", project: str = "p1") -> Waiting:
    return Waiting(number, f"u{number}", project, reservation, kind, 1, 1_000)


def test_servers_that_get_hosts_together_are_one_unit_and_others_are_not() -> None:
    rows = [_row(1, "a" + TOGETHER), _row(2, "b"), _row(3, "a" + TOGETHER), _row(4, "b")]

    found = units(rows)

    assert [unit.uuids for unit in found] == [("u1", "u3"), ("u2",), ("u4",)]
    assert found[0].need == ONE + ONE


def test_units_are_alike_when_they_ask_the_same_for_the_same_project() -> None:
    a, b, other, two = units(
        [
            _row(1, "a", "r-1"),
            _row(2, "a", "r-2"),
            _row(3, "a", "r-3", "p2"),
            _row(4, "a" + TOGETHER, "r-4"),
        ]
    )

    assert a.kind == b.kind
    assert a.kind != other.kind
    assert a.kind != two.kind


def test_requests_of_different_projects_stay_apart_whatever_their_reservation() -> None:
    rows = [_row(1, "a" + TOGETHER), _row(2, "a" + TOGETHER, project="p2")]

    assert [unit.uuids for unit in units(rows)] == [("u1",), ("u2",)]
