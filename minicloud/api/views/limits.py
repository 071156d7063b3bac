"""A project's limits as Nova shows them, by version."""

from collections.abc import Mapping
from typing import Any, Final

from minicloud.api.versions import Since
from minicloud.zones.base import Usage

_LIMITS: Final = {
    "maxTotalInstances": "instances",
    "maxTotalCores": "cores",
    "maxTotalRAMSize": "ram",
    "maxTotalKeypairs": "key_pairs",
    "maxServerMeta": "metadata_items",
    "maxServerGroups": "server_groups",
    "maxServerGroupMembers": "server_group_members",
}
_NETWORK: Final = {
    "maxTotalFloatingIps": -1,
    "totalFloatingIpsUsed": 0,
    "maxSecurityGroups": -1,
    "maxSecurityGroupRules": -1,
    "totalSecurityGroupsUsed": 0,
}


def show(limits: Mapping[str, int], usage: Usage, version: int) -> dict[str, Any]:
    absolute = {name: limits.get(resource, -1) for name, resource in _LIMITS.items()} | {
        "totalInstancesUsed": usage.instances,
        "totalCoresUsed": usage.cores,
        "totalRAMUsed": usage.ram_mb,
        "totalServerGroupsUsed": 0,
    }
    if version < Since.NETWORK_LIMITS_GONE:
        absolute |= _NETWORK
    if version < Since.IMAGE_LIMITS_GONE:
        absolute["maxImageMeta"] = limits.get("metadata_items", -1)
    if version < Since.PERSONALITY_GONE:
        absolute |= {"maxPersonality": 0, "maxPersonalitySize": 0}
    return {"limits": {"rate": [], "absolute": absolute}}
