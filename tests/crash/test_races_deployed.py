"""More requests than room, and groups, in a deployment of real programs with many schedulers."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from minicloud.db.engine import Database
from minicloud.db.models import Instance
from tests.crash import rest
from tests.crash.deployment import FREE, QUICK, Deployment

HOSTS, EACH, ASKED = 6, 50, 500


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Room for 50 servers on each of six hosts, eight schedulers, two of the other programs."""
    made = Deployment(tmp_path_factory.mktemp("races"))
    room = {"compute.cpu_allocation_ratio": "1", "fake.vcpus": "50", "fake.memory_mb": "999999"}
    sizes = ("--computes", "2", "--hosts", "3", "--api-workers", "2", "--conductors", "2")
    made.start(*sizes, "--schedulers", "8", options={**FREE, **QUICK, **room})
    yield made
    made.stop()


@pytest.mark.parametrize("_again", range(3))
def test_parallel_creates_of_an_anti_affinity_group_land_on_as_many_hosts(
    deployment: Deployment, _again: int
) -> None:
    group = deployment.client.create_group("anti-affinity")

    uuids = _create(deployment, HOSTS, group)
    deployment.wait_for_rest()

    assert _tally(deployment.books, Instance.host) == {f"node{n}": 1 for n in range(1, HOSTS + 1)}
    for uuid in uuids:
        deployment.client.delete(uuid)
    deployment.wait_for_rest()


def test_real_programs_place_exactly_what_fits_though_schedulers_are_killed(
    deployment: Deployment,
) -> None:
    def create_some(_part: int) -> None:
        _create(deployment, ASKED // 5)

    with ThreadPoolExecutor(5) as pool:
        parts = pool.map(create_some, range(5))
        killed = deployment.kill("scheduler")
        list(parts)
    deployment.wait_restarted(killed)
    deployment.wait_for_rest(120)

    placed = HOSTS * EACH
    assert _tally(deployment.books, Instance.vm_state) == {
        "active": placed,
        "error": ASKED - placed,
    }
    guests = rest.guests(deployment.cloud.state.data / "guests")
    assert Counter(host for host, _uuid in guests) == {
        f"node{n}": EACH for n in range(1, HOSTS + 1)
    }
    records = deployment.books.read(lambda db: list(db.scalars(sa.select(Instance.retry))))
    assert max(int(record["num_attempts"]) for record in records if record) <= 3


def _create(deployment: Deployment, count: int, group: str | None = None) -> list[str]:
    def create(number: int) -> str:
        answer = deployment.client.create(f"s{number}", group=group)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["server"]["id"])

    with ThreadPoolExecutor(6) as pool:
        return list(pool.map(create, range(count)))


def _tally(books: Database, column: sa.orm.InstrumentedAttribute[str | None]) -> dict[str, int]:
    query = sa.select(column, sa.func.count()).where(Instance.deleted == 0).group_by(column)
    return books.read(lambda db: {str(row[0]): row[1] for row in db.execute(query)})
