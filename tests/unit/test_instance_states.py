"""The tables of states: no hole, and nothing that never ends."""

import itertools
from collections.abc import Iterator

import pytest

from minicloud.instance_states import (
    ACTIONS,
    MOVING,
    NEW,
    PLACES,
    POWER_OFF,
    SEEN,
    SHOWN,
    STATUSES,
    TASKS,
    Mark,
    Owner,
    Power,
    Task,
    VmState,
    shown,
    status,
    tasks_shown_as,
    vm_states_of,
)

_PAIRS = list(itertools.product(VmState, [None, *Task]))

# SEMANTICS section 2, for the tasks there are.
_RESIZE = (Task.RESIZE_PREP, Task.RESIZE_MIGRATING, Task.RESIZE_FINISH)
_REBUILD = (Task.REBUILDING, Task.EVACUATING, Task.REBUILD_SPAWNING)
_MIGRATE = (Task.MIGRATING, Task.MIGRATING_IN, Task.MIGRATING_OUT)
_STATUS: dict[tuple[VmState, Task | None], str] = {
    (VmState.ACTIVE, Task.REBOOTING): "REBOOT",
    (VmState.ACTIVE, Task.REBOOTING_HARD): "HARD_REBOOT",
    (VmState.ACTIVE, Task.UPDATING_PASSWORD): "PASSWORD",
    **{(VmState.ACTIVE, task): "REBUILD" for task in _REBUILD},
    **{(VmState.STOPPED, task): "REBUILD" for task in _REBUILD},
    **{(VmState.ERROR, task): "REBUILD" for task in _REBUILD},
    **{(VmState.ACTIVE, task): "RESIZE" for task in _RESIZE},
    **{(VmState.STOPPED, task): "RESIZE" for task in _RESIZE},
    **{(VmState.ACTIVE, task): "MIGRATING" for task in _MIGRATE},
    **{(VmState.PAUSED, task): "MIGRATING" for task in _MIGRATE},
    (VmState.RESIZED, Task.RESIZE_REVERTING): "REVERT_RESIZE",
    (VmState.RESIZED, Task.RESIZE_REVERT_FINISH): "REVERT_RESIZE",
}
_STATUS_OTHERWISE = {
    VmState.BUILDING: "BUILD",
    VmState.ACTIVE: "ACTIVE",
    VmState.STOPPED: "SHUTOFF",
    VmState.PAUSED: "PAUSED",
    VmState.SUSPENDED: "SUSPENDED",
    VmState.RESCUED: "RESCUE",
    VmState.RESIZED: "VERIFY_RESIZE",
    VmState.ERROR: "ERROR",
    VmState.SOFT_DELETED: "SOFT_DELETED",
    VmState.DELETED: "DELETED",
    VmState.SHELVED: "SHELVED",
    VmState.SHELVED_OFFLOADED: "SHELVED_OFFLOADED",
}


_COMPUTE = [task for task, step in TASKS.items() if step.owner is Owner.COMPUTE]
_GOES_ANYWAY = {Task.DELETING, Task.SOFT_DELETING, Task.SHELVING_OFFLOADING}
_GOES_ANYWAY |= {Task.RESIZE_CONFIRMING, Task.RESIZE_REVERTING, Task.MIGRATING_OUT}


def _exits(task: Task) -> set[Task]:
    return {after for after in (TASKS[task].done, TASKS[task].failed) if isinstance(after, Task)}


@pytest.mark.parametrize("task", Task)
def test_every_task_has_an_owner_a_deadline_and_a_goal_if_a_host_does_it(task: Task) -> None:
    step = TASKS[task]

    assert step.owner in Owner
    assert 0 < step.deadline_s <= 600
    assert step.event
    assert (step.goal is not None) == (step.owner is Owner.COMPUTE)
    assert (task in PLACES) == (step.owner is Owner.CONDUCTOR)


@pytest.mark.parametrize("task", Task)
def test_failure_leads_elsewhere_than_success(task: Task) -> None:
    step = TASKS[task]

    if task not in _GOES_ANYWAY and step.done is not None:
        assert step.failed is not step.done


def _paths(task: Task, *before: Task) -> Iterator[tuple[Task, ...]]:
    """Every way that a task can go, up to where it comes to rest or round again."""
    path = (*before, task)
    if task in before or not _exits(task):
        yield path
        return
    for after in _exits(task):
        yield from _paths(after, *path)


@pytest.mark.parametrize("task", Task)
def test_whatever_happens_a_task_comes_to_rest(task: Task) -> None:
    """Only a build that failed goes back to where it came from, as often as hosts are tried."""
    for path in _paths(task):
        again = path[-1] in path[:-1]
        assert not again or set(path[path.index(path[-1]) :]) == {Task.SCHEDULING, Task.SPAWNING}


