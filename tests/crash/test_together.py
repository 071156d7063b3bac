"""Requests for several servers while schedulers die: each is placed whole or not at all."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from minicloud.db.models import Instance
from tests.crash.deployment import Deployment, until

_LARGE = "5"  # of m1.xlarge five fit on a host, and there are four
_PLACES = ("scheduler.claim:before", "scheduler.claim:after")


def test_requests_for_several_stay_whole_although_schedulers_die(deployment: Deployment) -> None:
    for place in _PLACES:
        deployment.arm(place)
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(
            lambda n: deployment.client.create(f"r{n}", flavor=_LARGE, count=4), range(10)
        )
        deployment.kill("scheduler")
        assert {answer.status_code for answer in answers} == {202}
    until(lambda: not any(deployment.is_armed(place) for place in _PLACES), 60)
    deployment.wait_restarted()
    deployment.wait_for_rest()

    ends = _ends(deployment)
    assert all(len(states) == 1 for states in ends.values()), ends
    assert {state for states in ends.values() for state in states} == {"active", "error"}
    for uuid in _uuids(deployment):
        deployment.client.delete(uuid)


def _ends(deployment: Deployment) -> Mapping[str, set[str]]:
    """reservation -> how its servers ended."""
    query = sa.select(Instance.reservation_id, Instance.vm_state).where(*_HERE)
    found: dict[str, set[str]] = {}
    for reservation, state in deployment.books.read(lambda db: db.execute(query).all()):
        found.setdefault(reservation, set()).add(state)
    return found


def _uuids(deployment: Deployment) -> list[str]:
    query = sa.select(Instance.uuid).where(*_HERE)
    return deployment.books.read(lambda db: list(db.scalars(query)))


_HERE = (Instance.deleted == 0, Instance.memory_mb == 16384)
