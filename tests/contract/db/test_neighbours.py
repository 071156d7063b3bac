"""Where the servers are that hints name: within the project, as they are now."""

from typing import Any

from minicloud.db.engine import Database
from minicloud.rpc.scheduler import Wanted
from minicloud.scheduler.companions import Companions
from tests.contract.db.rows import add_instances, instance


def _add(database: Database, host: str | None = None, **facts: Any) -> str:
    group = facts.pop("group", None)
    request = {"request": {"hints": {"group": group} if group else {"group_": "x"}}}
    return add_instances(database, [instance(host=host, **request, **facts)])[0]


def _wanted(uuid: str, project: str = "p1", **hints: Any) -> Wanted:
    spec = {"instance_properties": {"project_id": project}}
    return Wanted(uuid, 1, None, spec, {"scheduler_hints": hints, "limits": {}})


def _told(database: Database, one: Wanted, key: str) -> Any:
    return Companions(database, [one]).told(one).get(key)


def test_servers_that_hints_name_are_found_in_the_project_only(database: Database) -> None:
    first, second = (_add(database, host, project_id="p1") for host in ("h1", "h2"))
    theirs = _add(database, "h3", project_id="p2")
    nowhere = _add(database, None, project_id="p1")
    gone = _add(database, "h4", project_id="p1", deleted=7)
    named = [second.replace("-", "").upper(), first, first, theirs, nowhere, gone, "no uuid"]

    for hint in ("same_host", "different_host"):
        hints: dict[str, Any] = {hint: named}
        one = _wanted("u1", **hints)
        assert _told(database, one, f"{hint}s") == ["h1", "h2"]
    assert _told(database, _wanted("u1", same_host=theirs), "same_hosts") == []
    assert _told(database, _wanted("u1", "p2", same_host=theirs), "same_hosts") == ["h3"]
    assert _told(database, _wanted("u1"), "same_hosts") is None


def test_more_servers_than_one_query_takes_are_found(database: Database) -> None:
    own = _add(database, "h1", project_id="p1")
    others = [f"00000000-0000-4000-8000-{number:012}" for number in range(2500)]

    one = _wanted("u1", same_host=[*others, own])

    assert _told(database, one, "same_hosts") == ["h1"]


def test_a_group_with_a_name_is_the_servers_of_the_project_that_came_with_it(
    database: Database,
) -> None:
    for host, project, group in (
        ("h1", "p1", "web"),
        ("h2", "p1", "web"),
        ("h3", "p1", "Web"),
        ("h4", "p1", "db"),
        ("h5", "p2", "web"),
        ("h6", "p1", None),
    ):
        _add(database, host, project_id=project, group=group)
    _add(database, None, project_id="p1", group="web")
    add_instances(database, [instance(host="h9", request={"image": {"group": "\0", "x": "web"}})])
    add_instances(database, [instance(host="h9", request={"hints": {"group": ["web"]}})])
    _add(database, "h7", project_id="p1", group="web", deleted=7)
    itself = _add(database, "h8", project_id="p1", group="web")

    assert _told(database, _wanted(itself, group="web"), "named_group_hosts") == ["h1", "h2"]
    assert _told(database, _wanted("u1", group="new"), "named_group_hosts") == []
    assert _told(database, _wanted("u1", "p2", group="web"), "named_group_hosts") == ["h5"]
    uuid = "00000000-0000-4000-8000-000000000000"
    assert _told(database, _wanted("u1", group=uuid), "named_group_hosts") is None


def test_who_is_chosen_counts_for_those_that_come_after(database: Database) -> None:
    first, second, third = (_add(database, None, project_id="p1", group="web") for _ in "123")
    wanted = [
        _wanted(first, group="web"),
        _wanted(second, group="web", different_host=[first]),
        _wanted(third, "p2", different_host=[first]),
    ]
    companions = Companions(database, wanted)

    before = companions.told(wanted[1])
    companions.put(first, "h1")
    after = companions.told(wanted[1])

    assert (before["different_hosts"], before["named_group_hosts"]) == ([], [])
    assert (after["different_hosts"], after["named_group_hosts"]) == (["h1"], ["h1"])
    assert companions.told(wanted[2])["different_hosts"] == []
