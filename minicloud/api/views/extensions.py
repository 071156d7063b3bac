"""The canned list by which clients of the first years found out what there is."""

from typing import Any, Final

_ALIASES: Final = {
    "OS-DCF": "DiskConfig",
    "OS-EXT-AZ": "ExtendedAvailabilityZone",
    "OS-EXT-SRV-ATTR": "ExtendedServerAttributes",
    "OS-EXT-STS": "ExtendedStatus",
    "OS-FLV-DISABLED": "FlavorDisabled",
    "OS-FLV-EXT-DATA": "FlavorExtraData",
    "OS-SCH-HNT": "SchedulerHints",
    "OS-SRV-USG": "ServerUsage",
    "os-availability-zone": "AvailabilityZone",
    "os-consoles": "Consoles",
    "os-flavor-extra-specs": "FlavorExtraSpecs",
    "os-hypervisors": "Hypervisors",
    "os-instance-actions": "InstanceActions",
    "os-multiple-create": "MultipleCreate",
    "os-server-start-stop": "ServerStartStop",
    "os-services": "Services",
    "os-used-limits": "UsedLimits",
    "os-user-data": "UserData",
}

EXTENSIONS: Final[dict[str, dict[str, Any]]] = {
    alias: {
        "alias": alias,
        "name": name,
        "description": "",
        "links": [],
        "namespace": "",
        "updated": "2014-12-03T00:00:00Z",
    }
    for alias, name in _ALIASES.items()
}
