"""Hosts that can run what the image is made for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from oslo_config import cfg
from oslo_utils import versionutils

from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.request import Request

# Each under its name now, and the one of the seed era; then what else is the same thing.
_ASKED: Final = (
    (("hw_architecture", "architecture"), {"amd64": "x86_64", "i386": "i686", "x86": "i686"}),
    (("img_hv_type", "hypervisor_type"), {"xapi": "xen"}),
    (("hw_vm_mode", "vm_mode"), {"pv": "xen", "hv": "hvm", "baremetal": "hvm"}),
)
_VERSION: Final = ("img_hv_requested_version", "hypervisor_version_requires")


class ImagePropertiesFilter:
    """Architecture, hypervisor type and mode that the image names are found in one of the host's
    combinations, and the hypervisor's version is among those that the image takes."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        image = request.image_properties
        wanted = [_canonical(_named(image, names), same) for names, same in _ASKED]
        versions = _named(image, _VERSION)
        if not any(wanted) and not versions:
            return np.ones(len(hosts), np.bool_)
        return hosts.kinds.masked(
            lambda kind: _supports(kind, wanted) and _is_among(kind, versions)
        )


def _named(image: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((str(image[name]) for name in names if image.get(name)), "")


def _canonical(value: str, same: Mapping[str, str]) -> str:
    small = value.lower()
    return same.get(small, small)


def _supports(kind: Mapping[str, Any], wanted: Sequence[str]) -> bool:
    if not any(wanted):
        return True
    return any(
        all(not wish or wish == had for wish, had in zip(wanted, triple, strict=True))
        for triple in kind.get("supported_instances") or ()
    )


def _is_among(kind: Mapping[str, Any], versions: str) -> bool:
    """Whether the version fits ">=6.0, <7.0" and the like; what cannot be read fits nothing."""
    if not versions:
        return True
    number = kind.get("hypervisor_version")
    if not number:
        return False
    found = versionutils.convert_version_to_str(int(number))
    try:
        return bool(versionutils.VersionPredicate(versions).satisfied_by(found))
    except ValueError:
        return False
