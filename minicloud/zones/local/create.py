"""From a request for servers to the rows that say it: checks, quota, rows."""

import re
import uuid as uuids
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import (
    actions,
    flavors,
    images,
    instances,
    key_pairs,
    models,
    quotas,
    server_groups,
    tags,
)
from minicloud.instance_states import Task, VmState
from minicloud.zones.base import NewServers
from minicloud.zones.local.server_groups import joined

_FLAVOR_FACTS = (
    "flavorid",
    "name",
    "vcpus",
    "memory_mb",
    "root_gb",
    "ephemeral_gb",
    "swap_mb",
    "rxtx_factor",
    "is_public",
    "disabled",
    "extra_specs",
)


def flavor_copy(flavor: models.Flavor) -> dict[str, Any]:
    """What a server keeps of its flavor."""
    return {name: getattr(flavor, name) for name in _FLAVOR_FACTS}


def write(
    db: Session,
    context: RequestContext,
    wanted: NewServers,
    defaults: Mapping[str, int],
    now: datetime,
    look_again_s: float,
) -> tuple[str, list[models.Instance]]:
    """Check and write the intent in the caller's transaction: (reservation id, the rows)."""
    flavor = _flavor(db, context, wanted.flavor)
    image = _image(db, context, wanted.image, flavor)
    if wanted.key_name and key_pairs.get(db, context.user_id, wanted.key_name) is None:
        raise errors.BadRequest("Invalid key_name provided.")
    quotas.guard(db, context.project_id)
    bounds = quotas.bounds(db, context.project_id, context.user_id, defaults)
    _check_metadata(wanted, bounds[-1].limits)
    count = _fitting(wanted, flavor, bounds)
    most = bounds[-1].limits["server_group_members"]
    group = joined(db, context, wanted.hints, count, most)
    reservation_id = f"r-{uuids.uuid4().hex[:8]}"
    rows = [
        _row(context, wanted, flavor, image, reservation_id, index, count, now, look_again_s)
        for index in range(count)
    ]
    who = {
        "request_id": context.request_id,
        "user_id": context.user_id,
        "project_id": context.project_id,
    }
    names = [row["uuid"] for row in rows]
    action_ids = actions.start(db, names, "create", who, now)
    instances.insert(db, [{**row, "action_id": action_ids[row["uuid"]]} for row in rows])
    tags.add(db, names, tags.distinct(wanted.tags))
    if group is not None:
        server_groups.join(db, group, names)
    return reservation_id, [models.Instance(**row) for row in rows]


def _flavor(db: Session, context: RequestContext, flavorid: str) -> models.Flavor:
    try:
        flavor = flavors.get(db, flavorid)
    except errors.FlavorNotFound as error:
        raise errors.BadRequest(str(error)) from error
    if flavor.disabled or not (flavor.is_public or context.is_admin):
        raise errors.BadRequest(str(errors.FlavorNotFound(flavorid)))
    return flavor


def _image(
    db: Session, context: RequestContext, image_id: str | None, flavor: models.Flavor
) -> dict[str, Any]:
    """The facts of the image that a scheduler may want; BadRequest when it cannot be booted."""
    if not image_id:
        return {}
    image = images.get(db, image_id, context.project_id, is_admin=context.is_admin)
    if image is None:
        raise errors.BadRequest(str(errors.ImageNotFound(image_id)))
    if image.status != "active":
        raise errors.BadRequest(f"Image {image_id} is not active.")
    if image.min_ram_mb > flavor.memory_mb:
        raise errors.BadRequest("Flavor's memory is too small for requested image.")
    if flavor.root_gb and image.min_disk_gb > flavor.root_gb:
        raise errors.BadRequest(
            "Flavor's disk is smaller than the minimum size specified in image metadata. "
            f"Flavor disk is {flavor.root_gb << 30} bytes, "
            f"minimum size is {image.min_disk_gb << 30} bytes."
        )
    if flavor.root_gb and (image.size_bytes or 0) > flavor.root_gb << 30:
        raise errors.BadRequest(
            "Flavor's disk is too small for requested image. "
            f"Flavor disk is {flavor.root_gb << 30} bytes, image is {image.size_bytes} bytes."
        )
    return {
        "id": image.id,
        "name": image.name,
        "min_ram": image.min_ram_mb,
        "min_disk": image.min_disk_gb,
        "size": image.size_bytes,
        "properties": dict(image.properties),
    }


def _check_metadata(wanted: NewServers, limits: Mapping[str, int]) -> None:
    limit = limits["metadata_items"]
    if 0 <= limit < len(wanted.meta):
        raise errors.TooMuchMetadata(limit)


def _fitting(wanted: NewServers, flavor: models.Flavor, bounds: Sequence[quotas.Bound]) -> int:
    """How many may be made: as many as fit, at least `min_count` (SEMANTICS section 12)."""
    each = {"instances": 1, "cores": flavor.vcpus, "ram": flavor.memory_mb}
    room = [
        (bound.limits[name] - bound.used[name]) // amount
        for bound in bounds
        for name, amount in each.items()
        if bound.limits[name] >= 0 and amount
    ]
    quotas.check(bounds, {name: amount * wanted.min_count for name, amount in each.items()})
    return min([wanted.max_count, *room])


def _row(
    context: RequestContext,
    wanted: NewServers,
    flavor: models.Flavor,
    image: Mapping[str, Any],
    reservation_id: str,
    index: int,
    count: int,
    now: datetime,
    look_again_s: float,
) -> dict[str, Any]:
    suffix = "" if count == 1 else f"-{index + 1}"
    name = wanted.name[: 255 - len(suffix)] + suffix
    return {
        "uuid": str(uuids.uuid4()),
        "project_id": context.project_id,
        "user_id": context.user_id,
        "reservation_id": reservation_id,
        "launch_index": index,
        "display_name": name,
        "display_description": wanted.description,
        "hostname": wanted.hostname or hostname_of(name),
        "image_ref": wanted.image or None,
        "flavor": flavor_copy(flavor),
        "vcpus": flavor.vcpus,
        "memory_mb": flavor.memory_mb,
        "disk_gb": flavor.root_gb + flavor.ephemeral_gb,
        "key_name": wanted.key_name,
        "config_drive": wanted.config_drive,
        "access_ip_v4": wanted.access_ip_v4,
        "access_ip_v6": wanted.access_ip_v6,
        "meta": dict(wanted.meta),
        "availability_zone": wanted.availability_zone,
        "request": {
            "image": image,
            "hints": dict(wanted.hints),
            "force_hosts": [wanted.force_host] if wanted.force_host else [],
            "force_nodes": [wanted.force_node] if wanted.force_node else [],
            "requested_host": wanted.requested_host,
            "requested_node": wanted.requested_node,
            "num_instances": count,
        },
        "user_data": wanted.user_data,
        "vm_state": str(VmState.BUILDING),
        "created_at": now,
        **instances.begin(Task.SCHEDULING, now, look_again_s),
    }


def hostname_of(name: str) -> str:
    """A host name made of a server's name: what DNS does not allow becomes a hyphen."""
    cleaned = re.sub(r"[^a-z0-9-]+", "-", name.lower().replace(" ", "-").replace("_", "-"))
    return cleaned.strip("-.")[:63].strip("-") or "server"
