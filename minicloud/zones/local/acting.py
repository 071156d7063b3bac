"""How an action on a server begins: the checks, and the intent that is written.

What an action changes besides its task is a function of ACTIONS_BEGIN; everything happens in one
transaction on the locked row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import actions, hosts, images, instances, migrations, models
from minicloud.db.hosts import Need
from minicloud.db.placements import hold
from minicloud.instance_states import (
    ACTIONS,
    FINAL,
    IMAGING,
    MOVING,
    PLACES,
    REVERTS,
    TASKS,
    Action,
    Task,
    VmState,
    shown,
)

# The filter that refuses the host of a server for another image; None: none of them.
RefusedBy = Callable[[Session, models.Instance, Mapping[str, Any]], str | None]


@dataclass
class Start:
    """An action that begins: on which locked row, for whom, with what."""

    db: Session
    conf: cfg.ConfigOpts
    context: RequestContext
    row: models.Instance
    name: str
    now: datetime
    parameters: dict[str, Any]  # kept with the action
    wish: Mapping[str, Any] = field(default_factory=dict)  # as the caller gave it
    after_overtaking: Callable[[], None] | None = None  # what cannot be while another is open
    refused_by: RefusedBy | None = None

    @property
    def who(self) -> dict[str, str]:
        return who(self.context)

    @property
    def move(self) -> models.Migration | None:
        return migrations.open_of(self.db, [self.row.uuid]).get(self.row.uuid)


Hook = Callable[[Start], Mapping[str, Any]]  # returns columns to set with the task


def who(context: RequestContext) -> dict[str, str]:
    return {
        "request_id": context.request_id,
        "user_id": context.user_id,
        "project_id": context.project_id,
    }


def check(row: models.Instance, action: str, *, is_admin: bool) -> None:
    """Whether the action may start now: lock, state, host, in Nova's order (its API)."""
    rule = ACTIONS[action]
    check_lock(row, is_admin=is_admin)
    if row.vm_state not in rule.vm_states:
        raise errors.InvalidState(rule.word, row.uuid, "vm_state", row.vm_state)
    if rule.tasks is not None and row.task_state and row.task_state not in rule.tasks:
        task = shown(row.task_state) or row.task_state
        raise errors.InvalidState(rule.word, row.uuid, "task_state", task)
    if rule.must_have_launched and row.launched_at is None:
        raise errors.NeverActive(rule.word, row.uuid)
    if rule.must_have_host and row.host is None:
        raise errors.InstanceNotReady(row.uuid)


def check_lock(row: models.Instance, *, is_admin: bool) -> None:
    if row.locked_by and not is_admin:
        raise errors.InstanceLocked(row.uuid)


def begin(start: Start, hooks: Mapping[str, Hook], look_again_s: float) -> bool:
    """Write the intent; whether it is a conductor's turn now. False also when nothing is left."""
    row, db, rule = start.row, start.db, ACTIONS[start.name]
    if start.name in FINAL and row.task_state in (rule.first, Task.DELETING):
        return False  # a second delete changes nothing, nor does a soft one behind a hard one
    check(row, start.name, is_admin=start.context.is_admin)
    hook = hooks.get(start.name)
    facts = dict(hook(start)) if hook else {}
    if rule.tasks is None or row.task_state:
        facts = {**overtake(start, f"overtaken by {rule.name}"), **facts}
    if start.after_overtaking is not None:
        start.after_overtaking()
    logged = actions.start(db, [row.uuid], rule.name, start.who, start.now, start.parameters)
    action_id = logged[row.uuid]
    if start.name in FINAL and row.host is None:
        _gone(start, action_id)
        return False
    return _start_task(start, rule, facts, action_id, look_again_s)


def _start_task(
    start: Start, rule: Action, facts: Mapping[str, Any], action_id: int, look_again_s: float
) -> bool:
    row, task, places = start.row, rule.first, rule.first in PLACES
    actor = None if places else facts.get("task_host") or row.host
    begun = instances.begin(task, start.now, actor, look_again_s if places else None)
    instances.rewrite(start.db, [(row, {**begun, **facts, "action_id": action_id})])
    if not places:
        step = actions.event(action_id, TASKS[task].event, start.now, actor)
        actions.add_events(start.db, [step])
    return places


def _gone(start: Start, action_id: int) -> None:
    """Nothing is anywhere: it is deleted here and now."""
    row = start.row
    instances.rewrite(start.db, [(row, instances.gone(row.id, start.now))])
    if row.shelved_image:
        images.delete(start.db, row.shelved_image)
    actions.finish(start.db, [action_id], actions.SUCCESS, start.now)


def overtake(start: Start, reason: str) -> dict[str, Any]:
    """End what is under way, and give back what it holds; the columns that follow from it."""
    db, row, now = start.db, start.row, start.now
    facts: dict[str, Any] = {}
    if row.task_state in IMAGING and row.action_id is not None:
        for saved in actions.parameters_of(db, [row.action_id]).values():
            images.forget(db, saved["image_id"])
        if row.task_state == Task.SHELVING:
            facts["shelved_image"] = None
    if row.action_id is not None:
        actions.finish(db, [row.action_id], actions.ERROR, now, reason)
    if row.task_state in MOVING or row.vm_state == VmState.RESIZED:
        kept = row.vm_state == VmState.RESIZED and row.task_state not in REVERTS
        close_move(start, "confirmed" if kept else "error")
    return facts


def close_move(start: Start, status: str) -> None:
    """End the move that is under way where the instance is."""
    move = start.move
    if move is None:
        return
    if move.held_host:
        hosts.give_back(start.db, move.held_host, Need.held(move), start.now)
    facts = {"status": status, **hold(None, Need())}
    migrations.change(start.db, [(move.id, facts)], start.now)
