"""The duty `audit`: books that contradict themselves are found and mended, report or no report."""

import logging
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from minicloud.conductor.audit import Audit
from minicloud.conductor.duties import AUDIT
from minicloud.db import drift, duties, hosts, services
from minicloud.db.engine import Database
from minicloud.db.models import Aggregate, AggregateHost, ComputeNode, Service
from minicloud.errors import DutyLost
from minicloud.servicegroup.base import COMPUTE
from tests.contract.db.rows import NOW, add_host, add_instances, claimed, counted, instance


def _on_duty(database: Database) -> int:
    until = database.now() + timedelta(hours=1)
    token = database.write(lambda db: duties.take(db, AUDIT, "conductor", database.now(), until))
    assert token is not None
    return token


def _add(database: Database, row: Any) -> None:
    database.write(lambda db: db.add(row))


def _with_services(database: Database, *names: str) -> None:
    for name in names:
        add_host(database, name)
    database.write(lambda db: services.seen(db, COMPUTE, names, NOW))


def _claim(database: Database, host: str) -> None:
    assert database.write(lambda db: hosts.claim(db, host, hosts.Need(1, 1024, 10, 1), NOW))


def test_a_wrong_claim_is_corrected_though_no_agent_reports(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    _with_services(database, "good", "wrong")
    for host in ("good", "wrong"):
        add_instances(database, [instance(host=host, vm_state="active", task_state=None)])
        _claim(database, host)
    _claim(database, "wrong")

    more = Audit(database).work(_on_duty(database))

    assert not more
    assert claimed(database, "wrong") == counted(database, "wrong") == claimed(database, "good")
    assert [r.getMessage().split(" were ")[0] for r in caplog.records] == ["claims on wrong"]


def test_who_has_lost_the_duty_corrects_nothing(database: Database) -> None:
    _with_services(database, "wrong")
    _claim(database, "wrong")
    token = _on_duty(database)
    database.write(lambda db: duties.give_up(db, AUDIT, token))
    _on_duty(database)

    with pytest.raises(DutyLost):
        Audit(database).work(token)

    assert claimed(database, "wrong").vcpus == 1


def test_all_hosts_are_looked_at_slice_by_slice(database: Database) -> None:
    _with_services(database, "h1", "h2", "h3")
    for host in ("h1", "h2", "h3"):
        _claim(database, host)

    def look(after: int) -> tuple[list[str], int | None]:
        return database.read(lambda db: drift.suspects(db, after, 1))

    found, after = [], 0
    for _ in range(3):
        suspects, last = look(after)
        found += suspects
        after = last or 0
    rest = look(after)

    assert found == ["h1", "h2", "h3"]
    assert rest == ([], None)


def test_rows_that_do_not_fit_are_told_once(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    _with_services(database, "whole", "apart")
    add_host(database, "no-service")
    add_instances(database, [instance(host="gone", vm_state="active", task_state=None)])
    _add(
        database,
        Aggregate(
            id=1,
            uuid="11111111-1111-4111-8111-111111111111",
            name="a",
            meta={},
            created_at=NOW,
            updated_at=NOW,
        ),
    )
    _add(database, AggregateHost(aggregate_id=1, host="unknown"))
    later = sa.update(Service).where(Service.host == "apart").values(epoch=Service.epoch + 1)
    database.write(lambda db: db.execute(later) and None)
    audit, token = Audit(database), _on_duty(database)

    audit.work(token)
    first = [record.getMessage() for record in caplog.records]
    audit.work(token)

    assert first == [
        "no-service is a hypervisor, and no service",
        "unknown is in an aggregate, and no service",
        "gone has servers, and is no hypervisor",
        "apart is in another epoch as a service than as a hypervisor",
    ]
    assert len(caplog.records) == len(first)
    assert database.read(lambda db: db.scalar(sa.select(sa.func.count(ComputeNode.id)))) == 3
