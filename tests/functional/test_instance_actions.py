"""The log of what was done to a server, over the real books, by version."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from minicloud.api.views.servers import host_id
from minicloud.db import actions
from minicloud.db.engine import Database
from tests.contract.db.rows import NOW, add_instances, instance
from tests.functional.over_books import application, asked, database

__all__ = ["database"]  # a fixture

WHO = {"user_id": "alice", "project_id": "p1"}


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Any:
    return application(database, tmp_path)


@pytest.fixture
def server(database: Database) -> str:
    """It was created and stopped four times, once by an administrator of another project."""
    (ref,) = add_instances(database, [instance(vm_state="active", task_state=None, host="node1")])
    for number in range(5):
        word = "stop" if number else "create"
        who = WHO if number < 4 else {"user_id": "root", "project_id": "p0"}
        _act(database, ref, word, number, who)
    return ref


def _act(database: Database, ref: str, word: str, number: int, who: dict[str, str]) -> None:
    when = NOW + timedelta(hours=number)
    about = {**who, "request_id": f"req-{number}"}

    def work(db: Any) -> None:
        action_id = actions.start(db, [ref], word, about, when)[ref]
        event = {
            "action_id": action_id,
            "event": "compute_stop_instance",
            "start_time": when,
            "finish_time": when,
            "result": "Error",
            "details": "it did not want to",
            "host": "node1",
        }
        actions.add_events(db, [event])

    database.write(work)


def _get(app: Any, server: str, more: str = "", version: int = 104, user: str = "alice") -> Any:
    path = f"/servers/{server}/os-instance-actions{more}"
    reply = asked(app, "GET", path, version=version, user=user)
    assert reply.status_int == 200, reply.body
    return orjson.loads(reply.body)


@pytest.mark.parametrize(
    ("version", "query", "numbers"),
    [
        (1, "", [4, 3, 2, 1, 0]),
        (57, "?limit=1", [4, 3, 2, 1, 0]),
        (58, "?limit=2", [4, 3]),
        (58, "?limit=2&marker=req-3", [2, 1]),
        (58, "?limit=0", []),
        (58, "?changes-since=2026-03-01T15:00:00Z", [4, 3]),
        (66, "?changes-before=2026-03-01T14:00:00.123456", [2, 1, 0]),
        (66, "?changes-since=2026-03-01T14:00:00&changes-before=2026-03-01T15:30:00", [3, 2]),
    ],
)
def test_actions_are_listed_newest_first(
    app: Any, server: str, version: int, query: str, numbers: list[int]
) -> None:
    found = _get(app, server, query, version)["instanceActions"]

    assert [one["request_id"] for one in found] == [f"req-{number}" for number in numbers]
    assert ("updated_at" in found[0]) == (version >= 58) if found else True


@pytest.mark.parametrize(
    ("version", "query"),
    [
        (58, "marker=nowhere"),
        (58, "changes-before=2026-03-01"),
        (58, "odd=1"),
        (58, "changes-since=today"),
        (66, "changes-since=2026-03-02&changes-before=2026-03-01"),
    ],
)
def test_a_query_that_makes_no_sense_is_a_bad_request(
    app: Any, server: str, version: int, query: str
) -> None:
    path = f"/servers/{server}/os-instance-actions?{query}"
    assert asked(app, "GET", path, version=version, user="alice").status_int == 400


def test_pages_lead_through_the_whole_log(app: Any, server: str) -> None:
    seen: list[str] = []
    more = "?limit=2"
    while more:
        page = _get(app, server, more)
        seen += [one["request_id"] for one in page["instanceActions"]]
        links = page.get("links", [])
        more = links[0]["href"].partition("os-instance-actions")[2] if links else ""

    assert seen == [f"req-{number}" for number in (4, 3, 2, 1, 0)]


_EVENT = {"event", "start_time", "finish_time", "result"}


@pytest.mark.parametrize(
    ("version", "user", "fields"),
    [
        (50, "alice", None),
        (51, "alice", _EVENT),
        (62, "alice", _EVENT | {"hostId"}),
        (84, "alice", _EVENT | {"hostId"}),
        (1, "admin", _EVENT | {"traceback"}),
        (62, "admin", _EVENT | {"traceback", "hostId", "host"}),
        (84, "admin", _EVENT | {"traceback", "hostId", "host", "details"}),
    ],
)
def test_events_tell_members_what_happened_and_administrators_where(
    app: Any, server: str, version: int, user: str, fields: set[str] | None
) -> None:
    shown = _get(app, server, "/req-1", version, user)["instanceAction"]

    events = shown.get("events")
    assert (events and set(events[0])) == fields
    if fields and "hostId" in fields:
        assert events[0]["hostId"] == host_id("p1", "node1")


def test_the_log_of_a_deleted_server_is_read_from_2_21(app: Any, database: Database) -> None:
    gone = {"vm_state": "deleted", "task_state": None, "deleted": 9}
    (ref,) = add_instances(database, [instance(**gone)])
    _act(database, ref, "create", 0, WHO)
    path = f"/servers/{ref}/os-instance-actions"

    assert asked(app, "GET", path, version=20, user="alice").status_int == 404
    assert len(_get(app, ref, version=21)["instanceActions"]) == 1
    assert _get(app, ref, "/req-0", 21)["instanceAction"]["action"] == "create"
    assert asked(app, "GET", path, version=21, user="bob:p2").status_int == 404
    assert asked(app, "GET", f"{path}/req-0", version=21, user="bob:p2").status_int == 404
    assert asked(app, "GET", f"{path}/req-9", version=21, user="alice").status_int == 404
