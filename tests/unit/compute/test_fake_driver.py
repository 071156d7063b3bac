"""The simulated hypervisor: wishes, guests that survive, a plausible console."""

import pytest
from oslo_config import cfg

from minicloud.compute.drivers import fake
from minicloud.compute.drivers.base import GuestSpec
from minicloud.compute.drivers.fake import FakeDriver
from minicloud.compute.drivers.guests import GuestStore
from minicloud.errors import HypervisorError
from minicloud.instance_states import Mark, Power
from tests.unit.compute.sleeper import Sleeper


@pytest.fixture
def store() -> GuestStore:
    return GuestStore(None)


@pytest.fixture
def driver(conf: cfg.ConfigOpts, clock: Sleeper, store: GuestStore) -> FakeDriver:
    return FakeDriver(conf, clock, "agent", store)


def spec(uuid: str = "u1", *, meta: dict[str, str] | None = None, **extra: str) -> GuestSpec:
    flavor = {"vcpus": 1, "memory_mb": 64, "extra_specs": extra}
    return GuestSpec(uuid, "vm", flavor, None, meta or {})


def test_a_guest_runs_where_it_was_made(driver: FakeDriver) -> None:
    driver.spawn("h1", spec(), 3)

    guest = driver.list("h1")["u1"]
    assert (guest.power, guest.marks[Mark.BOOTED]) == (Power.RUNNING, 3)
    assert driver.list("h2") == {}


def test_a_guest_is_made_once(driver: FakeDriver, clock: Sleeper) -> None:
    driver.spawn("h1", spec(), 3)

    driver.spawn("h1", spec(meta={"fake:spawn_s": "5"}), 9)

    assert driver.list("h1")["u1"].marks[Mark.BOOTED] == 3
    assert clock.slept == []


def test_a_new_agent_finds_the_guests_of_the_old(
    conf: cfg.ConfigOpts, clock: Sleeper, store: GuestStore
) -> None:
    FakeDriver(conf, clock, "agent", store).spawn("h1", spec(), 3)

    assert set(FakeDriver(conf, clock, "agent", store).list("h1")) == {"u1"}


@pytest.mark.parametrize(
    ("wish", "slept"), [("2.5", [2.5]), ("-3", []), ("99999", [3600.0]), ("soon", []), ("", [])]
)
def test_a_boot_takes_as_long_as_is_wished(
    driver: FakeDriver, clock: Sleeper, wish: str, slept: list[float]
) -> None:
    driver.spawn("h1", spec(meta={"fake:spawn_s": wish}), 1)

    assert clock.slept == slept


@pytest.mark.parametrize(("wish", "fails"), [("h1", True), ("*", True), ("h2", False)])
def test_a_boot_fails_where_it_is_wished(driver: FakeDriver, wish: str, fails: bool) -> None:
    wanted = spec(meta={"fake:fail_spawn": wish})

    if fails:
        with pytest.raises(HypervisorError, match="failed, as it was told to"):
            driver.spawn("h1", wanted, 1)
    else:
        driver.spawn("h1", wanted, 1)

    assert ("u1" in driver.list("h1")) == (not fails)


def test_metadata_wins_over_the_flavor(driver: FakeDriver) -> None:
    wanted = spec(meta={"fake:fail_spawn": "nowhere"}, **{"fake:fail_spawn": "*"})

    driver.spawn("h1", wanted, 1)

    assert "u1" in driver.list("h1")


def test_the_agent_dies_once_a_guest_and_only_where_faults_are_allowed(
    conf: cfg.ConfigOpts, driver: FakeDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaths: list[str] = []
    monkeypatch.setattr(fake, "end_now", lambda: deaths.append("dead"))
    wanted = spec(meta={"fake:die": "*"})

    driver.spawn("h1", wanted, 1)
    driver.destroy("h1", "u1")
    conf.set_override("allow_fault_injection", True)
    for _again in range(2):
        driver.spawn("h1", wanted, 1)
        driver.destroy("h1", "u1")

    assert deaths == ["dead"]


def test_power_and_reboot_change_what_is_seen(driver: FakeDriver) -> None:
    driver.spawn("h1", spec(), 1)

    driver.power_off("h1", "u1")
    off = driver.list("h1")["u1"]
    driver.power_on("h1", "u1", 4)
    on = driver.list("h1")["u1"]
    driver.reboot("h1", "u1", 6, hard=True)

    assert (off.power, on.power, on.marks[Mark.BOOTED]) == (Power.SHUTDOWN, Power.RUNNING, 4)
    assert driver.list("h1")["u1"].marks[Mark.BOOTED] == 6


def test_what_is_gone_stays_gone(driver: FakeDriver) -> None:
    driver.spawn("h1", spec(), 1)

    driver.destroy("h1", "u1")
    driver.destroy("h1", "u1")

    assert driver.list("h1") == {}
    with pytest.raises(HypervisorError, match="no guest u1"):
        driver.power_on("h1", "u1", 2)


def test_the_console_has_a_log_for_each_boot(driver: FakeDriver) -> None:
    driver.spawn("h1", spec(), 1)
    driver.reboot("h1", "u1", 2, hard=False)

    log = driver.console("h1", "u1", None) or ""

    assert [line.split(")")[1] for line in log.splitlines() if "Linux version" in line] == [
        " boot 1 of u1",
        " boot 2 of u1",
    ]
    assert log.endswith("vm login:\n")


@pytest.mark.parametrize(("lines", "count"), [(1, 1), (3, 3), (0, 0), (9999, 10)])
def test_the_console_gives_its_last_lines(driver: FakeDriver, lines: int, count: int) -> None:
    driver.spawn("h1", spec(), 1)

    log = driver.console("h1", "u1", lines) or ""

    assert len(log.splitlines()) == count


def test_there_is_no_console_without_a_guest(driver: FakeDriver) -> None:
    assert driver.console("h1", "u1", None) is None
