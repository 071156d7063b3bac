"""A server forced on a host whose agent was restarted in the midst of the choice was told that the
host had no room: a claim that is refused for its epoch is no claim refused for want of room."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from minicloud.db import enlisting, placements
from tests.simulation.calm import CalmCloud, calm_cloud


def _fenced_before_the_first_claim(patch: pytest.MonkeyPatch) -> list[str]:
    fenced: list[str] = []

    def record(db: Session, picks: Any, now: Any) -> placements.Outcome:
        if not fenced:
            fenced.extend(sorted({pick.host for pick in picks}))
            enlisting.fence(db, fenced, now)
        return true_record(db, picks, now)

    true_record = placements.record
    patch.setattr(placements, "record", record)
    return fenced


def _booted(cloud: CalmCloud, **wish: Any) -> str:
    uuid = cloud.create("half", **wish)
    cloud.run_s(10.0)
    return cloud.show(uuid).row.vm_state


def test_a_server_forced_on_a_host_boots_there_in_the_next_epoch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with calm_cloud() as cloud:
        fenced = _fenced_before_the_first_claim(monkeypatch)

        assert _booted(cloud, force_host="h1") == "active"
        assert fenced == ["h1"]


def test_servers_go_on_booting_while_agents_are_restarted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with calm_cloud() as cloud:
        for number in range(3):
            cloud.world.kill("agent-1")
            cloud.world.start("agent-1")
            cloud.run_s(0.05 * number)

            assert _booted(cloud) == "active"
