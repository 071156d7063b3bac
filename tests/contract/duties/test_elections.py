"""What every election promises, whatever store or database decides it."""

from pathlib import Path

import pytest

from minicloud.db import duties
from minicloud.db.models import Duty
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.servers.base import Server
from minicloud.runtime.servers.memcached import Memcached
from minicloud.runtime.servers.redis import Redis
from tests.contract.duties.conftest import Deployment, Join, Make
from tests.contract.duties.contender import DUTY
from tests.waiting import until

FOR_EVER_S = 600.0  # longer than any test has patience
SHORT_S = 2.0
_LOOKS_S = 1.5  # in which all of them look several times


def _row(deployment: Deployment) -> Duty:
    (row,) = deployment.database.read(duties.all_of)
    assert row.name == DUTY
    return row


def test_of_eight_who_stand_for_it_one_has_it(deployment: Deployment, join: Join) -> None:
    contenders = [join(deployment, f"conductor-{n}", FOR_EVER_S) for n in range(8)]
    clock = SystemClock()

    until(lambda: any(one.take() for one in contenders))
    end, most = clock.monotonic() + _LOOKS_S, 0
    while clock.monotonic() < end:
        most = max(most, sum(one.take() is not None for one in contenders))
        clock.sleep(0.02)

    assert most == 1
    assert _row(deployment).token == 1


def test_who_stops_hands_it_over_at_once(deployment: Deployment, join: Join) -> None:
    first = join(deployment, "first", FOR_EVER_S)
    until(first.take)
    second = join(deployment, "second", FOR_EVER_S)

    first.stop()

    until(second.take)
    assert first.take() is None
    assert (_row(deployment).holder, second.take()) == ("second", 2)


def test_who_yields_it_may_have_it_again_with_a_new_token(
    deployment: Deployment, join: Join
) -> None:
    only = join(deployment, "only", FOR_EVER_S)
    until(only.take)

    only.election.yield_(DUTY)

    until(lambda: only.take() == 2)


@pytest.mark.parametrize("kind", ["sqlite", "zk", "redis"])
def test_who_no_longer_asks_loses_it_though_its_connection_lives(
    kind: str, make: Make, join: Join
) -> None:
    deployment = make(kind)
    stuck = join(deployment, "stuck", SHORT_S)
    until(stuck.take)

    other = join(deployment, "other", SHORT_S)

    until(other.take)
    assert _row(deployment).holder == "other"


def test_a_lock_that_others_hold_is_worth_nothing_to_who_was_overtaken(
    make: Make, join: Join
) -> None:
    deployment = make("redis")
    first = join(deployment, "first", FOR_EVER_S)
    until(first.take)

    now = deployment.database.now()
    deployment.database.write(lambda db: duties.take(db, DUTY, "by hand", now, None))

    until(lambda: first.take() not in (None, 1))
    assert first.take() == 3


@pytest.mark.parametrize("kind", [Redis, Memcached])
def test_the_database_elects_while_the_store_is_away_and_no_longer(
    kind: type[Server], make: Make, join: Join, tmp_path: Path
) -> None:
    server = kind(tmp_path / "store", throwaway=True)
    server.start()
    try:
        books = make("sqlite").database
        deployment = Deployment(kind.name, books, server.url)
        contenders = [join(deployment, name, SHORT_S) for name in ("first", "second")]

        def elected(by_store: bool) -> bool:
            held = [one for one in contenders if one.take() is not None]
            return len(held) == 1 and (_row(deployment).until is None) == by_store

        until(lambda: elected(by_store=True))
        server.stop()
        until(lambda: elected(by_store=False))
        server.start()
        until(lambda: elected(by_store=True))
    finally:
        server.discard()
