"""Microversions: their numbers in the code, and which one a request asks for.

A version 2.N is the number N everywhere else. What each changes is told in history/.
"""

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import Any, Final

from minicloud import errors
from minicloud.api.faults import NotAcceptable

Environ = dict[str, Any]

MIN: Final = 1
MAX: Final = 104


class Since(IntEnum):
    """The first version that has it; for a name with GONE, the first that has it no more."""

    KEY_PAIR_TYPE = 2
    EXTENDED_ATTRIBUTES = 3  # admins see hostname, reservation id, user data, ...
    IP6_FILTER = 5
    REMOTE_CONSOLES = 6
    ACCESS_TO_PRIVATE_ONLY = 7  # of flavors
    MKS_CONSOLE = 8
    LOCKED = 9
    KEY_PAIRS_OF_OTHERS = 10
    FORCED_DOWN = 11
    GROUP_OWNER = 13  # of server groups
    EVACUATE_PLAIN = 14  # no shared storage to tell of, no password to answer
    SOFT_POLICIES = 15
    HOST_STATUS = 16
    DESCRIPTION = 19
    ACTIONS_OF_DELETED = 21
    MIGRATION_TYPE = 23
    BLOCK_MIGRATION_AUTO = 25
    TAGS = 26
    CPU_INFO_OBJECT = 28
    EVACUATION_CHECKED = 29  # a host that is named goes through the filters
    LIVE_MIGRATION_CHECKED = 30
    TOKENS_OF_ALL_CONSOLES = 31
    DEVICE_TAGS = 32  # of disks up to 2.32 only, of interfaces up to 2.36
    HYPERVISOR_PAGING = 33
    DISK_TAGS_GONE = 33
    KEY_PAIR_PAGING = 35
    NETWORK_LIMITS_GONE = 36
    NETWORKS_REQUIRED = 37
    BAD_STATUS_REFUSED = 38
    IMAGE_LIMITS_GONE = 39
    USAGE_PAGING = 40
    AGGREGATE_UUID = 41
    DEVICE_TAGS_BACK = 42
    IMAGE_ID_IN_BODY = 45
    EMBEDDED_FLAVOR = 47
    DIAGNOSTICS_SCHEMA = 48
    CLASS_GROUPS = 50  # server groups in the quota of a class, networks no more
    EVENTS_FOR_ALL = 51
    TAGS_AT_BOOT = 52
    UUIDS_OF_HOSTS = 53  # services and hypervisors
    KEY_ON_REBUILD = 54
    FLAVOR_DESCRIPTION = 55
    MIGRATE_TO_HOST = 56
    PERSONALITY_GONE = 57
    ACTION_PAGING = 58
    MIGRATION_PAGING = 59  # and uuids
    FLAVOR_EXTRA_SPECS = 61
    EVENT_HOST = 62
    TRUSTED_CERTIFICATES = 63
    GROUP_RULES = 64
    CHANGES_BEFORE = 66
    VOLUME_TYPE = 67
    NO_FORCE = 68
    INTERFACE_TAGS = 70
    SERVER_GROUPS_SHOWN = 71
    LOCKED_REASON = 73
    REQUESTED_HOST = 74
    STRICT = 75  # queries, one representation, swap 0
    POWER_UPDATE = 76
    UNSHELVE_TO_ZONE = 77
    MIGRATION_OWNER = 80
    IMAGE_CACHE = 81
    ACCELERATOR_EVENT = 82
    FILTERS_FOR_ALL = 83
    EVENT_DETAILS = 84
    EXTRA_SPECS_CHECKED = 86
    HYPERVISOR_NUMBERS_GONE = 88
    HOSTNAME = 90
    UNSHELVE_TO_HOST = 91
    KEY_PAIRS_IMPORTED = 92  # none is made any more
    REIMAGED_EVENT = 93
    FQDN = 94
    EVACUATED_STAY_OFF = 95
    PINNED_ZONE = 96
    SHARES = 97
    IMAGE_PROPERTIES = 98
    SPICE_DIRECT = 99
    HINTS_SHOWN = 100
    FLAVOR_NAME_FILTER = 102
    FLAVOR_FACTOR_GONE = 102  # and whether it is disabled
    STRICT_EVERYWHERE = 102  # no query that is not known
    PINNED_ZONE_UPDATE = 104


_HEADER: Final = "HTTP_OPENSTACK_API_VERSION"
_OLD_HEADER: Final = "HTTP_X_OPENSTACK_NOVA_API_VERSION"
_FORM: Final = re.compile(r"([1-9]\d{0,8})\.(0|[1-9]\d{0,8})", re.ASCII)

VERSION_KEY: Final = "minicloud.version"  # environ: the number, absent where headers are ignored


def asked(environ: Environ) -> int:
    """The version that the headers ask for; 2.1 without any."""
    text = _named(environ.get(_HEADER, "")) or environ.get(_OLD_HEADER, "").strip()
    return number(text) if text else MIN


def number(text: str) -> int:
    """What "2.N" or "latest" stands for."""
    if text == "latest":
        return MAX
    form = _FORM.fullmatch(text)
    if form is None:
        raise errors.BadRequest(
            f"API Version String '{text[:64]}' is of invalid format. "
            "Must be of format MajorNum.MinorNum."
        )
    minor = int(form[2])
    if int(form[1]) != 2 or not MIN <= minor <= MAX:
        raise NotAcceptable(
            f"Version {text} is not supported by the API. "
            f"Minimum is 2.{MIN} and maximum is 2.{MAX}."
        )
    return minor


def _named(header: str) -> str:
    """What a header of several services says about compute, the last time."""
    for item in reversed(header.split(",")):
        service, version = (*item.split(None, 1), "", "")[:2]
        if service.lower() == "compute" and version.strip():
            return str(version).strip()
    return ""


def echo(environ: Environ) -> Iterator[tuple[str, str]]:
    """The headers that tell which version answered."""
    version = environ.get(VERSION_KEY)
    if version is not None:
        yield "OpenStack-API-Version", f"compute 2.{version}"
        yield "X-OpenStack-Nova-API-Version", f"2.{version}"
        yield "Vary", "OpenStack-API-Version, X-OpenStack-Nova-API-Version"
