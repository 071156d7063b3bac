"""From the query of a listing of servers to what the zone is asked for."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from minicloud import errors
from minicloud.api.faults import invalid
from minicloud.api.handlers.sorting import sorting
from minicloud.api.policies import servers as policies
from minicloud.api.policy import Policy
from minicloud.api.request import ApiRequest
from minicloud.api.schemas.forms import regex
from minicloud.api.schemas.query import Asked, flag, moment
from minicloud.api.versions import Since
from minicloud.db.tags import TagFilters
from minicloud.instance_states import STATUSES, tasks_shown_as, vm_states_of
from minicloud.zones.base import ServerFilters

Form = Callable[[str, str], Any]


def _text(_name: str, text: str) -> str:
    return text


def _task(_name: str, text: str) -> list[str] | None:
    """The tasks that are shown by this word."""
    return None if text.lower() == "none" else tasks_shown_as(text)


def _disk_config(name: str, text: str) -> str:
    return "AUTO" if flag(name, text) else "MANUAL"


def _number(name: str, text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII):
        raise invalid("query parameters", name, text, f"'{text[:64]}' is not an integer")
    return int(text)


# parameter -> column and form of its value
_EVERYONE: Final[Mapping[str, tuple[str, Form]]] = {
    "reservation_id": ("reservation_id", _text),
    "image": ("image_ref", _text),
}
_ALWAYS: Final[Mapping[str, str]] = {  # what is the same for every server
    "kernel_id": "",
    "ramdisk_id": "",
    "root_device_name": "/dev/vda",
}
_FROM_2_83: Final[Mapping[str, tuple[str, Form]]] = {
    "availability_zone": ("availability_zone", _text),
    "config_drive": ("config_drive", flag),
    "key_name": ("key_name", _text),
    "created_at": ("created_at", moment),
    "launched_at": ("launched_at", moment),
    "terminated_at": ("terminated_at", moment),
    "power_state": ("power_state", _number),
    "task_state": ("task_state", _task),
    "vm_state": ("vm_state", _text),
    "user_id": ("user_id", _text),
}
_ADMINS: Final[Mapping[str, tuple[str, Form]]] = {
    "host": ("host", _text),
    "node": ("node", _text),
    "hostname": ("hostname", _text),
    "launch_index": ("launch_index", _number),
    "uuid": ("uuid", _text),
    "access_ip_v4": ("access_ip_v4", _text),
    "access_ip_v6": ("access_ip_v6", _text),
    "display_description": ("display_description", _text),
    "description": ("display_description", _text),
    "locked_by": ("locked_by", _text),
    "image_ref": ("image_ref", _text),
    "auto_disk_config": ("disk_config", _disk_config),
}

_SORT_COLUMNS: Final = (
    *("access_ip_v4", "access_ip_v6", "availability_zone", "config_drive", "created_at"),
    *("display_description", "display_name", "host", "hostname", "image_ref", "key_name"),
    *("launch_index", "launched_at", "locked_by", "node", "power_state", "project_id"),
    *("task_state", "terminated_at", "updated_at", "user_id", "uuid", "vm_state"),
)
_THE_SAME_FOR_ALL: Final = (
    *("auto_disk_config", "instance_type_id", "kernel_id", "ramdisk_id", "root_device_name"),
    "progress",
)
_PASSED_OVER: Final = (  # up to 2.74
    *("architecture", "cell_name", "cleaned", "default_ephemeral_device", "default_swap_device"),
    *("deleted", "deleted_at", "disable_terminate", "ephemeral_gb", "ephemeral_key_uuid", "id"),
    *("key_data", "launched_on", "locked", "memory_mb", "os_type", "reservation_id", "root_gb"),
    *("shutdown_terminate", "user_data", "vcpus", "vm_mode"),
)
_SORT_KEYS: Final[Mapping[str, str | None]] = {
    **dict.fromkeys(_THE_SAME_FOR_ALL),
    **{name: name for name in _SORT_COLUMNS},
}


def _sort_keys(version: int) -> Mapping[str, str | None]:
    passed_over = () if version >= Since.STRICT else _PASSED_OVER
    locked = {"locked": "locked_by"} if version >= Since.LOCKED_REASON else {}
    return {**dict.fromkeys(passed_over), **_SORT_KEYS, **locked}


def sort_of(req: ApiRequest, asked: Asked) -> Sequence[tuple[str, str]]:
    if not req.context.is_admin:
        for key in ("host", "node"):
            if key in asked.all("sort_key"):
                raise errors.Forbidden(f"Only administrators can sort servers by {key}")
    return sorting(asked, _sort_keys(req.version), ("created_at", "desc"))


def filters_of(
    req: ApiRequest, asked: Asked, policy: Policy, rule_for_all: str
) -> ServerFilters | None:
    """None: nothing can fit. What the caller may not filter by is dropped."""
    everything = policy.allows(req.context, policies.ALL_FILTERS)
    states = _states(req, asked, everything)
    if states is None or _cannot_fit(asked, everything):
        return None
    vm_states, in_task, deleted_status = states
    since, before = asked.changed()
    name = asked.get("name") or (asked.get("display_name") if everything else None)
    everywhere = everything or req.version >= Since.FILTERS_FOR_ALL
    progress = asked.get("progress") if everywhere else None
    deleted = None if since or before else deleted_status
    if everything and "deleted" in asked:
        deleted = asked.flag("deleted")
    return ServerFilters(
        project_id=_project(req, asked, policy, rule_for_all),
        deleted=deleted,
        vm_states=vm_states,
        in_task=in_task,
        name=regex("name", name) if name else None,
        changes_since=since,
        changes_before=before,
        equal=_equal(req, asked, everything),
        flavor_id=asked.get("flavor"),
        locked=asked.flag("locked"),
        tags=_tags(asked),
        soft_deleted=asked.flag("soft_deleted") if everything else None,
        progress=_number("progress", progress) if progress else None,
        ip=_expression(asked, "ip"),
        ip6=_expression(asked, "ip6") if _may_ask_ip6(req, everything) else None,
    )


def _may_ask_ip6(req: ApiRequest, everything: bool) -> bool:
    return everything or req.version >= Since.IP6_FILTER


def _expression(asked: Asked, name: str) -> str | None:
    text = asked.get(name)
    return regex(name, text) if text else None


def _project(req: ApiRequest, asked: Asked, policy: Policy, rule_for_all: str) -> str | None:
    wish = asked.get("all_tenants")
    if wish is None or not (wish == "" or flag("all_tenants", wish)):
        return req.context.project_id
    policy.check(req.context, rule_for_all)
    return asked.get("project_id") or asked.get("tenant_id")


def _states(
    req: ApiRequest, asked: Asked, everything: bool
) -> tuple[frozenset[str] | None, frozenset[tuple[str, str]], bool] | None:
    """vm_states, (vm_state, task) pairs, and whether the deleted ones are asked for."""
    words = [word.upper() for word in asked.all("status")]
    if not words:
        return None, frozenset(), False
    if "DELETED" in words and not everything:
        raise errors.Forbidden("Only administrators may list deleted instances")
    vm_states, in_task = vm_states_of(words)
    if not vm_states and not in_task:
        if req.version >= Since.BAD_STATUS_REFUSED and not STATUSES & set(words):
            raise errors.BadRequest(f"Invalid status value: {words[0][:64]}")
        return None
    return frozenset(vm_states), frozenset(in_task), "DELETED" in words


def _tags(asked: Asked) -> TagFilters:
    """Each parameter is a list, separated by commas."""
    return TagFilters(
        *(
            frozenset(tag for text in asked.all(name) for tag in text.split(",") if tag)
            for name in ("tags", "tags-any", "not-tags", "not-tags-any")
        )
    )


def _cannot_fit(asked: Asked, everything: bool) -> bool:
    """Some things are the same for all servers."""
    return everything and any(
        name in asked and asked.get(name) != value for name, value in _ALWAYS.items()
    )


def _equal(req: ApiRequest, asked: Asked, everything: bool) -> dict[str, Any]:
    known = dict(_EVERYONE)
    if everything or req.version >= Since.FILTERS_FOR_ALL:
        known |= _FROM_2_83
    if req.version >= Since.HOSTNAME:
        known["hostname"] = ("hostname", _text)
    if everything:
        known |= _ADMINS
    equal: dict[str, Any] = {}
    for name in asked.names():
        if name in known:
            column, form = known[name]
            equal[column] = form(name, asked.get(name) or "")
    return equal
