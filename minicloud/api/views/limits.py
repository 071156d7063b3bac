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
    "maxTotalFloatingIps": "floating_ips",
    "maxSecurityGroups": "security_groups",
    "maxSecurityGroupRules": "security_group_rules",
}
_NO_NETWORK_USED: Final = {"totalFloatingIpsUsed": 0, "totalSecurityGroupsUsed": 0}


def show(
    limits: Mapping[str, int], usage: Usage, rates: list[Any], version: int
) -> dict[str, Any]:
    absolute = {name: limits.get(resource, -1) for name, resource in _LIMITS.items()} | {
        "totalInstancesUsed": usage.instances,
        "totalCoresUsed": usage.cores,
        "totalRAMUsed": usage.ram_mb,
        "totalServerGroupsUsed": usage.server_groups,
    }
    if version < Since.NETWORK_LIMITS_GONE:
        absolute |= {name: limits.get(resource, -1) for name, resource in _NETWORK.items()}
        absolute |= _NO_NETWORK_USED
    if version < Since.IMAGE_LIMITS_GONE:
        absolute["maxImageMeta"] = limits.get("metadata_items", -1)
    if version < Since.PERSONALITY_GONE:
        absolute["maxPersonality"] = limits.get("injected_files", -1)
        absolute["maxPersonalitySize"] = limits.get("injected_file_content_bytes", -1)
    return {"limits": {"rate": rates, "absolute": absolute}}
