"""The difference between what a host should run and what it runs: pure functions.

A task is judged by what is seen, never by what was done: after a crash the same comparison finds
what is left to do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from minicloud.compute.drivers.base import Guest
from minicloud.instance_states import (
    CREATES,
    POWER_OFF,
    SEEN,
    TASKS,
    Mark,
    Power,
    Task,
    VmState,
    goal_power,
)
from minicloud.rpc.conductor import Assignment


class Verb(StrEnum):
    SPAWN = "spawn"
    REBUILD = "rebuild"
    DESTROY = "destroy"
    POWER_ON = "power on"
    POWER_OFF = "power off"
    REBOOT = "reboot"
    REBOOT_HARD = "reboot hard"
    PAUSE = "pause"
    SUSPEND = "suspend"
    RESCUE = "rescue"
    UNRESCUE = "unrescue"
    SNAPSHOT = "snapshot"
    SHELVE = "shelve"
    SET_PASSWORD = "set password"


MAKING = frozenset({Verb.SPAWN, Verb.REBUILD})


@dataclass(frozen=True)
class Act:
    verb: Verb
    assignment: Assignment


_VERBS: Mapping[Task, Verb] = {
    Task.REBOOTING: Verb.REBOOT,
    Task.REBOOTING_HARD: Verb.REBOOT_HARD,
    Task.RESCUING: Verb.RESCUE,
    Task.UNRESCUING: Verb.UNRESCUE,
    Task.IMAGE_SNAPSHOT: Verb.SNAPSHOT,
    Task.IMAGE_BACKUP: Verb.SNAPSHOT,
    Task.SHELVING: Verb.SHELVE,
    Task.UPDATING_PASSWORD: Verb.SET_PASSWORD,
}
# What brings a guest to a power; all other tasks are about nothing else.
_TO_POWER: Mapping[Power | None, Verb] = {
    Power.RUNNING: Verb.POWER_ON,
    Power.SHUTDOWN: Verb.POWER_OFF,
    Power.PAUSED: Verb.PAUSE,
    Power.SUSPENDED: Verb.SUSPEND,
    Power.ABSENT: Verb.DESTROY,
}


def power_of(guest: Guest | None) -> Power:
    return guest.power if guest else Power.ABSENT


def wanted_power(assignment: Assignment) -> Power | None:
    """The power at the end of the task under way; None: any."""
    task = Task(assignment.task_state or "")
    return goal_power(task, assignment.vm_state, assignment.old_vm_state)


def reached(assignment: Assignment, guest: Guest | None) -> bool:
    """Whether the goal of the task under way can be seen."""
    if assignment.task_state is None:
        return False
    goal, power = TASKS[Task(assignment.task_state)].goal, wanted_power(assignment)
    if goal is None or (power is not None and power_of(guest) != power):
        return False
    if guest is None:
        return power is Power.ABSENT
    if goal.rescue is not None and guest.rescue is not goal.rescue:
        return False
    return guest.has(goal.mark, assignment.generation)


def impossible(assignment: Assignment, guest: Guest | None) -> str | None:
    """Why the task cannot be done here at all; None when it can."""
    if assignment.task_state is None:
        return None
    if guest is not None:
        deaf = assignment.task_state == Task.UPDATING_PASSWORD and guest.power != Power.RUNNING
        return f"the guest of instance {assignment.uuid} does not run" if deaf else None
    if Task(assignment.task_state) in CREATES or wanted_power(assignment) is Power.ABSENT:
        return None
    return f"instance {assignment.uuid} has no guest on its host"


def diff(assignments: Iterable[Assignment], guests: Mapping[str, Guest]) -> list[Act]:
    """What is to be done on a host, deletions first."""
    acts = [act for one in assignments if (act := _act(one, guests.get(one.uuid)))]
    return sorted(acts, key=lambda act: act.verb is not Verb.DESTROY)


def _act(assignment: Assignment, guest: Guest | None) -> Act | None:
    if assignment.task_state is None:
        return _at_rest(assignment, guest)
    if reached(assignment, guest) or impossible(assignment, guest):
        return None
    task = Task(assignment.task_state)
    if guest is None:
        return Act(Verb.SPAWN, assignment)
    if task in CREATES and not guest.has(Mark.MADE, assignment.generation):
        return Act(Verb.REBUILD, assignment)  # what is there is of an earlier task
    return Act(_VERBS.get(task) or _TO_POWER[wanted_power(assignment)], assignment)


def _at_rest(assignment: Assignment, guest: Guest | None) -> Act | None:
    if SEEN.get((VmState(assignment.vm_state), power_of(guest))) is POWER_OFF:
        return Act(Verb.POWER_OFF, assignment)
    if guest is not None and guest.rescue and assignment.vm_state == VmState.ACTIVE:
        return Act(Verb.UNRESCUE, assignment)  # its rescue was given up, and came too late
    return None
