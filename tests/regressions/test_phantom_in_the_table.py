"""A place counted for a server that was deleted meanwhile refused another server for good."""

import pytest

from minicloud.db import placements
from minicloud.db.placements import Outcome
from minicloud.scheduler.fleet import Fleet, _Look
from minicloud.scheduler.selection import Selection
from tests.simulation.calm import CalmCloud, calm_cloud


def _fill(cloud: CalmCloud, leave: int) -> None:
    """Take all places of "half" (two on each of three hosts) but so many."""
    for _ in range(6 - leave):
        cloud.create("half")
    cloud.run_s(5.0)


def test_the_last_place_is_given_when_another_ask_for_it_came_to_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with calm_cloud() as cloud:
        _fill(cloud, leave=1)
        record = placements.record
        overtaken: list[str] = []

        def first_is_overtaken(db, picks, now):  # type: ignore[no-untyped-def]
            if overtaken:
                return record(db, picks, now)
            overtaken.extend(pick.uuid for pick in picks)
            return Outcome(overtaken=list(picks))

        monkeypatch.setattr(placements, "record", first_is_overtaken)

        one, two = cloud.create("half"), cloud.create("half")
        cloud.run_s(30.0)

        states = sorted(cloud.show(uuid).row.vm_state for uuid in (one, two))
        assert overtaken
        assert states == ["active", "error"]


def test_a_place_that_was_counted_in_vain_refuses_nobody_who_was_asked_for_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The table was sure, but for what had just been chosen for servers deleted meanwhile."""
    with calm_cloud() as cloud:
        _fill(cloud, leave=2)
        monkeypatch.setattr(Fleet, "_look", lambda fleet, now, moment: _Look(None))
        record = placements.record
        lost: list[str] = []

        def those_together_lose(db, picks, now):  # type: ignore[no-untyped-def]
            if lost or len(picks) < 2:
                return record(db, picks, now)
            lost.extend(pick.uuid for pick in picks)
            return Outcome(overtaken=list(picks))

        monkeypatch.setattr(placements, "record", those_together_lose)

        cloud.create("half", min_count=2, max_count=2)
        alone = cloud.create("half")
        cloud.run_s(30.0)

        assert len(lost) == 2
        assert alone not in lost
        assert cloud.show(alone).row.vm_state == "active"


def test_those_who_lose_every_time_do_not_keep_others_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with calm_cloud() as cloud:
        record = placements.record

        def those_together_lose(db, picks, now):  # type: ignore[no-untyped-def]
            return (
                Outcome(crowded_out=list(picks)) if picks[0].together else record(db, picks, now)
            )

        monkeypatch.setattr(placements, "record", those_together_lose)

        cloud.create("half", min_count=2, max_count=2)
        alone = cloud.create("huge")
        cloud.run_s(10.0)

        assert cloud.show(alone).row.vm_state == "error"


def test_a_claim_that_fails_for_good_leaves_nothing_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with calm_cloud() as cloud:
        _fill(cloud, leave=1)
        record = placements.record
        failed: list[bool] = []

        def fails_once(db, picks, now):  # type: ignore[no-untyped-def]
            if failed:
                return record(db, picks, now)
            failed.append(True)
            raise TimeoutError

        monkeypatch.setattr(placements, "record", fails_once)

        uuid = cloud.create("half")
        cloud.run_s(30.0)

        assert failed
        assert cloud.show(uuid).row.vm_state == "active"


def test_a_choice_that_breaks_off_leaves_nothing_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What had been chosen before the one that no host could be chosen for stayed in the table."""
    with calm_cloud() as cloud:
        _fill(cloud, leave=2)  # on two hosts
        cloud.run_s(125.0)  # now nothing is read again for having changed
        pick, broken = Selection._pick, list[str]()

        def second_fails(self, one, request, places):  # type: ignore[no-untyped-def]
            if len(broken) < 2:
                broken.append(one.uuid)
            if len(broken) == 2:
                monkeypatch.setattr(Selection, "_pick", pick)
                raise KeyError("bug")
            return pick(self, one, request, places)

        monkeypatch.setattr(Selection, "_pick", second_fails)
        made = [cloud.create("half") for _ in range(2)]
        cloud.run_s(60.0)

        assert len(broken) == 2
        assert {cloud.show(uuid).row.vm_state for uuid in made} == {"active"}
