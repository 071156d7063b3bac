"""The tables of states: no hole, and nothing that never ends."""

import itertools

import pytest

from minicloud.instance_states import (
    ACTIONS,
    SEEN,
    STATUSES,
    TASKS,
    Correction,
    Owner,
    Power,
    Task,
    VmState,
    status,
    vm_states_of,
)

_PAIRS = list(itertools.product(VmState, [None, *Task]))

# SEMANTICS section 2, for the tasks there are.
_STATUS = {
    (VmState.ACTIVE, Task.REBOOTING): "REBOOT",
    (VmState.ACTIVE, Task.REBOOTING_HARD): "HARD_REBOOT",
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


@pytest.mark.parametrize("task", Task)
def test_every_task_has_an_owner_a_deadline_and_both_exits(task: Task) -> None:
    step = TASKS[task]

    assert step.owner in Owner
    assert 0 < step.deadline_s <= 600
    assert step.done is not None
    assert step.failed is not step.done or task is Task.DELETING
    assert (step.goal is not None) == (step.owner is Owner.COMPUTE)


@pytest.mark.parametrize("task", Task)
def test_tasks_that_succeed_come_to_rest(task: Task) -> None:
    passed = [task]

    while isinstance(after := TASKS[passed[-1]].done, Task):
        assert after not in passed
        passed.append(after)

    assert isinstance(after, VmState)


@pytest.mark.parametrize("task", Task)
def test_tasks_that_fail_come_to_rest_unless_another_host_is_tried(task: Task) -> None:
    failed = TASKS[task].failed

    assert failed is None or isinstance(failed, VmState) or task is Task.SPAWNING


def test_only_a_build_that_failed_is_placed_again() -> None:
    again = {task for task, step in TASKS.items() if isinstance(step.failed, Task)}

    assert again == {Task.SPAWNING}
    assert TASKS[Task.SCHEDULING].failed is VmState.ERROR


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_every_action_starts_a_task_that_ends(name: str) -> None:
    action = ACTIONS[name]

    assert action.first in TASKS
    assert action.vm_states
    assert TASKS[action.first].owner is Owner.COMPUTE


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


@pytest.mark.parametrize(("vm", "power"), list(itertools.product(VmState, Power)))
def test_what_a_host_sees_is_corrected_only_where_it_contradicts_the_row(
    vm: VmState, power: Power
) -> None:
    agrees = {
        VmState.ACTIVE: {Power.RUNNING, Power.NOSTATE, Power.PAUSED, Power.SUSPENDED},
        VmState.STOPPED: {
            Power.SHUTDOWN,
            Power.CRASHED,
            Power.NOSTATE,
            Power.PAUSED,
            Power.SUSPENDED,
        },
    }

    correction = SEEN.get((vm, power))

    if vm in agrees:
        assert (correction is None) == (power in agrees[vm])
    else:
        assert correction is None


def test_a_guest_that_is_gone_is_an_error_in_every_state_that_has_one() -> None:
    assert SEEN[VmState.ACTIVE, Power.ABSENT] is Correction.RECORD_ERROR
    assert SEEN[VmState.STOPPED, Power.ABSENT] is Correction.RECORD_ERROR
