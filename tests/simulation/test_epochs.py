"""Who was given up and comes back touches nothing that moved, and one of two has a name."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from minicloud.db import services
from minicloud.db.models import Service
from minicloud.servicegroup.base import COMPUTE
from tests.simulation.calm import CalmCloud, calm_cloud
from tests.simulation.kernel import Process, SimWorkers
from tests.simulation.world import FlakyDriver

_GIVEN_UP_S = 40.0  # longer than a host may be silent, and than what follows from that takes


@pytest.fixture
def touched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """(what, host, uuid) of all that drivers do to guests."""
    done: list[tuple[str, str, str]] = []
    for name in ("spawn", "destroy", "power_off", "power_on", "rebuild"):
        _note(monkeypatch, name, done)
    return done


def _note(patch: pytest.MonkeyPatch, name: str, done: list[tuple[str, str, str]]) -> None:
    true = getattr(FlakyDriver, name)

    def noted(self: FlakyDriver, host: str, what: Any, *more: Any, **named: Any) -> None:
        done.append((name, host, str(getattr(what, "uuid", what))))
        true(self, host, what, *more, **named)

    patch.setattr(FlakyDriver, name, noted)


def _service(cloud: CalmCloud, host: str) -> Service:
    books = cloud.world.books
    return books.read(lambda db: services.of_group(db, COMPUTE, host))[0]


def _facts(cloud: CalmCloud, uuid: str) -> Mapping[str, Any]:
    row = cloud.row(uuid)
    return {k: v for k, v in vars(row).items() if not k.startswith("_")}


def test_an_agent_that_wakes_destroys_what_was_evacuated_and_nothing_else(
    touched: list[tuple[str, str, str]],
) -> None:
    with calm_cloud() as cloud:
        moved = cloud.boot(force_host="h1")
        stays = cloud.boot(force_host="h2")
        cloud.world.stop("agent-1")
        cloud.run_s(_GIVEN_UP_S)
        epoch = _service(cloud, "h1").epoch
        cloud.act(moved, "evacuate")
        assert _service(cloud, "h1").epoch == epoch + 1
        cloud.run_s(15.0)
        before, where = _facts(cloud, moved), cloud.row(moved).host
        assert (before["vm_state"], where) == ("active", "h3")
        touched.clear()

        cloud.world.go_on("agent-1")
        cloud.run_s(60.0)

        assert touched == [("destroy", "h1", moved)]
        assert _facts(cloud, moved) == before
        assert set(cloud.guests(moved)) == {"h3"}
        assert set(cloud.guests(stays)) == {"h2"}
        assert not cloud.problems()


def test_what_was_to_be_done_before_is_not_begun_by_an_agent_that_wakes(
    touched: list[tuple[str, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with calm_cloud() as cloud:
        _stop_where_something_is_to_be_done(cloud, monkeypatch)
        epoch = _service(cloud, "h3").epoch
        uuid = cloud.create(force_host="h3")
        cloud.run_s(_GIVEN_UP_S)
        assert cloud.world.processes["agent-2"].stopped
        assert _service(cloud, "h3").epoch == epoch + 1
        assert not touched

        cloud.world.go_on("agent-2")
        cloud.run_s(60.0)

        assert not touched
        assert cloud.row(uuid).task_state is None
        assert not cloud.problems()


def _stop_where_something_is_to_be_done(cloud: CalmCloud, patch: pytest.MonkeyPatch) -> None:
    """Once only: before what waits for a worker begins."""

    def start(self: SimWorkers, work: Callable[[], None]) -> None:
        patch.setattr(SimWorkers, "start", true)
        true(self, work)
        cloud.world.stop("agent-2")

    true = SimWorkers.start
    patch.setattr(SimWorkers, "start", start)


def test_what_is_said_late_of_a_server_that_moved_changes_nothing() -> None:
    """It was asked to stop the server, and did so, before it was stopped itself."""
    with calm_cloud() as cloud:
        uuid = cloud.boot(force_host="h1")
        cloud.act(uuid, "stop")
        cloud.run_s(0.03)
        cloud.world.stop("agent-1")
        cloud.run_s(_GIVEN_UP_S)
        cloud.reset_state(uuid, "active")
        cloud.act(uuid, "evacuate")
        cloud.run_s(15.0)
        before = _facts(cloud, uuid)
        assert before["host"] == "h3"

        cloud.world.go_on("agent-1")
        cloud.run_s(60.0)

        assert _facts(cloud, uuid) == before
        assert not cloud.problems()


def test_the_second_agent_of_a_name_touches_nothing_while_the_first_lives(
    touched: list[tuple[str, str, str]],
) -> None:
    with calm_cloud() as cloud:
        before = _service(cloud, "h1").epoch
        second = Process(cloud.kernel, "agent-1")
        second.start(lambda: cloud.world._agent(second))

        cloud.run_s(60.0)

        assert _service(cloud, "h1").epoch == before
        assert not touched
        cloud.world.kill("agent-1")
        cloud.run_s(10.0)
        assert _service(cloud, "h1").epoch > before
        cloud.boot(force_host="h1")


def test_an_agent_that_was_replaced_while_it_was_stopped_waits_for_its_turn(
    touched: list[tuple[str, str, str]],
) -> None:
    with calm_cloud() as cloud:
        uuid = cloud.boot(force_host="h1")
        cloud.world.stop("agent-1")
        cloud.run_s(_GIVEN_UP_S)
        second = Process(cloud.kernel, "agent-1")
        second.start(lambda: cloud.world._agent(second))
        cloud.run_s(10.0)
        second_s = _service(cloud, "h1").epoch
        touched.clear()

        cloud.world.go_on("agent-1")
        cloud.run_s(60.0)

        assert _service(cloud, "h1").epoch == second_s
        assert not touched
        second.kill()
        cloud.run_s(10.0)
        assert _service(cloud, "h1").epoch == second_s + 1
        assert set(cloud.guests(uuid)) == {"h1"}


def test_an_agent_that_was_killed_is_followed_at_once_under_its_name() -> None:
    with calm_cloud() as cloud:
        before = _service(cloud, "h1").epoch
        cloud.world.kill("agent-1")
        cloud.world.start("agent-1")

        cloud.run_s(1.0)

        assert _service(cloud, "h1").epoch == before + 1
        cloud.boot(force_host="h1")
