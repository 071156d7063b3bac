"""From a request for servers to the rows that say it: checks, quota, rows."""

import re
import sys
import uuid as uuids
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.conf.network import Network
from minicloud.context import RequestContext
from minicloud.db import (
    actions,
    flavors,
    idempotency,
    images,
    instances,
    key_pairs,
    models,
    quotas,
    server_groups,
    tags,
)
from minicloud.instance_states import Task, VmState
from minicloud.zones.base import NewServers, Once
from minicloud.zones.local import interfaces, patience
from minicloud.zones.local.server_groups import joined

_FLAVOR_FACTS = (
    "id",
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


@dataclass(frozen=True)
class Terms:
    """What creates are judged by, and when the conductor looks at what they made."""

    usual: quotas.Usual  # limits
    networks: Sequence[Network]
    look_again_s: float
    most_pending_s: int = 86400
    named_groups: bool = False  # whether the hint `group` may be any name


def write(
    db: Session, context: RequestContext, wanted: NewServers, terms: Terms, now: datetime
) -> tuple[str, list[models.Instance], bool]:
    """Check and write the intent in the caller's transaction.

    (reservation id, the rows, whether an earlier request under the same key has made them).
    """
    if wanted.once is not None:
        quotas.guard(db, context.project_id)  # whoever has the same key waits here
        made = _made_before(db, context, wanted.once, now)
        if made is not None:
            return made
    flavor, image, nics = _found(db, context, wanted, terms)
    if wanted.once is None:
        quotas.guard(db, context.project_id)
    count, group = _room(db, context, wanted, terms, flavor, hold=True)
    interfaces.reserve(db, nics)
    reservation_id = f"r-{uuids.uuid4().hex[:8]}"
    common = {
        "reservation_id": reservation_id,
        **_common(context, wanted, flavor),
        "request": _request(wanted, image, nics, count, terms),
        "created_at": now,
        **instances.begin(Task.SCHEDULING, now, look_again_s=terms.look_again_s),
        **patience.facts(wanted.hints, terms.most_pending_s, now),
    }
    rows = [{**common, **_named(wanted, index, count)} for index in range(count)]
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
    if wanted.once is not None:
        key, body_hash = wanted.once.key, wanted.once.body_hash
        whose = (context.project_id, context.user_id)
        idempotency.record(db, *whose, key, body_hash, reservation_id, now)
    return reservation_id, [models.Instance(**row) for row in rows], False


def check(db: Session, context: RequestContext, wanted: NewServers, terms: Terms) -> None:
    """Raise what `write` would, as things are: nothing is locked. A key's first use may be under
    way, so whoever has one gets no verdict here."""
    if wanted.once is None:
        flavor, _image, _nics = _found(db, context, wanted, terms)
        _room(db, context, wanted, terms, flavor, hold=False)


def imagined(
    db: Session, context: RequestContext, wanted: NewServers, terms: Terms
) -> tuple[models.Instance, int | None]:
    """The first row that `write` would make, which is not made, and how many the quotas allow."""
    flavor, image, nics = _found(db, context, wanted, terms)
    bounds = quotas.bounds(db, context.project_id, context.user_id, terms.usual)
    _check_metadata(wanted, bounds[-1].limits)
    group = joined(db, context, wanted.hints, 0, -1, hold=False, named=terms.named_groups)
    facts = {
        "reservation_id": "",
        **_common(context, wanted, flavor),
        "request": _request(wanted, image, nics, wanted.max_count, terms),
        **_named(wanted, 0, wanted.max_count),
    }
    row = models.Instance(**facts, generation=0, task_state=str(Task.SCHEDULING))
    allowed = by_quota(row, bounds)
    if group is not None:
        limit = bounds[-1].limits["server_group_members"]
        members = quotas.server_group_members(db, group.id, context.user_id)
        allowed = _least(allowed, None if limit < 0 else max(limit - members, 0))
    return row, allowed


def by_quota(row: models.Instance, bounds: Sequence[quotas.Bound]) -> int | None:
    """How many more of the kind may be made; None: there is no limit."""
    each = {"instances": 1, "cores": row.vcpus, "ram": row.memory_mb}
    most = None
    for bound in bounds:
        if any(bound.limits[name] >= 0 for name, amount in each.items() if amount):
            most = _least(most, bound.room(each, sys.maxsize))
    return most


def _least(one: int | None, other: int | None) -> int | None:
    return min((n for n in (one, other) if n is not None), default=None)


def _found(
    db: Session, context: RequestContext, wanted: NewServers, terms: Terms
) -> tuple[models.Flavor, dict[str, Any], list[dict[str, Any]]]:
    """What the request names: the flavor, the image, the interfaces. BadRequest."""
    patience.seconds(wanted.hints, terms.most_pending_s)
    flavor = usable_flavor(db, context, wanted.flavor)
    if not (flavor.root_gb or wanted.zero_disk):
        raise errors.ZeroDiskFlavor
    image = bootable_image(db, context, wanted.image, flavor)
    if wanted.key_name and key_pairs.get(db, context.user_id, wanted.key_name) is None:
        raise errors.BadRequest("Invalid key_name provided.")
    return flavor, image, interfaces.of(wanted, terms.networks)


def _room(
    db: Session,
    context: RequestContext,
    wanted: NewServers,
    terms: Terms,
    flavor: models.Flavor,
    *,
    hold: bool,
) -> tuple[int, models.ServerGroup | None]:
    """(how many fit, the group that they join). `hold`: the caller has the guard, and the group
    is locked too."""
    bounds = quotas.bounds(db, context.project_id, context.user_id, terms.usual)
    _check_metadata(wanted, bounds[-1].limits)
    count = _fitting(wanted, flavor, bounds)
    most = bounds[-1].limits["server_group_members"]
    named = terms.named_groups
    return count, joined(db, context, wanted.hints, count, most, hold=hold, named=named)


def _made_before(
    db: Session, context: RequestContext, once: Once, now: datetime
) -> tuple[str, list[models.Instance], bool] | None:
    known = idempotency.find(db, context.project_id, context.user_id, once.key, now)
    if known is None:
        return None
    if known.body_hash != once.body_hash:
        raise errors.IdempotencyKeyReused(once.key)
    made = instances.reserved(db, context.project_id, known.reservation_id)
    return known.reservation_id, made, True


def usable_flavor(db: Session, context: RequestContext, flavorid: str) -> models.Flavor:
    try:
        flavor = flavors.get(db, flavorid, None if context.is_admin else context.project_id)
    except errors.FlavorNotFound as error:
        raise errors.BadRequest(str(error)) from error
    if flavor.disabled:
        raise errors.BadRequest(str(errors.FlavorNotFound(flavorid)))
    return flavor


def bootable_image(
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
    least, most = wanted.min_count, wanted.max_count
    fitting = most
    for bound in bounds:
        room = bound.room(each, most)
        if room < least:  # Nova tells what all of them would have taken
            asked = {name: amount * most for name, amount in each.items()}
            range_ = str(most) if least == most else f"{least}-{most}"
            quotas.check([bound], asked, said={"instances": range_})
        fitting = min(fitting, room)
    return fitting


def _common(context: RequestContext, wanted: NewServers, flavor: models.Flavor) -> dict[str, Any]:
    """What all servers of a request have in common."""
    return {
        "project_id": context.project_id,
        "user_id": context.user_id,
        "display_description": wanted.description,
        "image_ref": wanted.image or None,
        "flavor": flavor_copy(flavor),
        "vcpus": flavor.vcpus,
        "memory_mb": flavor.memory_mb,
        "disk_gb": flavor.root_gb + flavor.ephemeral_gb,
        "key_name": wanted.key_name,
        "config_drive": wanted.config_drive,
        "disk_config": wanted.disk_config,
        "access_ip_v4": wanted.access_ip_v4,
        "access_ip_v6": wanted.access_ip_v6,
        "meta": dict(wanted.meta),
        "availability_zone": wanted.availability_zone,
        "user_data": wanted.user_data,
        "vm_state": str(VmState.BUILDING),
    }


def _request(
    wanted: NewServers,
    image: Mapping[str, Any],
    nics: Sequence[Mapping[str, Any]],
    count: int,
    terms: Terms,
) -> dict[str, Any]:
    """What was asked for and is no column: most of it is for the scheduler."""
    return {
        "image": image,
        "hints": dict(wanted.hints),
        "force_hosts": [wanted.force_host] if wanted.force_host else [],
        "force_nodes": [wanted.force_node] if wanted.force_node else [],
        "requested_host": wanted.requested_host,
        "requested_node": wanted.requested_node,
        "num_instances": count,
        "interfaces": nics,
        "security_groups": list(wanted.security_groups),
        "pending_s": patience.seconds(wanted.hints, terms.most_pending_s),
    }


def _named(wanted: NewServers, index: int, count: int) -> dict[str, Any]:
    """What tells one server of a request from the others."""
    suffix = "" if count == 1 else f"-{index + 1}"
    name = wanted.name[: 255 - len(suffix)] + suffix
    return {
        "uuid": str(uuids.uuid4()),
        "launch_index": index,
        "display_name": name,
        "hostname": _numbered(wanted.hostname, suffix) if wanted.hostname else hostname_of(name),
    }


def _numbered(hostname: str, suffix: str) -> str:
    """The number of a server goes behind the first label of its host name."""
    label, dot, domain = hostname.partition(".")
    return f"{label[: 63 - len(suffix)]}{suffix}{dot}{domain}"[:255]


def hostname_of(name: str) -> str:
    """A host name made of a server's name: what DNS does not allow becomes a hyphen."""
    cleaned = re.sub(r"[^a-z0-9-]+", "-", name.lower().replace(" ", "-").replace("_", "-"))
    return cleaned.strip("-.")[:63].strip("-") or "server"