@pytest.mark.parametrize("task", sorted(PLACES))
def test_what_a_host_was_chosen_for_goes_on_at_a_host(task: Task) -> None:
    after = TASKS[task].done

    assert isinstance(after, Task)
    assert TASKS[after].owner is Owner.COMPUTE


def test_only_a_new_server_without_a_host_is_in_error() -> None:
    assert {t for t in PLACES if TASKS[t].failed is VmState.ERROR} == NEW


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_every_action_starts_a_task_that_ends(name: str) -> None:
    action = ACTIONS[name]

    assert action.first in TASKS
    assert action.vm_states
    assert action.word


@pytest.mark.parametrize("task", _COMPUTE)
def test_a_goal_can_be_told_from_what_was_before(task: Task) -> None:
    """What may be as it was already is told by a mark of its own."""
    goal = TASKS[task].goal
    assert goal is not None

    if goal.power is None and not goal.as_before:
        assert isinstance(goal.mark, Mark)


def test_clients_see_novas_words_only() -> None:
    seen = {SHOWN.get(task, task) for task in Task}

    assert not seen & {Task.EVACUATING, Task.MIGRATING_IN, Task.MIGRATING_OUT}
    assert not seen & {Task.RESIZE_REVERT_FINISH, Task.RESIZE_CONFIRMING}
    assert all(TASKS[task].owner and task in MOVING for task in SHOWN)


@pytest.mark.parametrize(("vm", "task"), _PAIRS)
def test_a_server_can_be_deleted_in_every_state(vm: VmState, task: Task | None) -> None:
    delete = ACTIONS["delete"]

    assert vm in delete.vm_states
    assert delete.tasks is None
    assert not delete.must_have_launched


@pytest.mark.parametrize(("vm", "task"), _PAIRS)
def test_the_status_of_every_pair_is_novas(vm: VmState, task: Task | None) -> None:
    expected = _STATUS.get((vm, task), _STATUS_OTHERWISE[vm]) if task else _STATUS_OTHERWISE[vm]

    assert status(vm, task) == expected
    assert expected in STATUSES


@pytest.mark.parametrize(("vm", "task"), [("nonsense", None), ("active", "nonsense")])
def test_what_nobody_knows_is_unknown(vm: str, task: str | None) -> None:
    assert status(vm, task) == "UNKNOWN"


@pytest.mark.parametrize("word", sorted(STATUSES))
def test_the_reverse_of_a_status_finds_every_pair_that_shows_it(word: str) -> None:
    at_rest, in_task = vm_states_of([word.lower()])

    shown = {(vm, task) for vm, task in _PAIRS if status(vm, task) == word}
    found = {
        (vm, task)
        for vm, task in _PAIRS
        if vm in at_rest or (task is not None and (vm, task) in in_task)
    }
    assert shown <= found
    # What is found besides is shown otherwise only because of its task, as in Nova.
    assert {status(vm, None) for vm, _task in found - shown} <= {word}


def test_the_reverse_of_several_statuses_is_the_union() -> None:
    assert vm_states_of(["REBOOT", "SHUTOFF"]) == ({"stopped"}, {("active", "rebooting")})
    assert vm_states_of(["nonsense"]) == (set(), set())


_HAS_NO_GUEST = {
    VmState.BUILDING,
    VmState.DELETED,
    VmState.SHELVED_OFFLOADED,
    VmState.ERROR,
    VmState.SOFT_DELETED,
    VmState.SHELVED,  # its disk is in its image
    VmState.RESIZED,  # it can still be taken back to the guest that it came from
}


@pytest.mark.parametrize("vm", VmState)
def test_what_is_recorded_instead_agrees_with_what_is_seen(vm: VmState) -> None:
    for power in Power:
        instead = SEEN.get((vm, power))
        if isinstance(instead, VmState):
            assert (instead, power) not in SEEN or instead is VmState.ERROR


@pytest.mark.parametrize("vm", VmState)
def test_a_guest_that_is_gone_is_an_error_in_every_state_that_has_one(vm: VmState) -> None:
    assert (SEEN.get((vm, Power.ABSENT)) is VmState.ERROR) == (vm not in _HAS_NO_GUEST)


@pytest.mark.parametrize("vm", [VmState.STOPPED, VmState.SHELVED, VmState.SOFT_DELETED])
def test_what_was_stopped_does_not_run(vm: VmState) -> None:
    assert SEEN[vm, Power.RUNNING] is POWER_OFF


@pytest.mark.parametrize("task", Task)
def test_a_task_is_found_by_the_word_that_is_shown_for_it(task: Task) -> None:
    word = shown(task)

    assert word is None or task in tasks_shown_as(word)
