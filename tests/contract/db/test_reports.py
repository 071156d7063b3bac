"""A report moves an instance only at the generation, and from the host, that it speaks of."""

import pytest

from minicloud.conductor import report
from minicloud.conductor.ledger import Delays
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from minicloud.instance_states import Power, Task
from minicloud.rpc.conductor import HostReport, Sighting
from tests.contract.db.rows import NOW, add_host, add_instances, all_instances, instance


@pytest.fixture
def spawning(database: Database) -> str:
    """An instance that h1 is to spawn, at generation 3."""
    add_host(database, "h1")
    where = {"host": "h1", "node": "h1", "task_host": "h1"}
    facts = {"task_state": str(Task.SPAWNING), "generation": 3, **where}
    return add_instances(database, [instance(**facts)])[0]


def _reported(database: Database, uuid: str, host: str, generation: int) -> Instance:
    sighting = Sighting(uuid, generation, int(Power.RUNNING), done=True)
    database.write(lambda db: report.record(db, [HostReport(host, [sighting])], NOW, Delays()))
    return all_instances(database)[0]


def test_what_its_host_sees_now_moves_it(database: Database, spawning: str) -> None:
    row = _reported(database, spawning, "h1", 3)

    assert (row.vm_state, row.task_state, row.generation) == ("active", None, 4)


@pytest.mark.parametrize(("host", "generation"), [("h1", 2), ("h1", 4), ("h2", 3)])
def test_what_was_seen_of_another_generation_or_elsewhere_is_dropped(
    database: Database, spawning: str, host: str, generation: int
) -> None:
    row = _reported(database, spawning, host, generation)

    assert (row.vm_state, row.task_state, row.generation) == ("building", "spawning", 3)
