"""What compute agents measure on their hosts, for the scheduler to choose by; names are Nova's."""

import logging
from collections.abc import Sequence
from typing import Final

from minicloud.compute.drivers.base import CpuTimes, Driver
from minicloud.errors import CannotStart

LOG = logging.getLogger(__name__)
CPU: Final = "cpu.virt_driver"
_KNOWN: Final = (CPU,)


class Monitors:
    """Shares of time are those since the last look, at the first one since the host's start."""

    def __init__(self, enabled: Sequence[str], driver: Driver) -> None:
        unknown = sorted(set(enabled) - set(_KNOWN))
        if unknown:
            raise CannotStart(
                f"[DEFAULT] compute_monitors: there is no {', '.join(unknown)}; "
                f"known are {', '.join(_KNOWN)}"
            )
        self._is_on, self._driver = bool(enabled), driver
        self._last: dict[str, CpuTimes] = {}
        self._shares: dict[str, dict[str, float]] = {}

    def measured(self, host: str) -> dict[str, float] | None:
        """None when no monitor is on. A host that cannot be measured has no metrics."""
        if not self._is_on:
            return None
        try:
            return self._cpu(host) | dict(self._driver.metrics(host))
        except Exception as error:
            LOG.warning("host %s cannot be measured: %s", host, error)
            return {}

    def _cpu(self, host: str) -> dict[str, float]:
        times = self._driver.cpu(host)
        passed = _passed(self._last.get(host, CpuTimes()), times)
        total_ns = sum(passed.values())
        if total_ns > 0:
            self._shares[host] = {
                f"cpu.{what}.percent": ns / total_ns for what, ns in passed.items()
            }
            self._shares[host]["cpu.percent"] = 1 - passed["idle"] / total_ns
        self._last[host] = times
        return {
            "cpu.frequency": times.frequency_mhz,
            **{f"cpu.{what}.time": ns for what, ns in _passed(CpuTimes(), times).items()},
            **self._shares.get(host, {}),
        }


def _passed(before: CpuTimes, now: CpuTimes) -> dict[str, int]:
    return {
        "user": now.user_ns - before.user_ns,
        "kernel": now.kernel_ns - before.kernel_ns,
        "idle": now.idle_ns - before.idle_ns,
        "iowait": now.iowait_ns - before.iowait_ns,
    }
