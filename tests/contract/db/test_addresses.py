"""An address that was wished for belongs to one server, however many ask at once."""

from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.conf import network
from minicloud.context import RequestContext
from minicloud.db import addresses, claims, flavors, placements, quotas
from minicloud.db.engine import Database
from minicloud.zones.base import NewServers, WishedInterface
from minicloud.zones.local import create
from tests.contract.db.rows import NOW, add_host, all_instances, together

_NETWORK = network.parsed("private:10.0.0.0/8")
_LIMITS = {
    "instances": -1,
    "cores": -1,
    "ram": -1,
    "metadata_items": 128,
    "server_group_members": 10,
}
_TERMS = create.Terms(quotas.Usual(_LIMITS), (_NETWORK,), look_again_s=3.0)


def _post(database: Database, project: str, address: str | None = None) -> str:
    context = RequestContext(
        user_id="alice", project_id=project, roles=["member"], overwrite=False
    )
    wish = [WishedInterface(_NETWORK.id, address)]
    wanted = NewServers(name="vm", flavor="1", image=None, interfaces=wish)
    try:
        database.write(lambda db: create.write(db, context, wanted, _TERMS, NOW))
    except errors.BadRequest:
        return "refused"
    return "accepted"


def test_of_many_that_wish_for_one_address_at_once_one_gets_it(database: Database) -> None:
    database.write(lambda db: flavors.add_devstack(db, NOW))

    answers = together(8, lambda number: _post(database, f"p{number}", "10.0.0.5"))

    assert sorted(answers) == ["accepted"] + ["refused"] * 7
    assert _post(database, "p1", "10.0.0.6") == "accepted"


def test_an_address_is_known_by_its_network(database: Database) -> None:
    database.write(lambda db: flavors.add_devstack(db, NOW))
    _post(database, "p1", "10.0.0.5")

    def taken(network_id: str, address: str) -> bool:
        wish = [(network_id, address)]
        return database.read(lambda db: addresses.taken(db, wish)) is not None

    assert taken(_NETWORK.id, "10.0.0.5")
    assert not taken(_NETWORK.id, "10.0.0.50")
    assert not taken(network.parsed("other:10.0.0.0/8").id, "10.0.0.5")


def test_placed_servers_have_addresses_of_their_own(database: Database) -> None:
    database.write(lambda db: flavors.add_devstack(db, NOW))
    add_host(database, "h1")
    for _number in range(5):
        _post(database, "p1")
    picks = [claims.Pick(r.uuid, r.generation, "h1", "h1", None) for r in all_instances(database)]

    def work(db: Session) -> placements.Outcome:
        return placements.record(db, picks, NOW)

    assert len(database.write(work).placed) == 5
    given = [nic["address"] for row in all_instances(database) for nic in row.addresses or ()]
    assert len(set(given)) == len(given) == 5
