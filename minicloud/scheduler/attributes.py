"""The words by which users name facts of hosts in extra specs: those of Nova's host states."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

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
}
_NOWHERE: Final = object()


def satisfying(hosts: HostTable, path: Sequence[str], test: Test, otherwise: bool) -> Mask:
    """Hosts whose fact at the end of the path passes the test.

    `otherwise`: what holds of a host where the path leads nowhere.
    """
    first, *rest = path
    if first in _NUMBERS and not rest:
        values, which = np.unique(_NUMBERS[first](hosts), return_inverse=True)
        return np.array([test(value) for value in values.tolist()], np.bool_)[which]
    if first in _NAMES and not rest:
        return np.fromiter(map(test, _NAMES[first](hosts)), np.bool_, len(hosts))

    def passes(kind: Mapping[str, Any]) -> bool:
        found = _walked(kind, path)
        return otherwise if found is _NOWHERE else test(found)

    return hosts.kinds.masked(passes)


def _walked(kind: Mapping[str, Any], path: Sequence[str]) -> Any:
    here: Any = kind
    for word in path:
        if not isinstance(here, Mapping) or word not in here:
            return _NOWHERE
        here = here[word]
    return here
