"""The words by which users name facts of hosts: those of Nova's host states."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from minicloud.scheduler.alike import Alike
from minicloud.scheduler.hosts import HostTable, Ints, Mask
from minicloud.scheduler.operators import Test

_NUMBERS: Final[Mapping[str, Callable[[HostTable], Ints]]] = {
    "free_ram_mb": lambda hosts: hosts.free_ram_mb,
    "total_usable_ram_mb": lambda hosts: hosts.total_usable_ram_mb,
    "free_disk_mb": lambda hosts: hosts.free_disk_mb,
    "disk_mb_used": lambda hosts: hosts.disk_mb_used,
    "total_usable_disk_gb": lambda hosts: hosts.total_usable_disk_gb,
    "vcpus_total": lambda hosts: hosts.vcpus_total,
    "vcpus_used": lambda hosts: hosts.vcpus_used,
    "num_instances": lambda hosts: hosts.num_instances,
    "num_io_ops": lambda hosts: hosts.num_io_ops,
    "failed_builds": lambda hosts: hosts.failed_builds,
}
_NAMES: Final[Mapping[str, Callable[[HostTable], Sequence[str]]]] = {
    "host": lambda hosts: hosts.names,
    "nodename": lambda hosts: hosts.nodes,
    "hypervisor_hostname": lambda hosts: hosts.nodes,
    "host_ip": lambda hosts: hosts.host_ips,
}
NOWHERE: Final = object()  # the path does not lead to anything on this host


def fact(hosts: HostTable, path: Sequence[str]) -> Ints | Alike[Any]:
    """A number for every host, or what each has at the end of the path; NOWHERE is a value too."""
    first, *rest = path
    if first in _NUMBERS and not rest:
        return _NUMBERS[first](hosts)
    if first in _NAMES and not rest:
        names = _NAMES[first](hosts)
        return Alike.of(zip(names, names, strict=True))
    kinds = hosts.kinds
    return Alike([_walked(kind, path) for kind in kinds.values], kinds.which)


def at(hosts: HostTable, path: Sequence[str], place: int) -> Any:
    """What one host has at the end of the path, or NOWHERE."""
    found = fact(hosts, path)
    return found.at(place) if isinstance(found, Alike) else int(found[place])


def told(hosts: HostTable, path: Sequence[str], place: int) -> str:
    """The same, for people."""
    value = at(hosts, path, place)
    return "nothing" if value is None or value is NOWHERE else str(value)


def satisfying(hosts: HostTable, path: Sequence[str], test: Test, otherwise: bool) -> Mask:
    """Hosts whose fact at the end of the path passes the test.

    `otherwise`: what holds of a host where the path leads nowhere.
    """
    found = fact(hosts, path)
    if isinstance(found, Alike):
        return found.masked(lambda value: otherwise if value is NOWHERE else test(value))
    values, which = np.unique(found, return_inverse=True)
    return Alike(values.tolist(), which).masked(test)


def _walked(kind: Mapping[str, Any], path: Sequence[str]) -> Any:
    here: Any = kind
    for word in path:
        if not isinstance(here, Mapping) or word not in here:
            return NOWHERE
        here = here[word]
    return here
