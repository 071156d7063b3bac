"""The states of an instance as tables: Nova's words, and what follows what.

`vm_state` is what the instance is, `task_state` the step under way (None at rest), `power_state`
what its host sees. Each move is a compare-and-swap on the row's generation (db/instances.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final


class VmState(StrEnum):
    BUILDING = "building"
    ACTIVE = "active"
    STOPPED = "stopped"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    RESCUED = "rescued"
    RESIZED = "resized"
    SOFT_DELETED = "soft-delete"
    SHELVED = "shelved"
    SHELVED_OFFLOADED = "shelved_offloaded"
    DELETED = "deleted"
    ERROR = "error"


class Task(StrEnum):
    SCHEDULING = "scheduling"
    SPAWNING = "spawning"
    POWERING_OFF = "powering-off"
    POWERING_ON = "powering-on"
    REBOOTING = "rebooting"
    REBOOTING_HARD = "rebooting_hard"
    DELETING = "deleting"


class Power(IntEnum):
    """What a host sees of a guest; ABSENT is our word for "no such guest here"."""

    NOSTATE = 0
    RUNNING = 1
    PAUSED = 3
    SHUTDOWN = 4
    CRASHED = 6
    SUSPENDED = 7
    ABSENT = -1


class Owner(StrEnum):
    CONDUCTOR = "conductor"
    COMPUTE = "compute"


@dataclass(frozen=True)
class Step:
    """One task: who does it, for how long at most, and where it leads.

    `goal` is what the host must see for the task to be done. `done` and `failed` are the next
    task, or the vm_state to rest in; None rests in the vm_state that the instance had.
    """

    owner: Owner
    deadline_s: float
    goal: Power | None
    done: Task | VmState | None
    failed: Task | VmState | None


TASKS: Final[Mapping[Task, Step]] = {
    Task.SCHEDULING: Step(Owner.CONDUCTOR, 300, None, Task.SPAWNING, VmState.ERROR),
    Task.SPAWNING: Step(Owner.COMPUTE, 600, Power.RUNNING, VmState.ACTIVE, Task.SCHEDULING),
    Task.POWERING_OFF: Step(Owner.COMPUTE, 90, Power.SHUTDOWN, VmState.STOPPED, None),
    Task.POWERING_ON: Step(Owner.COMPUTE, 90, Power.RUNNING, VmState.ACTIVE, None),
    Task.REBOOTING: Step(Owner.COMPUTE, 180, Power.RUNNING, VmState.ACTIVE, VmState.ERROR),
    Task.REBOOTING_HARD: Step(Owner.COMPUTE, 180, Power.RUNNING, VmState.ACTIVE, VmState.ERROR),
    Task.DELETING: Step(Owner.COMPUTE, 120, Power.ABSENT, VmState.DELETED, VmState.DELETED),
}


@dataclass(frozen=True)
class Action:
    """What an owner may ask for: from which states, and the task that it starts.

    `tasks` None: any task may be under way (it is overtaken); otherwise one of these or none.
    """

    first: Task
    vm_states: frozenset[VmState]
    tasks: frozenset[Task] | None = frozenset()
    must_have_launched: bool = True


_ANY: Final = frozenset(VmState)

ACTIONS: Final[Mapping[str, Action]] = {
    "stop": Action(Task.POWERING_OFF, frozenset({VmState.ACTIVE, VmState.ERROR})),
    "start": Action(Task.POWERING_ON, frozenset({VmState.STOPPED})),
    "reboot": Action(Task.REBOOTING, frozenset({VmState.ACTIVE})),
    "reboot_hard": Action(
        Task.REBOOTING_HARD,
        frozenset(
            {VmState.ACTIVE, VmState.STOPPED, VmState.PAUSED, VmState.SUSPENDED, VmState.ERROR}
        ),
        tasks=frozenset({Task.REBOOTING, Task.REBOOTING_HARD}),
    ),
    "delete": Action(Task.DELETING, _ANY, tasks=None, must_have_launched=False),
}


class Correction(StrEnum):
    """What to do when a host sees something else than the row says, with no task under way."""

    RECORD_STOPPED = "record stopped"  # the guest was shut down from inside
    POWER_OFF = "power off"  # it runs although it was stopped
    RECORD_ERROR = "record error"  # it is gone, or has crashed


SEEN: Final[Mapping[tuple[VmState, Power], Correction]] = {
    (VmState.ACTIVE, Power.SHUTDOWN): Correction.RECORD_STOPPED,
    (VmState.ACTIVE, Power.CRASHED): Correction.RECORD_ERROR,
    (VmState.ACTIVE, Power.ABSENT): Correction.RECORD_ERROR,
    (VmState.STOPPED, Power.RUNNING): Correction.POWER_OFF,
    (VmState.STOPPED, Power.ABSENT): Correction.RECORD_ERROR,
}

_STATUS_AT_REST: Final[Mapping[VmState, str]] = {
    VmState.BUILDING: "BUILD",
    VmState.ACTIVE: "ACTIVE",
    VmState.STOPPED: "SHUTOFF",
    VmState.PAUSED: "PAUSED",
    VmState.SUSPENDED: "SUSPENDED",
    VmState.RESCUED: "RESCUE",
    VmState.RESIZED: "VERIFY_RESIZE",
    VmState.SOFT_DELETED: "SOFT_DELETED",
    VmState.SHELVED: "SHELVED",
    VmState.SHELVED_OFFLOADED: "SHELVED_OFFLOADED",
    VmState.DELETED: "DELETED",
    VmState.ERROR: "ERROR",
}

_STATUS_IN_TASK: Final[Mapping[tuple[VmState, Task], str]] = {
    (VmState.ACTIVE, Task.REBOOTING): "REBOOT",
    (VmState.ACTIVE, Task.REBOOTING_HARD): "HARD_REBOOT",
}

STATUSES: Final = frozenset(_STATUS_AT_REST.values()) | frozenset(_STATUS_IN_TASK.values())


def status(vm_state: str, task_state: str | None) -> str:
    """The API's one word for both (SEMANTICS section 2)."""
    try:
        vm = VmState(vm_state)
        task = Task(task_state) if task_state else None
    except ValueError:
        return "UNKNOWN"
    in_task = _STATUS_IN_TASK.get((vm, task)) if task else None
    return in_task or _STATUS_AT_REST[vm]


def vm_states_of(statuses: list[str]) -> tuple[set[str], set[tuple[str, str]]]:
    """The reverse of `status`: vm_states whose rest is asked for, and (vm_state, task) pairs.

    As in Nova, a status that is a vm_state's default also lists the instances of that vm_state
    which are shown otherwise because of a task (SEMANTICS section 2, section 18).
    """
    wanted = {word.upper() for word in statuses}
    at_rest = {str(vm) for vm, word in _STATUS_AT_REST.items() if word in wanted}
    in_task = {(str(v), str(t)) for (v, t), word in _STATUS_IN_TASK.items() if word in wanted}
    return at_rest, in_task
