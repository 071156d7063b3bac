"""The states of an instance as tables: Nova's words, and what follows what.

`vm_state` is what the instance is, `task_state` the step under way (None at rest), `power_state`
what its host sees. Each move is a compare-and-swap on the row's generation (db/instances.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import lru_cache
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
    PENDING = "pending"
    SPAWNING = "spawning"
    POWERING_OFF = "powering-off"
    POWERING_ON = "powering-on"
    REBOOTING = "rebooting"
    REBOOTING_HARD = "rebooting_hard"
    PAUSING = "pausing"
    UNPAUSING = "unpausing"
    SUSPENDING = "suspending"
    RESUMING = "resuming"
    RESCUING = "rescuing"
    UNRESCUING = "unrescuing"
    REBUILDING = "rebuilding"
    EVACUATING = "evacuating"
    REBUILD_SPAWNING = "rebuild_spawning"
    RESIZE_PREP = "resize_prep"
    RESIZE_MIGRATING = "resize_migrating"
    RESIZE_FINISH = "resize_finish"
    RESIZE_CONFIRMING = "resize_confirming"
    RESIZE_REVERTING = "resize_reverting"
    RESIZE_REVERT_FINISH = "resize_revert_finish"
    MIGRATING = "migrating"
    MIGRATING_IN = "migrating_in"
    MIGRATING_OUT = "migrating_out"
    SHELVING = "shelving"
    SHELVING_OFFLOADING = "shelving_offloading"
    UNSHELVING = "unshelving"
    IMAGE_SNAPSHOT = "image_snapshot_pending"
    IMAGE_BACKUP = "image_backup"
    UPDATING_PASSWORD = "updating_password"
    SOFT_DELETING = "soft-deleting"
    RESTORING = "restoring"
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


class Mark(StrEnum):
    """What a guest keeps the label of: the generation of the task that last did it."""

    BOOTED = "booted"
    MADE = "made"
    SAVED = "saved"  # its disk was copied to an image
    PASSWORD = "password"


@dataclass(frozen=True)
class Goal:
    """What the host must see for a task to be done.

    `power`: its power, None for any; `as_before`: that of the vm_state to rest in. `mark`: it was
    done for this very task. `rescue`: whether the guest runs from its rescue disk.
    """

    power: Power | None = None
    as_before: bool = False
    mark: Mark | None = None
    rescue: bool | None = None


@dataclass(frozen=True)
class Step:
    """One task: who does it, for how long at most, and where it leads.

    `done` and `failed` are the next task, or the vm_state to rest in; None rests where the
    instance was: after success in `old_vm_state` where that is set. `event` is its name in the
    log of events.
    """

    owner: Owner
    deadline_s: float
    goal: Goal | None
    done: Task | VmState | None
    failed: Task | VmState | None
    event: str = ""


def _here(
    goal: Goal,
    done: Task | VmState | None,
    failed: Task | VmState | None,
    event: str,
    deadline_s: float = 90,
) -> Step:
    return Step(Owner.COMPUTE, deadline_s, goal, done, failed, "compute_" + event)


def _placed(
    done: Task, failed: VmState | None, event: str = "scheduler_select_destinations"
) -> Step:
    return Step(Owner.CONDUCTOR, 300, None, done, failed, event)


_RUNS: Final = Goal(Power.RUNNING)
_IS_OFF: Final = Goal(Power.SHUTDOWN)
_IS_GONE: Final = Goal(Power.ABSENT)
_MADE_RUNS: Final = Goal(Power.RUNNING, mark=Mark.MADE)
_AS_BEFORE: Final = Goal(as_before=True)
_MADE: Final = Goal(as_before=True, mark=Mark.MADE)
_REBOOTED: Final = Goal(Power.RUNNING, mark=Mark.BOOTED)
_SAVED: Final = Goal(mark=Mark.SAVED)

TASKS: Final[Mapping[Task, Step]] = {
    Task.SCHEDULING: _placed(Task.SPAWNING, VmState.ERROR),
    Task.PENDING: _placed(Task.SPAWNING, VmState.ERROR),  # its deadline is what its owner said
    Task.SPAWNING: _here(
        _MADE_RUNS, VmState.ACTIVE, Task.SCHEDULING, "_do_build_and_run_instance", 600
    ),
    Task.POWERING_OFF: _here(_IS_OFF, VmState.STOPPED, None, "stop_instance"),
    Task.POWERING_ON: _here(_RUNS, VmState.ACTIVE, None, "start_instance"),
    Task.REBOOTING: _here(_REBOOTED, VmState.ACTIVE, VmState.ERROR, "reboot_instance", 180),
    Task.REBOOTING_HARD: _here(_REBOOTED, VmState.ACTIVE, VmState.ERROR, "reboot_instance", 180),
    Task.PAUSING: _here(Goal(Power.PAUSED), VmState.PAUSED, None, "pause_instance"),
    Task.UNPAUSING: _here(_RUNS, VmState.ACTIVE, None, "unpause_instance"),
    Task.SUSPENDING: _here(Goal(Power.SUSPENDED), VmState.SUSPENDED, None, "suspend_instance"),
    Task.RESUMING: _here(_RUNS, VmState.ACTIVE, None, "resume_instance"),
    Task.RESCUING: _here(
        Goal(Power.RUNNING, mark=Mark.BOOTED, rescue=True),
        VmState.RESCUED,
        None,
        "rescue_instance",
    ),
    Task.UNRESCUING: _here(
        Goal(Power.RUNNING, rescue=False), VmState.ACTIVE, None, "unrescue_instance"
    ),
    Task.REBUILDING: _here(_MADE, None, VmState.ERROR, "rebuild_instance", 600),
    Task.EVACUATING: _placed(Task.REBUILD_SPAWNING, None),
    Task.REBUILD_SPAWNING: _here(_MADE, None, VmState.ERROR, "rebuild_instance", 600),
    Task.RESIZE_PREP: _placed(Task.RESIZE_MIGRATING, None),
    Task.RESIZE_MIGRATING: _here(
        _IS_OFF, Task.RESIZE_FINISH, Task.RESIZE_REVERT_FINISH, "resize_instance", 180
    ),
    Task.RESIZE_FINISH: _here(
        _MADE, VmState.RESIZED, Task.RESIZE_REVERT_FINISH, "finish_resize", 600
    ),
    Task.RESIZE_CONFIRMING: _here(_IS_GONE, None, None, "confirm_resize"),
    Task.RESIZE_REVERTING: _here(
        _IS_GONE, Task.RESIZE_REVERT_FINISH, Task.RESIZE_REVERT_FINISH, "revert_resize"
    ),
    Task.RESIZE_REVERT_FINISH: _here(_AS_BEFORE, None, VmState.ERROR, "finish_revert_resize"),
    Task.MIGRATING: _placed(Task.MIGRATING_IN, None),
    Task.MIGRATING_IN: _here(_MADE, Task.MIGRATING_OUT, None, "live_migration", 600),
    Task.MIGRATING_OUT: _here(_IS_GONE, None, None, "post_live_migration"),
    Task.SHELVING: _here(
        Goal(Power.SHUTDOWN, mark=Mark.SAVED), VmState.SHELVED, None, "shelve_instance", 600
    ),
    Task.SHELVING_OFFLOADING: _here(
        _IS_GONE, VmState.SHELVED_OFFLOADED, VmState.SHELVED_OFFLOADED, "shelve_offload_instance"
    ),
    Task.UNSHELVING: _placed(Task.SPAWNING, None),
    Task.IMAGE_SNAPSHOT: _here(_SAVED, None, None, "snapshot_instance", 600),
    Task.IMAGE_BACKUP: _here(_SAVED, None, None, "backup_instance", 600),
    Task.UPDATING_PASSWORD: _here(
        Goal(Power.RUNNING, mark=Mark.PASSWORD), None, None, "set_admin_password"
    ),
    Task.SOFT_DELETING: _here(
        _IS_OFF, VmState.SOFT_DELETED, VmState.SOFT_DELETED, "soft_delete_instance"
    ),
    Task.RESTORING: _here(_RUNS, VmState.ACTIVE, VmState.ERROR, "restore_instance"),
    Task.DELETING: _here(_IS_GONE, VmState.DELETED, VmState.DELETED, "terminate_instance", 120),
}

# What a task is called where clients see it; Nova has one word for what takes us two steps.
SHOWN: Final[Mapping[Task, Task | None]] = {
    Task.EVACUATING: Task.REBUILDING,
    Task.RESIZE_CONFIRMING: None,
    Task.RESIZE_REVERT_FINISH: Task.RESIZE_REVERTING,
    Task.MIGRATING_IN: Task.MIGRATING,
    Task.MIGRATING_OUT: Task.MIGRATING,
}

CREATES: Final = frozenset(
    {
        Task.SPAWNING,
        Task.REBUILDING,
        Task.REBUILD_SPAWNING,
        Task.RESIZE_FINISH,
        Task.MIGRATING_IN,
    }
)  # a guest that is not there yet is made
PLACES: Final = frozenset(t for t, step in TASKS.items() if step.owner is Owner.CONDUCTOR)
NEW: Final = frozenset(
    {Task.SCHEDULING, Task.PENDING}
)  # no host was ever chosen, or none built it
IMAGING: Final = frozenset({Task.IMAGE_SNAPSHOT, Task.IMAGE_BACKUP, Task.SHELVING})
MOVING: Final = frozenset(
    {
        Task.EVACUATING,
        Task.REBUILD_SPAWNING,
        Task.RESIZE_PREP,
        Task.RESIZE_MIGRATING,
        Task.RESIZE_FINISH,
        Task.RESIZE_CONFIRMING,
        Task.RESIZE_REVERTING,
        Task.RESIZE_REVERT_FINISH,
        Task.MIGRATING,
        Task.MIGRATING_IN,
        Task.MIGRATING_OUT,
    }
)  # there is an open row of migrations

REVERTS: Final = frozenset({Task.RESIZE_REVERTING, Task.RESIZE_REVERT_FINISH})
# It is not, or no longer, where its row says: its disk is where it came from.
LEFT_BEHIND: Final = frozenset({Task.RESIZE_FINISH, Task.REBUILD_SPAWNING, Task.RESIZE_REVERTING})


@dataclass(frozen=True)
class Action:
    """What an owner may ask for: from which states, and the task that it starts.

    `tasks` None: any task may be under way (it is overtaken); otherwise one of these or none.
    `word` names it in refusals, `logged` in the log of actions, both as Nova does.
    """

    word: str
    first: Task
    vm_states: frozenset[VmState]
    tasks: frozenset[Task] | None = frozenset()
    logged: str = ""
    must_have_launched: bool = True
    must_have_host: bool = True

    @property
    def name(self) -> str:
        return self.logged or self.word


_ANY: Final = frozenset(VmState)
_ACTIVE: Final = frozenset({VmState.ACTIVE})
_AT_HOME: Final = frozenset({VmState.ACTIVE, VmState.STOPPED})
_WITH_DISK: Final = _AT_HOME | {VmState.PAUSED, VmState.SUSPENDED}
_REBUILDABLE: Final = _AT_HOME | {VmState.ERROR}
_HARD_REBOOT: Final = _WITH_DISK | {VmState.ERROR}
_BEFORE_HARD_REBOOT: Final = frozenset(
    {
        Task.REBOOTING,
        Task.REBOOTING_HARD,
        Task.RESUMING,
        Task.UNPAUSING,
        Task.PAUSING,
        Task.SUSPENDING,
    }
)
# Not what was deleted; and what is being made elsewhere still has its disk where it came from.
_BEFORE_EVACUATION: Final = frozenset(Task) - {
    Task.DELETING,
    Task.SOFT_DELETING,
    Task.RESIZE_FINISH,
    Task.REBUILD_SPAWNING,
}

ACTIONS: Final[Mapping[str, Action]] = {
    "stop": Action("stop", Task.POWERING_OFF, frozenset({VmState.ACTIVE, VmState.ERROR})),
    "start": Action("start", Task.POWERING_ON, frozenset({VmState.STOPPED})),
    "reboot": Action("reboot", Task.REBOOTING, _ACTIVE),
    "reboot_hard": Action("reboot", Task.REBOOTING_HARD, _HARD_REBOOT, tasks=_BEFORE_HARD_REBOOT),
    "pause": Action("pause", Task.PAUSING, _ACTIVE),
    "unpause": Action("unpause", Task.UNPAUSING, frozenset({VmState.PAUSED})),
    "suspend": Action("suspend", Task.SUSPENDING, _ACTIVE),
    "resume": Action("resume", Task.RESUMING, frozenset({VmState.SUSPENDED})),
    "rescue": Action("rescue", Task.RESCUING, _REBUILDABLE),
    "unrescue": Action("unrescue", Task.UNRESCUING, frozenset({VmState.RESCUED})),
    "rebuild": Action("rebuild", Task.REBUILDING, _REBUILDABLE),
    "evacuate": Action("evacuate", Task.EVACUATING, _REBUILDABLE, tasks=_BEFORE_EVACUATION),
    "resize": Action("resize", Task.RESIZE_PREP, _AT_HOME),
    "migrate": Action("migrate", Task.RESIZE_PREP, _AT_HOME),
    "confirm_resize": Action(
        "confirmResize", Task.RESIZE_CONFIRMING, frozenset({VmState.RESIZED})
    ),
    "revert_resize": Action("revertResize", Task.RESIZE_REVERTING, frozenset({VmState.RESIZED})),
    "live_migrate": Action(
        "os-migrateLive",
        Task.MIGRATING,
        frozenset({VmState.ACTIVE, VmState.PAUSED}),
        logged="live-migration",
    ),
    "shelve": Action("shelve", Task.SHELVING, _WITH_DISK),
    "shelve_offload": Action(
        "shelveOffload", Task.SHELVING_OFFLOADING, frozenset({VmState.SHELVED})
    ),
    "unshelve": Action(
        "unshelve",
        Task.UNSHELVING,
        frozenset({VmState.SHELVED_OFFLOADED}),
        must_have_host=False,
    ),
    "unshelve_here": Action("unshelve", Task.POWERING_ON, frozenset({VmState.SHELVED})),
    "create_image": Action("createImage", Task.IMAGE_SNAPSHOT, _WITH_DISK),
    "create_backup": Action("createBackup", Task.IMAGE_BACKUP, _WITH_DISK),
    "change_password": Action("changePassword", Task.UPDATING_PASSWORD, _ACTIVE),
    "restore": Action("restore", Task.RESTORING, frozenset({VmState.SOFT_DELETED})),
    "soft_delete": Action(
        "delete",
        Task.SOFT_DELETING,
        _ANY,
        tasks=None,
        must_have_launched=False,
        must_have_host=False,  # it was on one when it was looked at: now it is gone for good
    ),
    "delete": Action(
        "delete",
        Task.DELETING,
        _ANY,
        tasks=None,
        must_have_launched=False,
        must_have_host=False,
    ),
    "force_delete": Action(
        "forceDelete",
        Task.DELETING,
        _ANY,
        tasks=None,
        logged="delete",
        must_have_launched=False,
        must_have_host=False,
    ),
}
FINAL: Final = frozenset({"delete", "force_delete", "soft_delete"})


# What follows when a host sees something else than the row says, with no task under way: the
# vm_state to record, or POWER_OFF: a guest that runs although it was stopped is stopped again.
POWER_OFF: Final = Task.POWERING_OFF

SEEN: Final[Mapping[tuple[VmState, Power], VmState | Task]] = {
    (VmState.ACTIVE, Power.SHUTDOWN): VmState.STOPPED,
    (VmState.ACTIVE, Power.PAUSED): VmState.PAUSED,
    (VmState.ACTIVE, Power.SUSPENDED): VmState.SUSPENDED,
    (VmState.ACTIVE, Power.CRASHED): VmState.ERROR,
    (VmState.ACTIVE, Power.ABSENT): VmState.ERROR,
    (VmState.STOPPED, Power.RUNNING): POWER_OFF,
    (VmState.STOPPED, Power.PAUSED): POWER_OFF,
    (VmState.STOPPED, Power.SUSPENDED): POWER_OFF,
    (VmState.STOPPED, Power.ABSENT): VmState.ERROR,
    (VmState.PAUSED, Power.RUNNING): VmState.ACTIVE,
    (VmState.PAUSED, Power.SUSPENDED): VmState.SUSPENDED,
    (VmState.PAUSED, Power.SHUTDOWN): VmState.STOPPED,
    (VmState.PAUSED, Power.CRASHED): VmState.ERROR,
    (VmState.PAUSED, Power.ABSENT): VmState.ERROR,
    (VmState.SUSPENDED, Power.RUNNING): VmState.ACTIVE,
    (VmState.SUSPENDED, Power.PAUSED): VmState.PAUSED,
    (VmState.SUSPENDED, Power.SHUTDOWN): VmState.STOPPED,
    (VmState.SUSPENDED, Power.CRASHED): VmState.ERROR,
    (VmState.SUSPENDED, Power.ABSENT): VmState.ERROR,
    (VmState.RESCUED, Power.ABSENT): VmState.ERROR,
    (VmState.SOFT_DELETED, Power.RUNNING): POWER_OFF,
    (VmState.SOFT_DELETED, Power.PAUSED): POWER_OFF,
    (VmState.SOFT_DELETED, Power.SUSPENDED): POWER_OFF,
    (VmState.SHELVED, Power.RUNNING): POWER_OFF,
    (VmState.SHELVED, Power.PAUSED): POWER_OFF,
    (VmState.SHELVED, Power.SUSPENDED): POWER_OFF,
}

POWER_AT_REST: Final[Mapping[VmState, Power]] = {
    VmState.ACTIVE: Power.RUNNING,
    VmState.STOPPED: Power.SHUTDOWN,
    VmState.PAUSED: Power.PAUSED,
    VmState.SUSPENDED: Power.SUSPENDED,
}


def goal_power(task: Task, vm_state: str, old_vm_state: str | None) -> Power | None:
    """The power that the host must see at the end of a task; None: any."""
    goal = TASKS[task].goal
    if goal is None or not goal.as_before:
        return goal.power if goal else None
    return POWER_AT_REST.get(VmState(old_vm_state or vm_state), Power.RUNNING)


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

_RESIZE: Final = (
    Task.RESIZE_PREP,
    Task.RESIZE_MIGRATING,
    Task.RESIZE_FINISH,
)
_REBUILD: Final = (Task.REBUILDING, Task.EVACUATING, Task.REBUILD_SPAWNING)
_MIGRATE: Final = (Task.MIGRATING, Task.MIGRATING_IN, Task.MIGRATING_OUT)

_STATUS_IN_TASK: Final[Mapping[tuple[VmState, Task], str]] = {
    (VmState.ACTIVE, Task.REBOOTING): "REBOOT",
    (VmState.ACTIVE, Task.REBOOTING_HARD): "HARD_REBOOT",
    (VmState.ACTIVE, Task.UPDATING_PASSWORD): "PASSWORD",
    **{(vm, t): "REBUILD" for vm in _REBUILDABLE for t in _REBUILD},
    **{(vm, t): "RESIZE" for vm in _AT_HOME for t in _RESIZE},
    **{(vm, t): "MIGRATING" for vm in (VmState.ACTIVE, VmState.PAUSED) for t in _MIGRATE},
    **{(VmState.RESIZED, t): "REVERT_RESIZE" for t in REVERTS},
}

STATUSES: Final = frozenset(_STATUS_AT_REST.values()) | frozenset(_STATUS_IN_TASK.values())


@lru_cache(1000)
def status(vm_state: str, task_state: str | None) -> str:
    """The API's one word for both (SEMANTICS section 2)."""
    try:
        vm = VmState(vm_state)
        task = Task(task_state) if task_state else None
    except ValueError:
        return "UNKNOWN"
    in_task = _STATUS_IN_TASK.get((vm, task)) if task else None
    return in_task or _STATUS_AT_REST[vm]


def shown(task_state: str | None) -> str | None:
    """The word for a task that clients see."""
    if task_state is None:
        return None
    task = Task(task_state)
    seen = SHOWN.get(task, task)
    return str(seen) if seen else None


def tasks_shown_as(word: str) -> list[str]:
    """The tasks that clients see under this word."""
    return [str(task) for task in Task if shown(task) == word]


def vm_states_of(statuses: list[str]) -> tuple[set[str], set[tuple[str, str]]]:
    """The reverse of `status`: vm_states whose rest is asked for, and (vm_state, task) pairs.

    As in Nova, a status that is a vm_state's default also lists the instances of that vm_state
    which are shown otherwise because of a task (SEMANTICS section 2, section 18).
    """
    wanted = {word.upper() for word in statuses}
    at_rest = {str(vm) for vm, word in _STATUS_AT_REST.items() if word in wanted}
    in_task = {(str(v), str(t)) for (v, t), word in _STATUS_IN_TASK.items() if word in wanted}
    return at_rest, in_task
