"""What an image is made for, and whether a host can run that."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from oslo_utils import versionutils

# Each under its name now, and the one of the seed era; then what else is the same thing.
_ASKED: Final = (
    (("hw_architecture", "architecture"), {"amd64": "x86_64", "i386": "i686", "x86": "i686"}),
    (("img_hv_type", "hypervisor_type"), {"xapi": "xen"}),
    (("hw_vm_mode", "vm_mode"), {"pv": "xen", "hv": "hvm", "baremetal": "hvm"}),
)
_VERSION: Final = ("img_hv_requested_version", "hypervisor_version_requires")


class Made(NamedTuple):
    """Architecture, hypervisor type and mode, and the hypervisor's versions: "" for any."""

    asked: Sequence[str]
    versions: str

    @property
    def for_all(self) -> bool:
        return not any(self.asked) and not self.versions

    @property
    def told(self) -> str:
        """For people."""
        asked = "/".join(each or "any" for each in self.asked)
        return f"{asked}, version {self.versions}" if self.versions else asked

    def runs_on(self, kind: Mapping[str, Any]) -> bool:
        """`kind`: a host's `supported_instances` and `hypervisor_version`."""
        return _supports(kind, self.asked) and _is_among(kind, self.versions)


def told(kind: Mapping[str, Any]) -> str:
    """What a host runs, for people."""
    supported = ["/".join(map(str, each)) for each in kind.get("supported_instances") or ()]
    number = kind.get("hypervisor_version")
    version = versionutils.convert_version_to_str(int(number)) if number else "unknown"
    return f"{', '.join(supported) or 'nothing'}, version {version}"


def made_for(properties: Mapping[str, Any]) -> Made:
    """Of an image's properties."""
    asked = [_canonical(_named(properties, names), same) for names, same in _ASKED]
    return Made(asked, _named(properties, _VERSION))


def canonical(name: str, value: str) -> str:
    """The one word for what a property of this name says, where there are several."""
    for names, same in _ASKED:
        if name in names:
            return _canonical(value, same)
    return value


def _named(image: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((str(image[name]) for name in names if image.get(name)), "")


def _canonical(value: str, same: Mapping[str, str]) -> str:
    small = value.lower()
    return same.get(small, small)


def _supports(kind: Mapping[str, Any], wanted: Sequence[str]) -> bool:
    if not any(wanted):
        return True
    return any(
        all(not wish or wish in triple for wish in wanted)  # in any place of it, as in Nova
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
