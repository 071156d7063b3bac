"""What it takes to begin an action on a server that stays on its host."""

import uuid as uuids
from collections.abc import Mapping
from typing import Any, Final

from minicloud import errors
from minicloud.db import images, key_pairs, models, quotas
from minicloud.instance_states import VmState
from minicloud.zones.local.acting import Hook, Start
from minicloud.zones.local.create import bootable_image
from minicloud.zones.local.limits import usual
from minicloud.zones.local.moving import check_quota


def rebuild(start: Start) -> Mapping[str, Any]:
    """A new disk from an image; `wish["facts"]`: columns that change with it."""
    row, facts = start.row, dict(start.wish.get("facts") or {})
    _check_metadata(start, facts.get("meta"))
    key = facts.get("key_name")
    if key and key_pairs.get(start.db, start.context.user_id, key) is None:
        raise errors.BadRequest("Invalid key_name provided.")
    image = _image_for(start, start.wish["image"])
    _check_host(start, image)
    start.parameters |= _kept(start, "password_hash")
    off = row.vm_state == VmState.STOPPED
    facts["old_vm_state"] = str(VmState.STOPPED if off else VmState.ACTIVE)
    facts["image_ref"] = image["id"]
    facts["request"] = {**row.request, "image": image}
    return facts


def rescue(start: Start) -> Mapping[str, Any]:
    """Run from another image, or its own, with its disk beside."""
    ref = start.wish.get("image")
    if ref:
        _image_for(start, ref)
        start.parameters["image_ref"] = ref
    start.parameters |= _kept(start, "password_hash")
    return {}


def create_image(start: Start) -> Mapping[str, Any]:
    """`wish`: name, image_id, metadata."""
    _queue(start, start.wish["name"], {"image_type": "snapshot"})
    return {}


def create_backup(start: Start) -> Mapping[str, Any]:
    """`wish`: name, image_id, backup_type, rotation, metadata."""
    kind = start.wish["backup_type"]
    _queue(start, start.wish["name"], {"image_type": "backup", "backup_type": kind})
    start.parameters |= _kept(start, "backup_type", "rotation")
    return {}


def shelve(start: Start) -> Mapping[str, Any]:
    """Saved to an image that is dropped when the server is back."""
    image_id = str(uuids.uuid4())
    if start.row.shelved_image:  # it was shelved before, and its state was reset
        images.delete(start.db, start.row.shelved_image)
    start.wish = {**start.wish, "image_id": image_id}
    _queue(start, f"{start.row.display_name[:247]}-shelved", {"image_type": "snapshot"})
    return {"shelved_image": image_id}


def unshelve(start: Start) -> Mapping[str, Any]:
    """`wish`: availability_zone (present with None: no zone any more) and host."""
    facts: dict[str, Any] = {"retry": None}
    if "availability_zone" in start.wish:
        facts["availability_zone"] = start.wish["availability_zone"]
    if start.wish.get("host"):
        start.parameters["requested_host"] = start.wish["host"]
    return facts


def unshelve_here(start: Start) -> Mapping[str, Any]:
    if "availability_zone" in start.wish or start.wish.get("host"):
        raise errors.UnshelveSpecifiedNotOffloaded(start.row.vm_state, start.row.uuid)
    return {}


def change_password(start: Start) -> Mapping[str, Any]:
    start.parameters |= _kept(start, "password_hash")
    return {}


def restore(start: Start) -> Mapping[str, Any]:
    """A deleted server does not count; one that is back does."""
    row = start.row
    check_quota(start, {"instances": 1, "cores": row.vcpus, "ram": row.memory_mb})
    return {}


HOOKS: Final[Mapping[str, Hook]] = {
    "rebuild": rebuild,
    "rescue": rescue,
    "create_image": create_image,
    "create_backup": create_backup,
    "shelve": shelve,
    "unshelve": unshelve,
    "unshelve_here": unshelve_here,
    "change_password": change_password,
    "restore": restore,
}


def _check_metadata(start: Start, meta: Mapping[str, Any] | None) -> None:
    """No more items than the quota allows."""
    if not meta:
        return
    row = start.row
    otherwise = usual(start.conf, start.context, row.project_id)
    found = quotas.limits(start.db, row.project_id, row.user_id, otherwise)
    if 0 <= found["metadata_items"] < len(meta):
        raise errors.TooMuchMetadata(found["metadata_items"])


def _kept(start: Start, *names: str) -> dict[str, Any]:
    return {name: start.wish[name] for name in names if start.wish.get(name) is not None}


def _image_for(start: Start, ref: str) -> dict[str, Any]:
    """The facts of an image that this server can run from."""
    flavor = models.Flavor(**start.row.flavor)
    return bootable_image(start.db, start.context, ref, flavor)


def _check_host(start: Start, image: Mapping[str, Any]) -> None:
    """Nobody chooses a host for a rebuild: the one there is must do for another image too."""
    if start.refused_by is None or image["id"] == start.row.image_ref:
        return
    name = start.refused_by(start.db, start.row, image)
    if name is not None:
        raise errors.BadRequest(
            f"No valid host was found. The host of instance {start.row.uuid} cannot run "
            f"image {image['id']}: {name} refuses it."
        )


def _queue(start: Start, name: str, kind: Mapping[str, str]) -> None:
    """The image waits for the disk; it belongs to the server's project."""
    row = start.row
    properties = {
        **{k: str(v) for k, v in (start.wish.get("metadata") or {}).items()},
        **kind,
        "instance_uuid": row.uuid,
        "user_id": start.context.user_id,
        "base_image_ref": row.image_ref or "",
    }
    image = models.Image(
        id=start.wish["image_id"],
        name=name,
        owner=row.project_id,
        status="queued",
        visibility="private",
        protected=False,
        hidden=False,
        disk_format="raw",
        container_format="bare",
        min_disk_gb=row.flavor["root_gb"],
        min_ram_mb=0,
        properties=properties,
        tags=[],
        created_at=start.now,
        updated_at=start.now,
    )
    images.insert(start.db, image)
    start.parameters["image_id"] = start.wish["image_id"]
