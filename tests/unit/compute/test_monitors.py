"""What agents measure on their hosts."""

from typing import Any

import pytest
from oslo_config import cfg

from minicloud.compute.drivers.base import CpuTimes
from minicloud.compute.drivers.fake import FakeDriver
from minicloud.compute.drivers.guests import GuestStore
from minicloud.compute.monitors import Monitors
from minicloud.errors import CannotStart, HypervisorError
from minicloud.instance_states import Power
from tests.unit.compute.sleeper import Sleeper
from tests.unit.compute.test_fake_driver import spec

_ON = ["cpu.virt_driver"]


class Told:
    """A driver that tells times that the test gives."""

    def __init__(self, *times: CpuTimes) -> None:
        self._times = list(times)

    def cpu(self, host: str) -> CpuTimes:
        if not self._times:
            raise HypervisorError("no answer")
        return self._times.pop(0)

    def metrics(self, host: str) -> dict[str, float]:
        return {}


@pytest.fixture
def driver(conf: cfg.ConfigOpts, clock: Sleeper) -> FakeDriver:
    return FakeDriver(conf, clock, "agent", GuestStore(None))


def monitors(driver: Any, enabled: list[str] = _ON) -> Monitors:
    return Monitors(enabled, driver)


def test_nothing_is_measured_unless_a_monitor_is_on(driver: FakeDriver) -> None:
    assert monitors(driver, []).measured("h1") is None


def test_a_monitor_that_nobody_has_stops_the_start(driver: FakeDriver) -> None:
    with pytest.raises(CannotStart, match=r"there is no mem\.libvirt; known are cpu\.virt_driver"):
        monitors(driver, ["mem.libvirt"])


def test_the_metrics_are_novas() -> None:
    found = monitors(Told(CpuTimes(50, 30, 10, 110, 800))).measured("h1")

    assert found == {
        "cpu.frequency": 800,
        "cpu.user.time": 50,
        "cpu.kernel.time": 30,
        "cpu.iowait.time": 10,
        "cpu.idle.time": 110,
        "cpu.user.percent": 0.25,
        "cpu.kernel.percent": 0.15,
        "cpu.iowait.percent": 0.05,
        "cpu.idle.percent": 0.55,
        "cpu.percent": pytest.approx(0.45),
    }


def test_shares_are_of_the_time_since_the_last_look() -> None:
    first, second = CpuTimes(100, 0, 0, 0), CpuTimes(125, 0, 0, 75)
    watch = monitors(Told(first, second, second))

    shares = [(watch.measured("h1") or {})["cpu.percent"] for _ in range(3)]

    assert shares == [1.0, 0.25, 0.25]  # nothing has passed since: still the same


def test_a_host_that_cannot_be_measured_has_no_metrics() -> None:
    assert monitors(Told()).measured("h1") == {}


def test_simulated_processors_are_busy_with_the_guests_that_run(
    driver: FakeDriver, clock: Sleeper, conf: cfg.ConfigOpts
) -> None:
    conf.set_override("vcpus", 4, "fake")
    watch = monitors(driver)
    shares = []
    for number, power in enumerate((Power.RUNNING, Power.SHUTDOWN, Power.RUNNING)):
        driver.spawn("h1", spec(f"u{number}"), 1, power)
        shares.append((watch.measured("h1") or {})["cpu.percent"])
        clock.sleep(60)

    assert shares == [0.125, 0.125, 0.25]  # a guest keeps half of its one processor busy
    assert (watch.measured("h2") or {})["cpu.percent"] == 0.0


def test_simulated_processors_do_not_work_more_than_all_the_time(
    driver: FakeDriver, conf: cfg.ConfigOpts
) -> None:
    conf.set_override("vcpus", 1, "fake")
    for number in range(5):
        driver.spawn("h1", spec(f"u{number}"), 1)

    assert (monitors(driver).measured("h1") or {})["cpu.percent"] == 1.0


def test_metrics_can_be_set_for_all_hosts_and_for_one(
    driver: FakeDriver, conf: cfg.ConfigOpts
) -> None:
    conf.set_override("metrics", ["power.watts=200", "h1/cpu.percent=0.75"], "fake")
    watch = monitors(driver)

    found = {host: watch.measured(host) or {} for host in ("h1", "h2")}

    assert [found[host]["power.watts"] for host in ("h1", "h2")] == [200, 200]
    assert [found[host]["cpu.percent"] for host in ("h1", "h2")] == [0.75, 0.0]
