"""Quotas as Nova shows them, by version."""

from collections.abc import Mapping
from typing import Any

from minicloud.api.schemas.quota_sets import COMPUTE, GROUPS, INJECTED, NETWORK
from minicloud.api.versions import Since
from minicloud.zones.quotas import Allowance


def show(limits: Mapping[str, int], version: int) -> dict[str, int]:
    return {name: limits.get(name, -1) for name in _of_project(version)}


def detail(allowances: Mapping[str, Allowance], version: int) -> dict[str, dict[str, int]]:
    """With what is used; nothing is ever reserved, since use is counted."""
    shown = {}
    for name in _of_project(version):
        found = allowances.get(name, Allowance(-1, 0))
        shown[name] = {"in_use": found.in_use, "limit": found.limit, "reserved": 0}
    return shown


def of_class(limits: Mapping[str, int], version: int) -> dict[str, Any]:
    names = [*COMPUTE, *(GROUPS if version >= Since.CLASS_GROUPS else NETWORK)]
    if version < Since.PERSONALITY_GONE:
        names += INJECTED
    return {name: limits.get(name, -1) for name in names}


def _of_project(version: int) -> list[str]:
    names = [*COMPUTE, *GROUPS]
    if version < Since.NETWORK_LIMITS_GONE:
        names += NETWORK
    if version < Since.PERSONALITY_GONE:
        names += INJECTED
    return names
