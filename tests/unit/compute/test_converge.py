"""The difference between what should run and what runs: applied, nothing is left to do."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minicloud.compute.converge import (
    MAKING,
    Act,
    Verb,
    diff,
    impossible,
    reached,
    wanted_power,
)
from minicloud.compute.drivers.base import Guest
from minicloud.instance_states import CREATES, TASKS, Mark, Owner, Power, Task, VmState
from minicloud.rpc.conductor import Assignment

_COMPUTE_TASKS = [task for task, step in TASKS.items() if step.owner is Owner.COMPUTE]
_POWERS = [p for p in Power if p not in (Power.ABSENT, Power.NOSTATE)]


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


def guest(
    uuid: str = "u", power: Power = Power.RUNNING, label: int = 1, *, rescue: bool = False
) -> Guest:
    """A guest to which everything was last done with one label."""
    return Guest(uuid, power, dict.fromkeys(Mark, label), rescue)


@st.composite
def hosts(draw: st.DrawFn) -> tuple[list[Assignment], dict[str, Guest]]:
    """What a host is asked, and what runs there."""
    uuids = [f"u{number}" for number in range(draw(st.integers(0, 6)))]
    asked = [
        assignment(
            draw(st.sampled_from([None, *_COMPUTE_TASKS])),
            uuid,
            draw(st.sampled_from([VmState.ACTIVE, VmState.STOPPED, VmState.PAUSED])),
        )
        for uuid in uuids
        if draw(st.booleans())
    ]
    there = {
        uuid: guest(
            uuid,
            draw(st.sampled_from(_POWERS)),
            draw(st.integers(1, 5)),
            rescue=draw(st.booleans()),
        )
        for uuid in uuids
        if draw(st.booleans())
    }
    return asked, there


def apply(act: Act, guests: dict[str, Guest]) -> None:
    """What a driver does."""
    one, uuid = act.assignment, act.assignment.uuid
    if act.verb is Verb.DESTROY:
        guests.pop(uuid, None)
        return
    assert uuid in guests or act.verb is Verb.SPAWN
    if act.verb in MAKING:
        power = (one.task_state and wanted_power(one)) or Power.RUNNING
        guests[uuid] = guest(uuid, power, one.generation)
        return
    before = guests[uuid]
    mark = _MARKS.get(act.verb)
    guests[uuid] = replace(
        before,
        power=_POWER_AFTER.get(act.verb, before.power),
        marks={**before.marks, **({mark: one.generation} if mark else {})},
        rescue={Verb.RESCUE: True, Verb.UNRESCUE: False}.get(act.verb, before.rescue),
    )


_MARKS = {
    Verb.REBOOT: Mark.BOOTED,
    Verb.REBOOT_HARD: Mark.BOOTED,
    Verb.RESCUE: Mark.BOOTED,
    Verb.SNAPSHOT: Mark.SAVED,
    Verb.SHELVE: Mark.SAVED,
    Verb.SET_PASSWORD: Mark.PASSWORD,
}
_POWER_AFTER = {
    Verb.POWER_ON: Power.RUNNING,
    Verb.POWER_OFF: Power.SHUTDOWN,
    Verb.SHELVE: Power.SHUTDOWN,
    Verb.PAUSE: Power.PAUSED,
    Verb.SUSPEND: Power.SUSPENDED,
    Verb.REBOOT: Power.RUNNING,
    Verb.REBOOT_HARD: Power.RUNNING,
    Verb.RESCUE: Power.RUNNING,
    Verb.UNRESCUE: Power.RUNNING,
}


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
    stopped = guest(power=Power.SHUTDOWN, label=5)

    (act,) = diff([assignment(Task.SPAWNING)], {"u": stopped})

    assert act.verb is Verb.POWER_ON


@pytest.mark.parametrize("task", [Task.REBOOTING, Task.REBOOTING_HARD])
def test_a_reboot_is_done_when_the_guest_bears_its_label(task: Task) -> None:
    before, after = guest(label=4), guest(label=5)

    assert not reached(assignment(task), before)
    assert reached(assignment(task), after)


def test_a_stopped_server_that_runs_is_switched_off() -> None:
    (act,) = diff([assignment(None, vm=VmState.STOPPED)], {"u": guest()})

    assert act.verb is Verb.POWER_OFF


@pytest.mark.parametrize("task", _COMPUTE_TASKS)
def test_without_a_guest_only_making_one_or_its_absence_is_possible(task: Task) -> None:
    one = assignment(task)
    why = impossible(one, None)

    goes = task in CREATES or wanted_power(one) is Power.ABSENT
    assert (why is None) == goes
    assert bool(diff([one], {})) == (task in CREATES)


@pytest.mark.parametrize("task", sorted(CREATES))
def test_a_guest_of_an_earlier_task_is_not_taken_for_the_new_one(task: Task) -> None:
    (act,) = diff([assignment(task)], {"u": guest(label=4)})

    assert act.verb is Verb.REBUILD
    assert not reached(assignment(task), guest(label=4))


def test_a_stopped_server_is_left_stopped_where_it_is_made_anew() -> None:
    one = assignment(Task.REBUILDING, vm=VmState.STOPPED)

    assert wanted_power(one) is Power.SHUTDOWN
    assert not reached(one, guest(label=5))
    assert reached(one, guest(power=Power.SHUTDOWN, label=5))


def test_a_rescue_that_came_too_late_is_undone() -> None:
    (act,) = diff([assignment(None)], {"u": guest(rescue=True)})

    assert act.verb is Verb.UNRESCUE
