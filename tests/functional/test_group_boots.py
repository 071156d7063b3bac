"""Servers of groups in a cloud that runs: where they land, and what is said when they cannot."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from minicloud.db import services
from minicloud.servicegroup.base import COMPUTE
from tests.functional.boot_cloud import BootCloud, boot_cloud, eventually, own_servers


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BootCloud]:
    with boot_cloud(_directory(tmp_path_factory)) as made:
        yield made


def _directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("groups")


@pytest.fixture
def own(cloud: BootCloud) -> Iterator[list[str]]:
    with own_servers(cloud) as made:
        yield made


def _group(cloud: BootCloud, policy: str, **rules: int) -> dict[str, str]:
    view = cloud.zone.server_groups.create(cloud.alice, "g", policy, rules)
    return {"group": view.row.uuid}


def _boot(cloud: BootCloud, own: list[str], hints: dict[str, str], count: int = 1) -> list[str]:
    """Boot at once; the uuids."""
    made = [cloud.create(flavor="42", hints=hints) for _ in range(count)]
    own += made
    return made


def _hosts(cloud: BootCloud, uuids: list[str]) -> Counter[str]:
    return Counter(cloud.wait(uuid, "active").row.host or "" for uuid in uuids)


def test_anti_affinity_keeps_servers_apart_and_one_too_many_fails(
    cloud: BootCloud, own: list[str]
) -> None:
    hints = _group(cloud, "anti-affinity")

    where = _hosts(cloud, _boot(cloud, own, hints, 3))
    (last,) = _boot(cloud, own, hints)
    fault = cloud.wait(last, "error").fault

    assert where == {"node1": 1, "node2": 1, "node3": 1}
    assert fault is not None
    assert fault.message.startswith("No valid host was found.")
    assert "ServerGroupAntiAffinityFilter 3" in fault.message


def test_a_rule_lets_several_be_on_a_host(cloud: BootCloud, own: list[str]) -> None:
    hints = _group(cloud, "anti-affinity", max_server_per_host=2)

    where = _hosts(cloud, _boot(cloud, own, hints, 6))

    assert where == {"node1": 2, "node2": 2, "node3": 2}


def test_affinity_keeps_servers_together(cloud: BootCloud, own: list[str]) -> None:
    where = _hosts(cloud, _boot(cloud, own, _group(cloud, "affinity"), 4))

    assert set(where.values()) == {4}


def test_a_place_is_free_again_when_a_member_is_gone(cloud: BootCloud, own: list[str]) -> None:
    hints = _group(cloud, "anti-affinity")
    uuids = _boot(cloud, own, hints, 3)
    _hosts(cloud, uuids)

    own.remove(uuids[0])
    cloud.delete(uuids[0])
    assert eventually(lambda: cloud.is_gone(uuids[0]))

    assert len(_hosts(cloud, _boot(cloud, own, hints))) == 1


def test_a_forced_host_does_not_break_a_hard_policy(cloud: BootCloud, own: list[str]) -> None:
    hints = _group(cloud, "anti-affinity")
    first = cloud.create(flavor="42", hints=hints, force_host="node1")
    own.append(first)
    cloud.wait(first, "active")

    second = cloud.create(flavor="42", hints=hints, force_host="node1")
    own.append(second)

    cloud.wait(second, "error")


def test_soft_policies_prefer_and_do_not_refuse(cloud: BootCloud, own: list[str]) -> None:
    near, apart = _group(cloud, "soft-affinity"), _group(cloud, "soft-anti-affinity")

    together, spread = Counter[str](), Counter[str]()
    for _ in range(4):
        together += _hosts(cloud, _boot(cloud, own, near))
        spread += _hosts(cloud, _boot(cloud, own, apart))

    assert set(together.values()) == {4}
    assert sorted(spread.values()) == [1, 1, 2]


def test_a_move_keeps_away_from_the_other_members(cloud: BootCloud, own: list[str]) -> None:
    first, second = _boot(cloud, own, _group(cloud, "anti-affinity"), 2)
    (left,), (other,) = _hosts(cloud, [first]), _hosts(cloud, [second])

    cloud.act(first, "migrate")
    assert cloud.wait(first, "resized").row.host not in (left, other)

    cloud.act(second, "migrate")  # the host that the first has left is held for its return
    assert set(_hosts(cloud, [second])) == {other}
    assert cloud.last_action(second).row.result == "Error"

    cloud.act(first, "confirm_resize")
    cloud.wait(first, "active")
    cloud.act(second, "migrate")
    assert cloud.wait(second, "resized").row.host == left


def test_a_member_that_is_to_stay_together_cannot_leave_alone(
    cloud: BootCloud, own: list[str]
) -> None:
    hints = _group(cloud, "affinity")
    (alone,) = _boot(cloud, own, hints)
    (start,) = _hosts(cloud, [alone])
    cloud.act(alone, "migrate")
    assert cloud.wait(alone, "resized").row.host != start  # nobody else is there
    cloud.act(alone, "confirm_resize")
    (home,) = _hosts(cloud, [alone])

    (other,) = _boot(cloud, own, hints)
    assert set(_hosts(cloud, [other])) == {home}
    cloud.act(other, "migrate")

    assert set(_hosts(cloud, [other])) == {home}
    assert cloud.last_action(other).row.result == "Error"


def test_a_host_that_is_out_of_service_or_called_down_gets_no_servers(
    cloud: BootCloud, own: list[str]
) -> None:
    group = services.of_group
    rows = {row.host: row for row in cloud.books.read(lambda db: group(db, COMPUTE))}
    desk = cloud.zone.services
    desk.change(cloud.alice, rows["node1"], {"disabled": True, "disabled_reason": "a fan"})
    desk.change(cloud.alice, rows["node2"], {"forced_down": True})
    try:
        where = _hosts(cloud, _boot(cloud, own, {}, 3))
    finally:
        desk.change(cloud.alice, rows["node1"], {"disabled": False, "disabled_reason": None})
        desk.change(cloud.alice, rows["node2"], {"forced_down": False})

    assert where == {"node3": 3}
