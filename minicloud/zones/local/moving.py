"""What it takes to begin a move to another host, or to settle one."""

from collections.abc import Mapping
from typing import Any, Final

from minicloud import errors
from minicloud.db import enlisting, hosts, migrations, models, quotas
from minicloud.db.hosts import Need
from minicloud.db.placements import at, hold
from minicloud.instance_states import LEFT_BEHIND, Task, VmState
from minicloud.zones.local.acting import Hook, Start
from minicloud.zones.local.create import flavor_copy, usable_flavor
from minicloud.zones.local.limits import usual

_NO_RESIZE: Final = "Instance has not been resized."


def resize(start: Start) -> Mapping[str, Any]:
    """To another flavor, on another host. Nova's API: same flavor 400, disabled 404."""
    flavor = _wanted_flavor(start)
    own = start.row.flavor
    if flavor.root_gb == 0 and own["root_gb"] != 0:
        raise errors.BadRequest("Resize to zero disk flavor is not allowed.")
    more = {
        "cores": max(flavor.vcpus - start.row.vcpus, 0),
        "ram": max(flavor.memory_mb - start.row.memory_mb, 0),
    }
    check_quota(start, more)
    _begin(start, migrations.RESIZE, flavor_copy(flavor))
    facts: dict[str, Any] = {"old_vm_state": start.row.vm_state, "retry": None}
    if start.wish.get("disk_config"):
        facts["disk_config"] = start.wish["disk_config"]
    return facts


def migrate(start: Start) -> Mapping[str, Any]:
    """To another host with the same flavor, while it is off."""
    _name_destination(start)
    _begin(start, migrations.MIGRATION)
    return {"old_vm_state": start.row.vm_state, "retry": None}


def live_migrate(start: Start) -> Mapping[str, Any]:
    _name_destination(start)
    _begin(start, migrations.LIVE)
    return {"retry": None}


def evacuate(start: Start) -> Mapping[str, Any]:
    """Made anew elsewhere, since its host is down. `stay_off`: it is not started there (2.95)."""
    _name_destination(start)
    was_off = start.row.vm_state == VmState.STOPPED
    off = was_off or bool(start.wish.get("stay_off"))
    if start.wish.get("password_hash"):
        start.parameters["password_hash"] = start.wish["password_hash"]

    def leave() -> None:
        """What the host was told or says of before counts no more."""
        enlisting.fence(start.db, [start.row.host or ""], start.now)
        _begin(start, migrations.EVACUATION)

    start.after_overtaking = leave
    return {"old_vm_state": str(VmState.STOPPED if off else VmState.ACTIVE), "retry": None}


def confirm_resize(start: Start) -> Mapping[str, Any]:
    """The guest that was kept on the old host goes."""
    move = _finished(start)
    _settle(start, move, "confirming")
    return {"task_host": move.source_compute}


def revert_resize(start: Start) -> Mapping[str, Any]:
    """Back to the old host and the old flavor, which may be the larger one."""
    move = _finished(start)
    old, row = move.old_flavor, start.row
    more = {
        "cores": max(old["vcpus"] - row.vcpus, 0),
        "ram": max(old["memory_mb"] - row.memory_mb, 0),
    }
    check_quota(start, more)
    _settle(start, move, "reverting")
    return {}


HOOKS: Final[Mapping[str, Hook]] = {
    "resize": resize,
    "migrate": migrate,
    "live_migrate": live_migrate,
    "evacuate": evacuate,
    "confirm_resize": confirm_resize,
    "revert_resize": revert_resize,
}


def check_quota(start: Start, more: Mapping[str, int]) -> None:
    """QuotaExceeded when the instance's project may not have that much more."""
    if not any(more.values()):
        return
    row, db = start.row, start.db
    quotas.guard(db, row.project_id)
    otherwise = usual(start.conf, start.context, row.project_id)
    quotas.check(quotas.bounds(db, row.project_id, row.user_id, otherwise), more)


def abort(start: Start, move_id: int) -> None:
    """Call a live migration off, as long as the instance is where it was."""
    move = _under_way(start, move_id)
    if start.row.task_state not in (Task.MIGRATING, Task.MIGRATING_IN):
        raise errors.InvalidMigrationState(move_id, start.row.uuid, move.status, "abort")
    if move.held_host:
        hosts.give_back(start.db, move.held_host, Need.held(move), start.now)
    facts = {"status": "cancelled", **hold(None, Need())}
    migrations.change(start.db, [(move.id, facts)], start.now)


def take_back(start: Start) -> dict[str, Any]:
    """The instance is where its disk is again: on the host that it was to leave."""
    move, row = start.move, start.row
    if move is None or row.task_state not in LEFT_BEHIND:
        return {}
    hosts.give_back(start.db, row.host or "", Need.of(row), start.now)
    migrations.change(start.db, [(move.id, {"status": "error", **hold(None, Need())})], start.now)
    return at(move.source_compute, move.source_node, move.old_flavor)


def force_complete(start: Start, move_id: int) -> None:
    """A simulated guest is copied in one go: there is nothing to hurry."""
    move = _under_way(start, move_id)
    if move.status != "running":
        raise errors.InvalidMigrationState(move_id, start.row.uuid, move.status, "force_complete")


def _under_way(start: Start, move_id: int) -> models.Migration:
    move = start.move
    if move is None or move.id != move_id or move.migration_type != migrations.LIVE:
        raise errors.MigrationNotFound(move_id, start.row.uuid)
    return move


def _wanted_flavor(start: Start) -> models.Flavor:
    flavor = usable_flavor(start.db, start.context, start.wish["flavor"])
    if flavor.flavorid == start.row.flavor["flavorid"]:
        raise errors.BadRequest("When resizing, instances must change flavor!")
    return flavor


def _name_destination(start: Start) -> None:
    """`host` is asked for with the filters on, or (`force`) taken whatever they say."""
    host = start.wish.get("host")
    if not host:
        return
    if host == start.row.host:
        raise errors.BadRequest(
            f"The instance {start.row.uuid} is on host {host} already: choose another."
        )
    if start.wish.get("force"):
        start.parameters["force_hosts"] = [host]
    else:
        start.parameters["requested_host"] = host


def _begin(start: Start, kind: str, new_flavor: Mapping[str, Any] | None = None) -> None:
    migrations.start(start.db, start.row, kind, start.who, start.now, new_flavor)


def _finished(start: Start) -> models.Migration:
    move = start.move
    if move is None or move.status != "finished":
        raise errors.BadRequest(_NO_RESIZE)
    return move


def _settle(start: Start, move: models.Migration, status: str) -> None:
    migrations.change(start.db, [(move.id, {"status": status})], start.now)
