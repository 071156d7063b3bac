"""Flavors as Nova shows them, by version."""

from typing import Any

from minicloud.api.request import Links
from minicloud.api.versions import Since
from minicloud.db.models import Flavor


def brief(flavor: Flavor, version: int, links: Links) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": flavor.flavorid,
        "name": flavor.name,
        "links": links.of("flavors", flavor.flavorid),
    }
    if version >= Since.FLAVOR_DESCRIPTION:
        shown["description"] = flavor.description
    return shown


def detail(flavor: Flavor, version: int, links: Links, *, specs: bool) -> dict[str, Any]:
    shown = brief(flavor, version, links) | {
        "ram": flavor.memory_mb,
        "disk": flavor.root_gb,
        "vcpus": flavor.vcpus,
        "swap": flavor.swap_mb or ("" if version < Since.STRICT else 0),
        "OS-FLV-EXT-DATA:ephemeral": flavor.ephemeral_gb,
        "os-flavor-access:is_public": flavor.is_public,
    }
    if version < Since.FLAVOR_FACTOR_GONE:
        shown["OS-FLV-DISABLED:disabled"] = flavor.disabled
        shown["rxtx_factor"] = flavor.rxtx_factor
    if specs and version >= Since.FLAVOR_EXTRA_SPECS:
        shown["extra_specs"] = flavor.extra_specs
    return shown
