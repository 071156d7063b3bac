"""What a driver could not do on one host, or with one guest, kept its agent from all the rest."""

from typing import Any

import pytest
from oslo_config import cfg

from minicloud.compute.drivers.base import Guest
from minicloud.compute.drivers.fake import FakeDriver
from minicloud.compute.drivers.guests import GuestStore
from minicloud.compute.service import Agent
from minicloud.conf import register_opts
from minicloud.errors import HypervisorError
from minicloud.rpc.conductor import Answer, HostReport, Orders
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.workers import InlineWorkers


class OneBad(FakeDriver):
    bad_host: str | None = None
    bad_guest: str | None = None
    destroyed: list[str]

    def list(self, host: str) -> dict[str, Guest]:
        if host == self.bad_host:
            raise HypervisorError("no answer")
        return super().list(host)

    def destroy(self, host: str, uuid: str) -> None:
        if uuid == self.bad_guest:
            raise HypervisorError("busy")
        self.destroyed.append(uuid)


class Conductor:
    """Hears reports, and answers that these guests are gone."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.gone: dict[str, list[str]] = {}

    def enlist(self, _agent: str, hosts: list[str], *_more: Any) -> dict[str, int]:
        return dict.fromkeys(hosts, 1)

    def assignments(self, *_args: Any, **_more: Any) -> Orders:
        return Orders()

    def report(self, _agent: str, reports: list[HostReport], *_args: Any, **_more: Any) -> Answer:
        self.heard += [report.host for report in reports]
        return Answer(self.gone)


@pytest.fixture
def conductor() -> Conductor:
    return Conductor()


@pytest.fixture
def driver() -> OneBad:
    conf = register_opts(cfg.ConfigOpts())
    conf([])
    conf.set_default("hosts", ["h1", "h2", "h3"], "compute")
    made = OneBad(conf, SystemClock(), "agent", GuestStore(None))
    made.destroyed = []
    return made


def _agent(driver: OneBad, conductor: Conductor) -> Agent:
    return Agent(
        driver._conf,
        "agent",
        driver,
        conductor,  # type: ignore[arg-type]
        SystemClock(),
        InlineWorkers(),
    )


def test_a_host_that_does_not_answer_keeps_no_other_from_being_alive(
    driver: OneBad, conductor: Conductor
) -> None:
    driver.bad_host = "h2"

    _agent(driver, conductor).step()

    assert conductor.heard == ["h1", "h3"]


def test_a_guest_that_cannot_be_destroyed_keeps_no_other_from_it(
    driver: OneBad, conductor: Conductor
) -> None:
    driver.bad_guest = "g1"
    conductor.gone = {"h1": ["g1", "g2"], "h2": ["g3"]}

    _agent(driver, conductor).step()

    assert driver.destroyed == ["g2", "g3"]
