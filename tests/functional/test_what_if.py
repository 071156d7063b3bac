"""Dry runs: what is told before a boot is what the boot does, and nothing is left of them."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pytest
import sqlalchemy as sa

from minicloud.db import images
from minicloud.db.engine import Database
from tests.functional.boot_cloud import BootCloud, boot_cloud, calling, own_servers
from tests.functional.image_rows import IMAGE, image
from tests.functional.over_books import Call

_FILTERS: Final = (
    *("RetryFilter", "AvailabilityZoneFilter", "ComputeFilter", "RamFilter", "CoreFilter"),
    *("DiskFilter", "ServerGroupAntiAffinityFilter", "ServerGroupAffinityFilter"),
)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BootCloud]:
    options = {
        "filter_scheduler.enabled_filters": [*_FILTERS, "AggregateNumInstancesFilter"],
        "quota.cores": -1,
        "quota.ram": -1,
        "quota.instances": 30,
        "quota.server_group_members": 20,
    }
    with boot_cloud(tmp_path_factory.mktemp("what_if"), options=options) as made:
        made.books.write(lambda db: images.insert(db, image(made.books.now())))
        yield made


@pytest.fixture(scope="module")
def call(cloud: BootCloud) -> Call:
    return calling(cloud)


def _wanted(flavor: str = "1", hints: Any = None, **more: Any) -> dict[str, Any]:
    server = {"name": "vm", "flavorRef": flavor, "imageRef": IMAGE, **more}
    return {"server": server, "os:scheduler_hints": hints or {}}


def _told(call: Call, path: str = "", **wanted: Any) -> dict[str, Any]:
    status, body = call("POST", f"/scheduling/what-if{path}", _wanted(**wanted))
    assert status == 200, body
    found: dict[str, Any] = body["what_if"]
    return found


def _rows(database: Database) -> dict[str, list[Any]]:
    """All that is in the books, but for the signs of life."""
    tables = set(sa.inspect(database.engine).get_table_names())
    with database.engine.connect() as connection:
        return {
            table: sorted(map(str, connection.execute(sa.text(f"SELECT * FROM {table}"))))
            for table in tables - {"members", "services", "service_members"}
        }


def test_a_dry_run_leaves_the_books_as_they_were(cloud: BootCloud, call: Call) -> None:
    before = _rows(cloud.books)

    told = _told(call, min_count=2)

    assert len(told["hosts"]) == 2
    assert told["fits"]["by_room"] > 2
    assert _rows(cloud.books) == before
    assert "compute_nodes" in before


@pytest.fixture
def own(cloud: BootCloud) -> Iterator[list[str]]:
    with own_servers(cloud) as made:
        yield made


def test_a_placed_server_is_judged_as_if_its_own_room_were_free(
    cloud: BootCloud, call: Call, own: list[str]
) -> None:
    before = _told(call, flavor="5")["fits"]["by_room"]
    own.append(cloud.create("5"))
    host = cloud.wait(own[0], "active").row.host
    status, body = call("GET", f"/servers/{own[0]}/scheduling/now")

    assert (status, body["what_if"]["server"]["host"]) == (200, host)
    assert body["what_if"]["fits"]["by_room"] == before
    assert _told(call, flavor="5")["fits"]["by_room"] == before - 1


@pytest.fixture
def few_each(call: Call) -> Iterator[None]:
    """An aggregate of two hosts whose hosts take few servers."""
    _status, made = call("POST", "/os-aggregates", {"aggregate": {"name": "few"}})
    path = f"/os-aggregates/{made['aggregate']['id']}"
    for host in ("node1", "node2"):
        assert call("POST", f"{path}/action", {"add_host": {"host": host}})[0] == 200
    meta = {"set_metadata": {"metadata": {"max_instances_per_host": "2"}}}
    assert call("POST", f"{path}/action", meta)[0] == 200
    yield
    for host in ("node1", "node2"):
        assert call("POST", f"{path}/action", {"remove_host": {"host": host}})[0] == 200
    assert call("DELETE", path)[0] == 200


def _fills(cloud: BootCloud, call: Call, own: list[str], **wanted: Any) -> int:
    """How many were told to fit: all of them become active, and the next one does not."""
    told = _told(call, **wanted)["fits"]
    assert (told["exact"], told["at_most"]) == (True, None)
    hosts = Counter[str]()
    for _number in range(told["by_room"]):
        own.append(_boot(call, **wanted))
        hosts[cloud.wait(own[-1], "active").row.host or ""] += 1
    own.append(_boot(call, **wanted))
    fault = cloud.wait(own[-1], "error").fault
    assert fault is not None
    assert fault.message.startswith("No valid host was found.")
    assert {one["host"]: one["count"] for one in told["hosts"]} == hosts
    count: int = told["by_room"]
    return count


def _boot(call: Call, **wanted: Any) -> str:
    status, body = call("POST", "/servers", _wanted(**wanted))
    assert status == 202, body
    return str(body["server"]["id"])


def test_as_many_can_be_booted_as_were_told_to_fit(
    cloud: BootCloud, call: Call, own: list[str]
) -> None:
    assert _fills(cloud, call, own, flavor="5") == 15


def test_so_it_is_in_an_aggregate_with_a_limit(
    cloud: BootCloud, call: Call, own: list[str], few_each: None
) -> None:
    own.append(_boot(call, flavor="4", availability_zone="nova:node2"))
    cloud.wait(own[0], "active")

    assert _fills(cloud, call, own, flavor="5") == 2 + 1 + 5


@pytest.mark.parametrize(
    ("policy", "rules", "there", "fits"),
    [
        ("anti-affinity", {}, 0, 3),
        ("anti-affinity", {"max_server_per_host": 2}, 3, 3),
        ("affinity", {}, 0, 5),
        ("affinity", {}, 2, 3),
        ("soft-anti-affinity", {}, 1, 14),
    ],
)
def test_so_it_is_in_a_group(
    cloud: BootCloud,
    call: Call,
    own: list[str],
    policy: str,
    rules: dict[str, int],
    there: int,
    fits: int,
) -> None:
    view = cloud.zone.server_groups.create(cloud.alice, "g", policy, rules)
    hints = {"group": view.row.uuid}
    for _number in range(there):
        own.append(_boot(call, flavor="5", hints=hints))
        cloud.wait(own[-1], "active")

    if policy == "affinity" and not there:  # which host it is, is up to the first
        told = _told(call, flavor="5", hints=hints)["fits"]
        assert (told["by_room"], told["at_most"]) == (fits, None)
        own.append(_boot(call, flavor="5", hints=hints))
        cloud.wait(own[-1], "active")
        fits -= 1
    assert _fills(cloud, call, own, flavor="5", hints=hints) == fits


def test_so_it_is_on_a_forced_host(cloud: BootCloud, call: Call, own: list[str]) -> None:
    assert _fills(cloud, call, own, flavor="5", availability_zone="nova:node3") == 5


def test_the_quota_is_told_beside_the_room(cloud: BootCloud, call: Call, own: list[str]) -> None:
    own.append(_boot(call, flavor="42"))

    told = _told(call)["fits"]
    others = _told(call, "?project_id=p2")["fits"]

    assert (told["by_quota"], others["by_quota"]) == (29, 30)
    assert told["by_room"] > 30


def test_servers_of_one_request_get_hosts_all_together_or_not_at_all(call: Call) -> None:
    several = _told(call, flavor="5", min_count=15)
    too_many = _told(call, flavor="5", min_count=16)

    assert Counter(several["hosts"]) == {"node1": 5, "node2": 5, "node3": 5}
    assert too_many["hosts"] == []
    assert (too_many["refused"]["asked"], too_many["refused"]["found"]) == (16, 15)


@pytest.mark.parametrize(
    "wanted",
    [
        {"flavor": "none"},
        {"availability_zone": "mars"},
        {"availability_zone": "a:b:c:d"},
        {"min_count": 0},
        {"min_count": 3, "max_count": 2},
        {"imageRef": "x"},
        {"imageRef": "00000000-0000-4000-8000-000000000000"},
        {"hints": {"group": "00000000-0000-4000-8000-000000000000"}},
        {"hints": {"different_host": [1]}},
        {"hints": {"deep": [[[[[[[[[[1]]]]]]]]]]}},
        {"key_name": "none"},
        {"name": ""},
        {"unknown": 1},
    ],
    ids=str,
)
def test_a_dry_run_is_refused_where_the_create_would_be(
    call: Call, wanted: dict[str, Any]
) -> None:
    body = _wanted()
    body["server"] |= {k: v for k, v in wanted.items() if k not in ("hints", "flavor")}
    body["server"]["flavorRef"] = wanted.get("flavor", "1")
    body["os:scheduler_hints"] = wanted.get("hints", {})

    dry, create = call("POST", "/scheduling/what-if", body), call("POST", "/servers", body)

    assert dry[0] == 400
    assert dry == create


def test_dry_runs_are_for_administrators(call: Call) -> None:
    status, body = call("POST", "/scheduling/what-if", _wanted(), user="alice")

    assert status == 403
    assert "minicloud:scheduling:what_if" in body["forbidden"]["message"]


def test_so_many_hosts_are_told_one_by_one_as_are_asked_for(call: Call) -> None:
    told = _told(call, "?limit=2")["explanation"]

    assert (told["accepted"], len(told["best"])) == (3, 2)
