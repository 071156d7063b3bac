"""Up means reached: a deaf agent, or one whose loop is stuck, is down when its time is over."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from minicloud import errors
from minicloud.compute.drivers.fake import FakeDriver
from minicloud.compute.drivers.guests import GuestStore
from minicloud.compute.service import Agent
from minicloud.conductor.service import Conductor
from minicloud.conductor.sweep import Sweeper
from minicloud.conductor.watch import Watch
from minicloud.context import RequestContext
from minicloud.db import hosts, schema
from minicloud.db.engine import Database
from minicloud.rpc import compute as compute_rpc
from minicloud.rpc import conductor as conductor_rpc
from minicloud.rpc.line import Address
from minicloud.rpc.pulse import Pulse
from minicloud.rpc.scheduler import SchedulerClient, Verdict, Wanted
from minicloud.runtime.workers import InlineWorkers
from minicloud.servicegroup.base import COMPUTE, CONDUCTOR
from minicloud.servicegroup.drivers.db import DbDriver
from minicloud.servicegroup.election import DutyElection
from tests.contract.db.rows import add_instances, instance
from tests.hand_clock import HandClock
from tests.lossy_line import LossyLine
from tests.options import defaults

POLL_S, DOWN_S = 5, 20
FLAVOR = {
    "name": "m1.tiny",
    "flavorid": "1",
    "vcpus": 1,
    "memory_mb": 512,
    "root_gb": 1,
    "ephemeral_gb": 0,
    "swap_mb": 0,
    "extra_specs": {},
}


class Cloud:
    """A conductor and an agent of two hosts; time passes second by second."""

    def __init__(self, directory: Path) -> None:
        self.conf = conf = defaults()
        conf.set_override("hosts", ["h1", "h2"], "compute")
        conf.set_override("poll_interval_s", POLL_S, "compute")
        conf.set_override("service_down_time_s", DOWN_S, "servicegroup")
        self.clock, self.line = HandClock(), LossyLine()
        self.books = Database(f"sqlite:///{directory / 'books.sqlite'}", self.clock)
        schema.create(self.books)
        self.group = DbDriver(conf, self.books)
        scheduler, compute = SchedulerClient(self.line), compute_rpc.ComputeClient(self.line)
        election = DutyElection(self.books, "conductor-1", DOWN_S)
        self.conductor = Conductor(conf, self.books, self.group, scheduler, compute, election)
        self.line.serve(
            conductor_rpc.TOPIC,
            conductor_rpc.VERSION,
            "conductor-1",
            conductor_rpc.ConductorEndpoint(self.conductor),
        )
        self.group.join("conductor-1", CONDUCTOR)  # and goes on: it is not all that is silent
        self.agent = self.new_agent()
        self.works = True
        self.agent.step()

    def new_agent(self) -> Agent:
        driver = FakeDriver(self.conf, self.clock, "agent-1", GuestStore(None))
        conductor = conductor_rpc.ConductorClient(self.line)
        agent = Agent(self.conf, "agent-1", driver, conductor, self.clock, InlineWorkers())
        to = Address(compute_rpc.TOPIC, compute_rpc.VERSION, "agent-1")
        endpoint = compute_rpc.ComputeEndpoint(agent)
        agent.membership.pulse = Pulse(self.line, to, endpoint, self.clock, DOWN_S)
        return agent

    def up(self) -> set[str]:
        return self.group.get_all(COMPUTE)

    def pass_s(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.pass_s(1)
            if self.works:
                self.agent.step()
            self.group.beat()

    def pass_s_without_the_agent(self, seconds: int) -> None:
        self.works = False
        self.pass_s(seconds)

    def seconds_until(self, met: Callable[[], bool]) -> int:
        passed = 0
        while not met():
            self.pass_s(1)
            passed += 1
            assert passed < 10 * DOWN_S
        return passed

    def vcpus(self) -> int:
        return self.books.read(hosts.all_nodes)[0].vcpus


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    made = Cloud(tmp_path)
    made.pass_s(2 * POLL_S)
    yield made
    made.books.dispose()


def test_an_agent_that_works_and_is_reached_stays_up(cloud: Cloud) -> None:
    for _ in range(2 * DOWN_S):
        cloud.pass_s(1)

        assert cloud.up() == {"h1", "h2"}


def test_a_deaf_agent_is_down_within_the_down_time_though_it_goes_on_reporting(
    cloud: Cloud,
) -> None:
    cloud.line.loses = {"pulse"}

    seconds = cloud.seconds_until(lambda: not cloud.up())

    assert DOWN_S - POLL_S <= seconds <= DOWN_S + 1


def test_an_agent_that_hears_again_is_up_with_its_next_poll(cloud: Cloud) -> None:
    cloud.line.loses = {"pulse"}
    cloud.pass_s(2 * DOWN_S)
    cloud.line.loses = set()

    seconds = cloud.seconds_until(lambda: cloud.up() == {"h1", "h2"})

    assert seconds <= POLL_S + 1


def test_what_a_deaf_agent_tells_is_recorded(cloud: Cloud) -> None:
    cloud.line.loses = {"pulse"}
    cloud.pass_s(2 * DOWN_S)
    cloud.conf.set_override("vcpus", 77, "fake")

    cloud.pass_s(2 * int(cloud.conf.compute.inventory_interval_s))

    assert cloud.vcpus() == 77
    assert cloud.up() == set()


def test_an_agent_whose_loop_is_stuck_is_down_and_back_when_it_goes_on(cloud: Cloud) -> None:
    cloud.works = False
    seconds = cloud.seconds_until(lambda: not cloud.up())
    cloud.works = True

    back = cloud.seconds_until(lambda: cloud.up() == {"h1", "h2"})

    assert DOWN_S - POLL_S <= seconds <= DOWN_S + 1
    assert back <= 2


def test_one_pulse_in_two_is_enough(cloud: Cloud) -> None:
    for number in range(40):
        cloud.line.loses = {"pulse"} if number % 2 else set()
        cloud.pass_s(POLL_S)

        assert cloud.up() == {"h1", "h2"}


def test_an_agent_that_ends_is_down_at_once_and_was_there_lately(cloud: Cloud) -> None:
    cloud.agent.leave()

    assert cloud.up() == set()
    assert cloud.group.lately(COMPUTE) == {"h1", "h2"}
    assert not cloud.group.standings(COMPUTE)["h1"].up


def test_its_successor_is_up_with_its_first_poll(cloud: Cloud) -> None:
    cloud.agent.leave()
    cloud.agent.end()
    cloud.agent = cloud.new_agent()

    cloud.agent.begin()
    cloud.agent.step()

    assert cloud.up() == {"h1", "h2"}


def test_what_another_conductor_heard_before_does_not_bring_it_back(cloud: Cloud) -> None:
    other = DbDriver(cloud.conf, cloud.books)
    other.renew(["h1", "h2"], COMPUTE)
    cloud.agent.leave()

    cloud.pass_s_without_the_agent(2)
    other.beat()

    assert cloud.up() == set()


def test_who_ends_late_does_not_take_its_successor_down(cloud: Cloud) -> None:
    slow, cloud.agent = cloud.agent, cloud.new_agent()
    slow.end()
    cloud.agent.begin()
    cloud.agent.step()

    slow.leave()

    assert cloud.up() == {"h1", "h2"}


def test_work_on_a_host_that_left_is_given_up_no_sooner_than_on_one_that_died(
    cloud: Cloud,
) -> None:
    watch = Watch(DOWN_S, cloud.books.monotonic())
    sweeper = Sweeper(cloud.conf, cloud.books, cloud.group, watch)

    def dead() -> list[str]:
        watch.look(cloud.books.monotonic())
        return sweeper.dead()

    for _ in range(2 * DOWN_S):
        cloud.pass_s(1)
        dead()
    cloud.agent.leave()
    cloud.works = False
    at_once = dead()
    seconds = cloud.seconds_until(lambda: dead() == ["h1", "h2"])

    assert at_once == []
    assert seconds >= DOWN_S - POLL_S


class Beats:
    """Notes when it was sent."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self.sent_s: list[float] = []

    def send(self) -> None:
        self.sent_s.append(self._clock.monotonic())

    def take(self) -> bool:
        return True


class SilentScheduler:
    def __init__(self, clock: HandClock) -> None:
        self._clock = clock

    def select_destinations(
        self, context: RequestContext, wanted: Sequence[Wanted]
    ) -> list[Verdict]:
        self._clock.pass_s(10)
        raise errors.CallTimeout("select_destinations", "scheduler", 10)


def test_a_conductor_that_waits_for_schedulers_is_not_taken_for_stuck(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    conductor, beats = cloud.conductor, Beats(cloud.clock)
    conductor.pulse = beats
    monkeypatch.setattr(conductor._placer, "_scheduler", SilentScheduler(cloud.clock))
    monkeypatch.setattr(conductor._placer, "_batch", 1)
    waiting = {"vm_state": "building", "task_state": "scheduling", "flavor": FLAVOR}
    rows = [instance(reservation_id=f"r-{n}", **waiting) for n in range(5)]
    uuids = add_instances(cloud.books, rows)

    conductor.wake(uuids)
    conductor.step()

    gaps = [then - now for now, then in zip(beats.sent_s, beats.sent_s[1:], strict=False)]
    assert len(gaps) >= 5
    assert max(gaps) <= 10
