"""Queries and bodies of quotas."""

from typing import Any, Final

from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import BOOLEAN, closed
from minicloud.api.schemas.query import TEXT, Query
from minicloud.api.versions import Since

NETWORK: Final = ("fixed_ips", "floating_ips", "security_groups", "security_group_rules")
INJECTED: Final = (
    "injected_files",
    "injected_file_content_bytes",
    "injected_file_path_bytes",
)
COMPUTE: Final = ("cores", "instances", "key_pairs", "metadata_items", "ram")
GROUPS: Final = ("server_groups", "server_group_members")

LEAST: Final = -1
MOST: Final = 2_147_483_647
_LIMIT: Final[dict[str, Any]] = {
    "type": ["integer", "string"],
    "pattern": r"^-?[0-9]{1,10}\Z",
    "minimum": LEAST,
    "maximum": MOST,
}


def _set(name: str, *groups: tuple[str, ...], **more: dict[str, Any]) -> dict[str, Any]:
    fields = {resource: _LIMIT for group in groups for resource in group}
    return closed({name: closed({**fields, **more})}, (name,))


OF_USER: Final = Query({"user_id": TEXT})
UPDATE: Final = Body(
    {
        1: _set("quota_set", COMPUTE, GROUPS, INJECTED, NETWORK, force=BOOLEAN),
        Since.NETWORK_LIMITS_GONE: _set("quota_set", COMPUTE, GROUPS, INJECTED, force=BOOLEAN),
        Since.PERSONALITY_GONE: _set("quota_set", COMPUTE, GROUPS, force=BOOLEAN),
    }
)
UPDATE_CLASS: Final = Body(
    {
        1: _set("quota_class_set", COMPUTE, GROUPS, INJECTED, NETWORK),
        Since.CLASS_GROUPS: _set("quota_class_set", COMPUTE, GROUPS, INJECTED),
        Since.PERSONALITY_GONE: _set("quota_class_set", COMPUTE, GROUPS),
    }
)
