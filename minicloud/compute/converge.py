"""The difference between what a host should run and what it runs: pure functions.

A task is judged by what is seen, never by what was done: after a crash the same comparison finds
what is left to do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from minicloud.compute.drivers.base import Guest
from minicloud.instance_states import SEEN, TASKS, Correction, Power, Task, VmState
from minicloud.rpc.conductor import Assignment


class Verb(StrEnum):
    SPAWN = "spawn"
    DESTROY = "destroy"
    POWER_ON = "power on"
    POWER_OFF = "power off"
    REBOOT = "reboot"
    REBOOT_HARD = "reboot hard"


@dataclass(frozen=True)
class Act:
    verb: Verb
    assignment: Assignment


_VERBS: Mapping[Task, Verb] = {
    Task.SPAWNING: Verb.SPAWN,
    Task.POWERING_OFF: Verb.POWER_OFF,
    Task.POWERING_ON: Verb.POWER_ON,
    Task.REBOOTING: Verb.REBOOT,
    Task.REBOOTING_HARD: Verb.REBOOT_HARD,
    Task.DELETING: Verb.DESTROY,
}
_REBOOTS = frozenset({Task.REBOOTING, Task.REBOOTING_HARD})


def power_of(guest: Guest | None) -> Power:
    return guest.power if guest else Power.ABSENT


def reached(assignment: Assignment, guest: Guest | None) -> bool:
    """Whether the goal of the task under way can be seen."""
    if assignment.task_state is None:
        return False
    task = Task(assignment.task_state)
    if power_of(guest) != TASKS[task].goal:
        return False
    if task in _REBOOTS:
        return guest is not None and guest.booted >= assignment.generation
    return True


def impossible(assignment: Assignment, guest: Guest | None) -> str | None:
    """Why the task cannot be done here at all; None when it can."""
    if guest is None and assignment.task_state not in (None, Task.SPAWNING, Task.DELETING):
        return f"instance {assignment.uuid} has no guest on its host"
    return None


def diff(assignments: Iterable[Assignment], guests: Mapping[str, Guest]) -> list[Act]:
    """What is to be done on a host, deletions first."""
    acts = [act for one in assignments if (act := _act(one, guests.get(one.uuid)))]
    return sorted(acts, key=lambda act: act.verb is not Verb.DESTROY)


def _act(assignment: Assignment, guest: Guest | None) -> Act | None:
    if assignment.task_state is None:
        wrong = SEEN.get((VmState(assignment.vm_state), power_of(guest)))
        return Act(Verb.POWER_OFF, assignment) if wrong is Correction.POWER_OFF else None
    if reached(assignment, guest) or impossible(assignment, guest):
        return None
    verb = _VERBS.get(Task(assignment.task_state))
    if verb is Verb.SPAWN and guest is not None:
        verb = Verb.POWER_ON  # made, and stopped since
    return Act(verb, assignment) if verb else None
