"""OSSA-2017-005 and -006, CVE-2017-16239 and -17051: rebuild went past filters, then took twice.

The fix of the first doubled what a host had given away with every rebuild.
"""

import random
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
import sqlalchemy as sa

from minicloud import errors
from minicloud.conductor.moves import Moves
from minicloud.db import hosts, models
from minicloud.db.hosts import Need
from minicloud.instance_states import ACTIONS
from minicloud.zones.local import acts, treating
from tests.functional.advisories import demands_failure
from tests.functional.advisories.stepped import Stepped, stepped
from tests.functional.server_rows import run
from tests.functional.whole import Person, Whole

_TURNS: Final = 45
_MOST_SERVERS: Final = 4
_ACTIONS: Final = (
    *("stop", "start", "reboot", "reboot_hard", "pause", "unpause", "suspend", "resume"),
    *("rescue", "unrescue", "rebuild", "rebuild", "resize", "resize", "confirm_resize"),
    *("revert_resize", "migrate", "live_migrate", "shelve", "unshelve", "delete"),
)


def what_is_taken_is_what_is_there(world: Stepped, seed: int) -> None:
    """After any sequence of actions the hosts have given away the sum of the flavors."""
    dice = random.Random(seed)
    servers: list[str] = []
    done: list[str] = []
    for _ in range(_TURNS):
        if len(servers) < 2 or (len(servers) < _MOST_SERVERS and dice.random() < 0.2):
            servers.append(world.boot())
        uuid = dice.choice(servers)
        state = world.row(uuid).vm_state
        allowed = [name for name in _ACTIONS if state in {str(s) for s in ACTIONS[name].vm_states}]
        action = dice.choice(allowed)
        try:
            wish = {"flavor": dice.choice(("1", "42", "84"))} if action == "resize" else {}
            world.do(uuid, action, **wish)
        except errors.MinicloudError:
            continue
        done.append(action)
        if action == "delete":
            servers.remove(uuid)
            world.steps(6)
        else:
            world.settle(uuid)
        moving = [ref for ref in servers if world.row(ref).vm_state == "resized"]
        if not moving:
            assert world.taken() == world.due(), (seed, done[-5:])
    assert len(done) > _TURNS / 2


def a_rebuild_is_held_to_what_a_boot_is_held_to(cloud: Whole, alice: Person) -> None:
    """The new image has to fit the flavor, to be there, to be ready, and to be hers to use."""
    bob = cloud.person("bob", "two")
    ref = cloud.boot(alice)
    run(cloud.books, ref)
    kind = {"disk_format": "raw", "container_format": "bare"}
    fits = {"name": "i", **kind}

    def image(who: Person, **more: Any) -> str:
        made = cloud.image("POST", "/images", fits | more, who)
        assert made.status_int == 201, made.text
        ident = str(made.json["id"])
        octets = {"Content-Type": "application/octet-stream"}
        filled = cloud.image("PUT", f"/images/{ident}/file", b"x", who, headers=octets)
        assert filled.status_int == 204, filled.text
        return ident

    queued = cloud.image("POST", "/images", fits, alice).json["id"]
    for bad in (
        image(alice, min_ram=100_000),
        image(alice, min_disk=100_000),
        image(bob, visibility="private"),
        queued,
        "99999999-0000-4000-8000-000000000009",
    ):
        server = {"name": "vm", "flavorRef": "42", "imageRef": bad}
        booted = cloud.compute("POST", "/servers", {"server": server}, alice)
        body = {"rebuild": {"imageRef": bad}}
        rebuilt = cloud.compute("POST", f"/servers/{ref}/action", body, alice)
        assert booted.status_int == rebuilt.status_int == 400, (bad, rebuilt.text)
    body = {"rebuild": {"imageRef": image(alice)}}
    assert cloud.compute("POST", f"/servers/{ref}/action", body, alice).status_int == 202


def a_rebuild_is_held_to_the_filter_of_images(cloud: Whole, alice: Person) -> None:
    """The host stays, so it must be one that can run the new image."""
    kinds = {"supported_instances": [["x86_64", "qemu", "hvm"]], "hypervisor_version": 8_000_000}
    change = sa.update(models.ComputeNode).values(kinds)
    cloud.books.write(lambda db: db.execute(change))
    ref = cloud.boot(alice)
    run(cloud.books, ref)
    statuses = {}
    for name, value in (
        ("hw_architecture", "aarch64"),
        ("img_hv_type", "xen"),
        ("hw_vm_mode", "xen"),
        ("img_hv_requested_version", ">=9.0"),
        ("hw_architecture", "amd64"),
    ):
        image = models.Image(
            id=str(uuid4()),
            owner=alice.project_id,
            status="active",
            visibility="private",
            properties={name: value},
            tags=[],
            created_at=cloud.books.now(),
            updated_at=cloud.books.now(),
        )
        ident = image.id
        cloud.books.write(lambda db, image=image: db.add(image))  # type: ignore[misc]
        body = {"rebuild": {"imageRef": ident}}
        answer = cloud.compute("POST", f"/servers/{ref}/action", body, alice)
        statuses[value] = answer.status_int
    assert statuses == {"aarch64": 400, "xen": 400, ">=9.0": 400, "amd64": 202}


@pytest.mark.parametrize("seed", range(3))
def test_after_any_actions_the_hosts_have_given_away_the_sum_of_the_flavors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    with stepped(tmp_path, monkeypatch) as world:
        what_is_taken_is_what_is_there(world, seed)


def test_a_rebuild_takes_no_image_that_a_boot_could_not_have(cloud: Whole, alice: Person) -> None:
    a_rebuild_is_held_to_what_a_boot_is_held_to(cloud, alice)


def test_a_rebuild_goes_past_no_filter(cloud: Whole, alice: Person) -> None:
    a_rebuild_is_held_to_the_filter_of_images(cloud, alice)


def test_a_rebuild_that_goes_past_the_filter_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(treating, "_check_host", lambda start, image: None)

    with demands_failure():
        a_rebuild_is_held_to_the_filter_of_images(cloud, alice)


def test_a_rebuild_that_takes_its_room_again_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rebuild(start: Any) -> Any:
        facts = true(start)
        hosts.claim(start.db, start.row.host, Need.of(start.row), start.now)
        return facts

    true = treating.rebuild
    monkeypatch.setattr(acts, "_HOOKS", {**acts._HOOKS, "rebuild": rebuild})

    with stepped(tmp_path, monkeypatch) as world, demands_failure():
        what_is_taken_is_what_is_there(world, 0)


def test_a_move_that_leaves_its_room_behind_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Moves.__init__
    monkeypatch.setattr(
        Moves, "__init__", lambda self, db, free: made(self, db, lambda host, need: None)
    )

    with stepped(tmp_path, monkeypatch) as world, demands_failure():
        what_is_taken_is_what_is_there(world, 0)


def test_a_rebuild_that_asks_nothing_of_its_image_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def image_for(start: Any, ref: str) -> dict[str, Any]:
        return {"id": ref, "name": "", "properties": {}}

    monkeypatch.setattr(treating, "_image_for", image_for)

    with demands_failure():
        a_rebuild_is_held_to_what_a_boot_is_held_to(cloud, alice)
