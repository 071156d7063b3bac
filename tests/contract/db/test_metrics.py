"""What hosts measure, in their rows."""

from datetime import timedelta
from typing import Any

import pytest

from minicloud.db import hosts
from minicloud.db.engine import Database
from tests.contract.db.rows import NOW, add_host, node

_LATER = NOW + timedelta(seconds=60)


def _told(database: Database, metrics: dict[str, Any] | None) -> None:
    facts = {"metrics": metrics}
    database.write(lambda db: hosts.record_inventory(db, "h1", "agent", facts, _LATER))


@pytest.mark.parametrize("metrics", [None, {}, {"cpu.percent": 0.1, "cpu.idle.time": 10**16}])
def test_a_row_is_written_only_when_the_metrics_change(
    database: Database, metrics: dict[str, Any] | None
) -> None:
    add_host(database, "h1")
    database.write(lambda db: hosts.record_inventory(db, "h1", "agent", {"metrics": metrics}, NOW))

    _told(database, metrics)

    assert (node(database, "h1").metrics, node(database, "h1").changed_at) == (metrics, NOW)


@pytest.mark.parametrize("metrics", [None, {"cpu.percent": 0.2}])
def test_newer_metrics_replace_older_ones(
    database: Database, metrics: dict[str, Any] | None
) -> None:
    add_host(database, "h1")
    database.write(
        lambda db: hosts.record_inventory(db, "h1", "agent", {"metrics": {"a": 1.0}}, NOW)
    )

    _told(database, metrics)

    assert (node(database, "h1").metrics, node(database, "h1").changed_at) == (metrics, _LATER)
