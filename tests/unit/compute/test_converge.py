"""The difference between what should run and what runs: applied, nothing is left to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minicloud.compute.converge import Act, Verb, diff, impossible, reached
from minicloud.compute.drivers.base import Guest
from minicloud.instance_states import TASKS, Owner, Power, Task, VmState
from minicloud.rpc.conductor import Assignment

_COMPUTE_TASKS = [task for task, step in TASKS.items() if step.owner is Owner.COMPUTE]
_POWERS = [Power.RUNNING, Power.SHUTDOWN, Power.CRASHED]


def assignment(
    task: Task | None, uuid: str = "u", vm: VmState = VmState.ACTIVE, generation: int = 5
) -> Assignment:
    return Assignment(
        uuid=uuid,
        generation=generation,
        vm_state=str(vm),
        task_state=str(task) if task else None,
        name="vm",
        flavor={},
        image=None,
        meta={},
        project_id="p",
        user_id="u",
        request_id=None,
    )


def guest(uuid: str = "u", power: Power = Power.RUNNING, booted: int = 1) -> Guest:
    return Guest(uuid, power, booted)


@st.composite
def hosts(draw: st.DrawFn) -> tuple[list[Assignment], dict[str, Guest]]:
    """What a host is asked, and what runs there."""
    uuids = [f"u{number}" for number in range(draw(st.integers(0, 6)))]
    asked = [
        assignment(
            draw(st.sampled_from([None, *_COMPUTE_TASKS])),
            uuid,
            draw(st.sampled_from([VmState.ACTIVE, VmState.STOPPED])),
        )
        for uuid in uuids
        if draw(st.booleans())
    ]
    there = {
        uuid: guest(uuid, draw(st.sampled_from(_POWERS)), draw(st.integers(1, 5)))
        for uuid in uuids
        if draw(st.booleans())
    }
    return asked, there


def apply(act: Act, guests: dict[str, Guest]) -> None:
    """What a driver does."""
    uuid, label = act.assignment.uuid, act.assignment.generation
    match act.verb:
        case Verb.DESTROY:
            guests.pop(uuid, None)
        case Verb.POWER_OFF:
            guests[uuid] = Guest(uuid, Power.SHUTDOWN, guests[uuid].booted)
        case _:
            assert act.verb is Verb.SPAWN or uuid in guests
            guests[uuid] = Guest(uuid, Power.RUNNING, label)


@given(hosts())
def test_what_is_done_reaches_every_goal_that_can_be_reached(
    host: tuple[list[Assignment], dict[str, Guest]],
) -> None:
    asked, guests = host

    for act in diff(asked, guests):
        apply(act, guests)

    for one in asked:
        if one.task_state is not None:
            there = guests.get(one.uuid)
            assert reached(one, there) or impossible(one, there)


@given(hosts())
def test_once_done_nothing_is_left_to_do(
    host: tuple[list[Assignment], dict[str, Guest]],
) -> None:
    asked, guests = host

    for act in diff(asked, guests):
        apply(act, guests)

    assert diff(asked, guests) == []


@given(hosts(), st.integers(0, 6))
def test_an_agent_killed_in_the_middle_ends_where_one_that_lived_does(
    host: tuple[list[Assignment], dict[str, Guest]], done: int
) -> None:
    asked, lived = host
    killed = dict(lived)
    for act in diff(asked, lived):
        apply(act, lived)

    for act in diff(asked, killed)[:done]:
        apply(act, killed)
    for act in diff(asked, killed):
        apply(act, killed)

    assert killed == lived


@given(hosts())
def test_a_guest_nobody_asked_about_is_left_alone(
    host: tuple[list[Assignment], dict[str, Guest]],
) -> None:
    asked, guests = host

    touched = {act.assignment.uuid for act in diff(asked, guests)}

    assert touched <= {one.uuid for one in asked}


def test_deletions_come_first() -> None:
    asked = [assignment(Task.SPAWNING, "a"), assignment(Task.DELETING, "b")]

    assert [a.verb for a in diff(asked, {"b": guest("b")})] == [Verb.DESTROY, Verb.SPAWN]


def test_a_guest_that_was_made_and_has_stopped_since_is_started_not_made_again() -> None:
    (act,) = diff([assignment(Task.SPAWNING)], {"u": guest(power=Power.SHUTDOWN)})

    assert act.verb is Verb.POWER_ON


@pytest.mark.parametrize("task", [Task.REBOOTING, Task.REBOOTING_HARD])
def test_a_reboot_is_done_when_the_guest_bears_its_label(task: Task) -> None:
    before, after = guest(booted=4), guest(booted=5)

    assert not reached(assignment(task), before)
    assert reached(assignment(task), after)


def test_a_stopped_server_that_runs_is_switched_off() -> None:
    (act,) = diff([assignment(None, vm=VmState.STOPPED)], {"u": guest()})

    assert act.verb is Verb.POWER_OFF


@pytest.mark.parametrize("task", [t for t in _COMPUTE_TASKS if t is not Task.SPAWNING])
def test_without_a_guest_nothing_but_a_boot_or_a_deletion_is_possible(task: Task) -> None:
    why = impossible(assignment(task), None)

    assert (why is None) == (task is Task.DELETING)
    assert diff([assignment(task)], {}) == []
