"""Once a host was fenced, no claim succeeds that was decided before."""

from collections.abc import Callable
from threading import Event

from minicloud.context import RequestContext
from minicloud.db import enlisting, hosts, placements, services
from minicloud.db.claims import Pick
from minicloud.db.engine import Database
from minicloud.db.hosts import Need
from minicloud.db.placements import Outcome
from minicloud.instance_states import Task
from minicloud.servicegroup.base import COMPUTE
from minicloud.zones.local.services import LocalServices
from tests.contract.db.rows import (
    NOW,
    add_host,
    add_instances,
    all_instances,
    claimed,
    counted,
    instance,
    node,
    together,
)

ONE = Need(vcpus=1, memory_mb=1, disk_gb=0, instances=1, building=1)
_TIMES = 200


def _known(database: Database, *names: str) -> None:
    for name in names:
        add_host(database, name, vcpus=100_000, memory_mb=10_000_000)
        database.write(lambda db, name=name: services.seen(db, COMPUTE, [name], NOW))  # type: ignore[misc]
        database.write(lambda db, name=name: enlisting.fence(db, [name], NOW))  # type: ignore[misc]


def _placed(database: Database, *picks: Pick) -> Outcome:
    return database.write(lambda db: placements.record(db, picks, NOW))


def test_a_pick_of_an_older_epoch_is_crowded_out(database: Database) -> None:
    _known(database, "h1")
    (uuid,) = add_instances(database, [instance()])

    outcome = _placed(database, Pick(uuid, 1, "h1", "h1", None, epoch=0))

    assert [pick.uuid for pick in outcome.crowded_out] == [uuid]
    assert claimed(database, "h1") == Need()
    assert all_instances(database)[0].task_state == Task.SCHEDULING


def test_a_pick_of_the_present_epoch_or_of_none_is_placed(database: Database) -> None:
    """None: of a scheduler of the release before."""
    _known(database, "h1")
    one, two = add_instances(database, [instance(), instance()])

    outcome = _placed(
        database,
        Pick(one, 1, "h1", "h1", None, epoch=1),
        Pick(two, 1, "h1", "h1", None),
    )

    assert [pick.uuid for pick in outcome.placed] == [one, two]


def test_an_alternate_in_its_own_epoch_takes_the_place_of_the_first_choice(
    database: Database,
) -> None:
    _known(database, "h1", "h2")
    (uuid,) = add_instances(database, [instance()])
    others = [
        Pick(uuid, 1, "h1", "h1", None, epoch=0),
        Pick(uuid, 1, "h2", "h2", None, epoch=1),
    ]

    outcome = _placed(database, Pick(uuid, 1, "h1", "h1", None, alternates=others, epoch=0))

    assert [pick.host for pick in outcome.placed] == ["h2"]


def test_picks_of_different_epochs_of_one_host_are_judged_each_by_its_own(
    database: Database,
) -> None:
    _known(database, "h1")
    uuids = add_instances(database, [instance() for _ in range(3)])
    epochs = (0, 1, 0)
    picks = [Pick(u, 1, "h1", "h1", None, epoch=e) for u, e in zip(uuids, epochs, strict=True)]

    outcome = _placed(database, *picks)

    assert [pick.uuid for pick in outcome.placed] == [uuids[1]]
    assert claimed(database, "h1") == counted(database, "h1")


def test_after_forced_down_is_committed_no_claim_of_before_succeeds(database: Database) -> None:
    _known(database, "h1")
    (row,) = database.read(lambda db: services.of_group(db, COMPUTE, "h1"))
    operator = RequestContext(user_id="op", project_id="p", is_admin=True, overwrite=False)
    zone = LocalServices(database)
    seen: list[tuple[bool, bool]] = []  # (forced down before it was asked for, claimed)

    for _ in range(_TIMES):
        seen += _raced(database, lambda: zone.change(operator, row, {"forced_down": True}))

    assert (False, True) in seen
    assert (True, False) in seen
    assert (True, True) not in seen
    assert claimed(database, "h1").instances == sum(claim for _late, claim in seen)


def _raced(database: Database, fence: Callable[[], None]) -> list[tuple[bool, bool]]:
    """Claims of decisions made before, until after the fence."""
    epoch = node(database, "h1").epoch
    fenced = Event()

    def one(which: int) -> list[tuple[bool, bool]]:
        if which == 0:
            fence()
            fenced.set()
            return []
        tries: list[tuple[bool, bool]] = []
        while not tries or not tries[-1][0]:
            is_late = fenced.is_set()
            won = database.write(lambda db: hosts.claim(db, "h1", ONE, NOW, epoch=epoch))
            tries.append((is_late, won))
        return tries

    return [one_try for tries in together(3, one) for one_try in tries]
