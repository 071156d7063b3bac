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
_NAMES: Final[Mapping[str, str]] = {  # to what HostTable calls them
    "host": "host",
    "nodename": "node",
    "hypervisor_hostname": "node",
    "host_ip": "host_ip",
}
NOWHERE: Final = object()  # the path does not lead to anything on this host


def is_column(path: Sequence[str]) -> bool:
    """Whether it is a number for every host."""
    return len(path) == 1 and path[0] in _NUMBERS


def column(hosts: HostTable, path: Sequence[str]) -> Ints:
    return _NUMBERS[path[0]](hosts)


def is_name(path: Sequence[str]) -> bool:
    """Whether it is a text that is another one for each host."""
    return len(path) == 1 and path[0] in _NAMES


def name_of(path: Sequence[str]) -> str:
    """What HostTable calls it."""
    return _NAMES[path[0]]


def names(hosts: HostTable, path: Sequence[str]) -> Sequence[str]:
    return hosts.texts(name_of(path))


def at(hosts: HostTable, path: Sequence[str], place: int) -> Any:
    """What one host has at the end of the path, or NOWHERE."""
    if is_column(path):
        return int(column(hosts, path)[place])
    if is_name(path):
        return names(hosts, path)[place]
    return walked(hosts.kinds.at(place), path)


def told(hosts: HostTable, path: Sequence[str], place: int) -> str:
    """The same, for people."""
    value = at(hosts, path, place)
    return "nothing" if value is None or value is NOWHERE else str(value)


def satisfying(hosts: HostTable, path: Sequence[str], test: Test, otherwise: bool) -> Mask:
    """Hosts whose fact at the end of the path passes the test.

    `otherwise`: what holds of a host where the path leads nowhere.
    """
    if is_column(path):
        values, which = np.unique(column(hosts, path), return_inverse=True)
        return Alike(values.tolist(), which).masked(test)
    if is_name(path):
        found = names(hosts, path)
        return np.fromiter(map(test, found), np.bool_, len(found))

    def holds(kind: Mapping[str, Any]) -> bool:
        value = walked(kind, path)
        return otherwise if value is NOWHERE else test(value)

    return hosts.kinds.masked(holds)


def walked(kind: Mapping[str, Any], path: Sequence[str]) -> Any:
    """What a kind of hosts has at the end of the path, or NOWHERE."""
    here: Any = kind
    for word in path:
        if not isinstance(here, Mapping) or word not in here:
            return NOWHERE
        here = here[word]
    return here
