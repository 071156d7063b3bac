"""What servers have run, over the real books."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from minicloud.db import instances
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from tests.contract.db.rows import add_instances, instance
from tests.functional.over_books import Call, call, database

__all__ = ["call", "database"]  # fixtures

_DAY = datetime(2020, 3, 1)
_URL = "/os-simple-tenant-usage"
_WINDOW = f"start={_DAY.isoformat()}&end={(_DAY + timedelta(days=1)).isoformat()}"
_TINY = {"flavorid": "1", "name": "m1.tiny"}


def _at(hour: float) -> datetime:
    return _DAY + timedelta(hours=hour)


def _ran(database: Database, begin: float | None, end: float | None = None, **more: Any) -> str:
    facts: dict[str, Any] = {
        "vcpus": 2,
        "memory_mb": 1024,
        "disk_gb": 10,
        "flavor": _TINY,
        "vm_state": "active",
        "launched_at": None if begin is None else _at(begin),
        **more,
    }
    (uuid,) = add_instances(database, [instance(**facts)])
    if end is not None:
        row_id = database.read(lambda db: db.scalar(sa.select(sa.func.max(Instance.id)))) or 0
        gone = sa.update(Instance).where(Instance.id == row_id)
        facts = instances.gone(row_id, _at(end))
        facts.pop("generation", None)
        database.write(lambda db: db.execute(gone.values(**facts)))
    return uuid


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        (2, 5, 3.0),  # within
        (-4, 1, 1.0),  # began before
        (20, 30, 4.0),  # ended after
        (-4, 30, 24.0),
        (6, None, 18.0),  # still runs
    ],
)
def test_hours_are_those_within_the_window(
    call: Call, database: Database, begin: float, end: float | None, hours: float
) -> None:
    _ran(database, begin, end)

    status, found = call("GET", f"{_URL}/p1?{_WINDOW}", user="alice")

    assert status == 200
    usage = found["tenant_usage"]
    assert usage["total_hours"] == hours
    assert usage["total_vcpus_usage"] == 2 * hours
    assert usage["total_memory_mb_usage"] == 1024 * hours
    assert usage["total_local_gb_usage"] == 10 * hours
    assert (usage["start"], usage["stop"]) == (
        "2020-03-01T00:00:00.000000",
        "2020-03-02T00:00:00.000000",
    )


@pytest.mark.parametrize(("begin", "end"), [(-4, -1), (25, None), (None, None), (None, 3)])
def test_what_did_not_run_in_the_window_is_not_told(
    call: Call, database: Database, begin: float | None, end: float | None
) -> None:
    _ran(database, begin, end)

    assert call("GET", f"{_URL}/p1?{_WINDOW}") == (200, {"tenant_usage": {}})
    assert call("GET", f"{_URL}?{_WINDOW}") == (200, {"tenant_usages": []})


def test_a_deleted_server_is_told_with_its_times(call: Call, database: Database) -> None:
    uuid = _ran(database, 2, 5)

    usage = call("GET", f"{_URL}/p1?{_WINDOW}")[1]["tenant_usage"]

    assert usage["server_usages"] == [
        {
            "instance_id": uuid,
            "name": "vm",
            "tenant_id": "p1",
            "flavor": "m1.tiny",
            "vcpus": 2,
            "memory_mb": 1024,
            "local_gb": 10,
            "hours": 3.0,
            "started_at": "2020-03-01T02:00:00.000000",
            "ended_at": "2020-03-01T05:00:00.000000",
            "state": "terminated",
            "uptime": 3 * 3600,
        }
    ]


@pytest.mark.parametrize("word", ["1", "True"])
def test_the_list_has_a_sum_for_each_project_and_servers_when_asked(
    call: Call, database: Database, word: str
) -> None:
    _ran(database, 0, 1)
    _ran(database, 0, 2)
    _ran(database, 1, 2, project_id="p0")

    brief = call("GET", f"{_URL}?{_WINDOW}")[1]["tenant_usages"]
    detailed = call("GET", f"{_URL}?{_WINDOW}&detailed={word}")[1]["tenant_usages"]

    assert [(usage["tenant_id"], usage["total_hours"]) for usage in brief] == [
        ("p0", 1.0),
        ("p1", 3.0),
    ]
    assert all("server_usages" not in usage for usage in brief)
    assert [len(usage["server_usages"]) for usage in detailed] == [1, 2]


@pytest.mark.parametrize("path", [f"{_URL}/p1?", f"{_URL}?detailed=1&"])
def test_pages_from_2_40_lead_through_all_servers(
    call: Call, database: Database, path: str
) -> None:
    ran = {_ran(database, 0, hour) for hour in range(1, 6)}
    name = "tenant_usage" if "p1" in path else "tenant_usages"
    seen: list[str] = []
    asked: str | None = f"{path}{_WINDOW}&limit=2"

    while asked is not None:
        found = call("GET", asked, version=40)[1]
        usage = found[name] if name == "tenant_usage" else (found[name] or [{}])[0]
        seen += [server["instance_id"] for server in usage.get("server_usages", [])]
        links = found.get(f"{name}_links")
        asked = links[0]["href"].partition("/v2.1")[2] if links else None

    assert sorted(seen) == sorted(ran)
    assert (
        len(call("GET", f"{_URL}/p1?{_WINDOW}&limit=2")[1]["tenant_usage"]["server_usages"]) == 5
    )
    assert call("GET", f"{_URL}?{_WINDOW}&limit=0", version=40) == (200, {"tenant_usages": []})


@pytest.mark.parametrize(
    ("version", "query"),
    [
        (1, "start=2020-03-02T00:00:00&end=2020-03-01T00:00:00"),
        (1, "start=2020-03-01T00:00:00&end=2020-03-01T00:00:00"),
        (1, "start=yesterday"),
        (1, "end=2020-13-01T00:00:00"),
        (40, f"{_WINDOW}&limit=x"),
        (40, f"{_WINDOW}&marker=nobody"),
        (75, f"{_WINDOW}&colour=red"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(call: Call, version: int, query: str) -> None:
    assert call("GET", f"{_URL}?{query}", version=version)[0] == 400
    assert call("GET", f"{_URL}/p1?{query}", version=version)[0] == 400


def test_without_a_window_nothing_has_run_yet(call: Call, database: Database) -> None:
    _ran(database, 0)

    status, found = call("GET", f"{_URL}/p1")

    assert status == 200
    assert found["tenant_usage"]["total_hours"] == 0


def test_nothing_is_told_of_what_is_to_come(call: Call, database: Database) -> None:
    now = database.now()
    _ran(database, 0, launched_at=now - timedelta(hours=2))
    begin, end = (now + timedelta(hours=hours) for hours in (-1, 24))

    asked = f"start={begin.isoformat()}&end={end.isoformat()}"
    usage = call("GET", f"{_URL}/p1?{asked}")[1]["tenant_usage"]

    assert 1.0 <= usage["total_hours"] < 2.0
    assert usage["stop"] < end.isoformat()


def test_members_see_their_own_project_and_administrators_all(call: Call) -> None:
    assert call("GET", f"{_URL}/p1", user="alice")[0] == 200
    assert call("GET", f"{_URL}/p2", user="alice")[0] == 403
    assert call("GET", _URL, user="alice")[0] == 403
    assert call("GET", f"{_URL}/p2")[0] == 200


def test_no_host_has_sent_an_audit(call: Call) -> None:
    before = quote("2026-01-15 12:00:00")

    status, found = call("GET", f"/os-instance_usage_audit_log/{before}")

    assert status == 200
    assert found["instance_usage_audit_log"] == {
        "hosts_not_run": ["node1", "node2", "node3"],
        "log": {},
        "num_hosts": 3,
        "num_hosts_done": 0,
        "num_hosts_not_run": 3,
        "num_hosts_running": 0,
        "overall_status": "0 of 3 hosts done. 0 errors.",
        "period_beginning": "2025-12-01 00:00:00",
        "period_ending": "2026-01-01 00:00:00",
        "total_errors": 0,
        "total_instances": 0,
    }
    assert "instance_usage_audit_logs" in call("GET", "/os-instance_usage_audit_log")[1]
    assert call("GET", "/os-instance_usage_audit_log/when")[0] == 400
