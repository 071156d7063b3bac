"""Simulated processors: they count the time that guests keep them busy."""

import threading
from dataclasses import dataclass, field, replace

from minicloud.compute.drivers.base import CpuTimes
from minicloud.runtime.clock import Clock

_BEFORE_S = 60.0  # a host has been as it is seen first for this long
_USER, _KERNEL = 0.8, 0.15  # shares of the busy time; the rest waits for disks
_FREQUENCY_MHZ = 2400


@dataclass
class _Host:
    seen_s: float
    times: CpuTimes = field(default_factory=lambda: CpuTimes(frequency_mhz=_FREQUENCY_MHZ))


class Processors:
    """What each host's have done; what runs now counts for the time since the last look."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def worked(self, host: str, count: int, busy: float) -> CpuTimes:
        """The host has `count` processors, and guests want `busy` of them."""
        now = self._clock.monotonic()
        with self._lock:
            seen = self._hosts.setdefault(host, _Host(now - _BEFORE_S))
            all_ns = int((now - seen.seen_s) * 1e9) * count
            busy_ns = int(all_ns * min(busy / count, 1.0))
            seen.times, seen.seen_s = _more(seen.times, busy_ns, all_ns - busy_ns), now
            return seen.times


def _more(times: CpuTimes, busy_ns: int, idle_ns: int) -> CpuTimes:
    user_ns, kernel_ns = int(busy_ns * _USER), int(busy_ns * _KERNEL)
    return replace(
        times,
        user_ns=times.user_ns + user_ns,
        kernel_ns=times.kernel_ns + kernel_ns,
        iowait_ns=times.iowait_ns + busy_ns - user_ns - kernel_ns,
        idle_ns=times.idle_ns + idle_ns,
    )
