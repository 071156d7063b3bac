"""Key pairs, metadata and tags: the same on every database, and nothing lost between writers."""

from collections import Counter

import pytest
import sqlalchemy as sa
from oslo_config import cfg

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import instances, listing, tags
from minicloud.db.engine import Database
from minicloud.db.models import Instance, KeyPair
from minicloud.db.tags import TagFilters
from minicloud.zones.base import Page, ServerFilters
from minicloud.zones.key_pairs import NewKeyPair
from minicloud.zones.local.key_pairs import LocalKeyPairs
from minicloud.zones.local.labels import LocalLabels
from tests.contract.db.rows import NOW, add_instances, instance, together
from tests.options import defaults

_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJH/kEz22UG7BC7mQ9lKrxyqs0Hc+iqYO4XfP/H7mLyl"
_ALICE = RequestContext(user_id="alice", project_id="p1", roles=["member"], overwrite=False)
_AT_REST = {"vm_state": "active", "task_state": None, "due_at": None}


@pytest.fixture
def conf() -> cfg.ConfigOpts:
    return defaults()


def _server(database: Database, **facts: object) -> Instance:
    (uuid,) = add_instances(database, [instance(**(_AT_REST | facts))])
    found = database.read(lambda db: instances.get(db, uuid))
    assert found is not None
    return found


def _add(pairs: LocalKeyPairs, name: str) -> str:
    try:
        pairs.create(_ALICE, "alice", NewKeyPair(name, public_key=_KEY))
    except errors.KeyPairExists:
        return "exists"
    except errors.TooManyKeyPairs:
        return "too many"
    return "made"


def test_of_many_creates_of_one_key_pair_one_wins(
    database: Database, conf: cfg.ConfigOpts
) -> None:
    pairs = LocalKeyPairs(conf, database)

    answers = Counter(together(12, lambda _n: _add(pairs, "mine")))

    assert answers == {"made": 1, "exists": 11}


def test_as_many_key_pairs_are_made_as_the_quota_allows(
    database: Database, conf: cfg.ConfigOpts
) -> None:
    conf.set_override("key_pairs", 5, "quota")
    pairs = LocalKeyPairs(conf, database)

    answers = Counter(together(12, lambda n: _add(pairs, f"k{n}")))

    assert answers == {"made": 5, "too many": 7}
    assert database.read(lambda db: db.scalar(sa.select(sa.func.count(KeyPair.id)))) == 5


def test_every_letter_of_a_key_pair_s_name_counts(
    database: Database, conf: cfg.ConfigOpts
) -> None:
    pairs = LocalKeyPairs(conf, database)

    assert [_add(pairs, name) for name in ("key", "Key", "KEY")] == ["made"] * 3

    assert pairs.show(_ALICE, "alice", "Key").name == "Key"
    listed = [row.name for row in pairs.list(_ALICE, "alice", 2, "KEY")]
    assert listed == ["Key", "key"]
    pairs.delete(_ALICE, "alice", "Key")
    assert [row.name for row in pairs.list(_ALICE, "alice", None, None)] == ["KEY", "key"]


def test_every_letter_of_a_tag_counts_but_blanks_at_its_end_do_not(
    database: Database, conf: cfg.ConfigOpts
) -> None:
    labels, server = LocalLabels(conf, database), _server(database)

    added = [labels.add_tag(_ALICE, server, tag) for tag in ("a", "A", "\u00e4", "a ", "a")]
    assert added == [True, True, True, False, False]
    assert labels.tags(_ALICE, server) == ["A", "a", "\u00e4"]

    assert labels.replace_tags(_ALICE, server, ["b ", "b", "B"]) == ["B", "b"]
    assert labels.tags(_ALICE, server) == ["B", "b"]


def test_of_many_that_add_one_tag_one_makes_it(database: Database, conf: cfg.ConfigOpts) -> None:
    labels, server = LocalLabels(conf, database), _server(database)

    answers = Counter(together(12, lambda _n: labels.add_tag(_ALICE, server, "a")))

    assert answers == {True: 1, False: 11}


def test_adders_and_replacers_of_tags_never_collide(
    database: Database, conf: cfg.ConfigOpts
) -> None:
    labels, server = LocalLabels(conf, database), _server(database)

    def work(number: int) -> None:
        if number % 2:
            labels.replace_tags(_ALICE, server, ["a", "b"])
        else:
            labels.add_tag(_ALICE, server, "a")

    together(12, work)

    assert labels.tags(_ALICE, server) == ["a", "b"]


def test_of_many_writers_of_metadata_none_is_lost(
    database: Database, conf: cfg.ConfigOpts
) -> None:
    labels, server = LocalLabels(conf, database), _server(database, meta={"gone": "x"})

    def work(number: int) -> None:
        if number:
            labels.merge_metadata(_ALICE, server, {f"k{number}": "v"})
        else:
            labels.delete_metadata(_ALICE, server, "gone")

    together(12, work)

    after = database.read(lambda db: instances.get(db, server.uuid))
    assert after is not None
    assert set(after.meta) == {f"k{number}" for number in range(1, 12)}
    assert after.generation == server.generation


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (TagFilters(every=frozenset("ab")), "ab abc"),
        (TagFilters(every=frozenset("A")), ""),
        (TagFilters(some=frozenset("ac")), "a ab abc"),
        (TagFilters(not_every=frozenset("ab")), "a none"),
        (TagFilters(not_some=frozenset("bc")), "a none"),
        (TagFilters(some=frozenset("abc"), not_every=frozenset("abc")), "a ab"),
    ],
)
def test_lists_are_narrowed_by_tags_on_every_database(
    database: Database, filters: TagFilters, names: str
) -> None:
    for name in ("a", "ab", "abc", "none"):
        server = _server(database, display_name=name)
        wanted = list(name) if name != "none" else []
        database.write(lambda db, s=server, w=wanted: tags.add(db, [s.uuid], w))  # type: ignore[misc]

    found = database.read(
        lambda db: listing.page(db, ServerFilters(tags=filters), Page(limit=100))
    )

    assert {row.display_name for row in found} == set(names.split())


def test_tags_go_with_their_server(database: Database) -> None:
    gone, kept = _server(database), _server(database)
    database.write(lambda db: tags.add(db, [gone.uuid, kept.uuid], ["a", "b"]))

    def delete(db: sa.orm.Session) -> None:
        rows = instances.lock(db, [gone.uuid])
        instances.rewrite(db, [(row, instances.gone(row.id, NOW)) for row in rows])

    database.write(delete)

    assert database.read(lambda db: tags.of(db, gone.uuid)) == []
    assert database.read(lambda db: tags.of(db, kept.uuid)) == ["a", "b"]


def test_a_list_in_detail_has_the_tags_of_each_server_in_their_order(database: Database) -> None:
    many, none = _server(database), _server(database)
    database.write(lambda db: tags.add(db, [many.uuid], ["b", "a", "é"]))

    page = database.read(lambda db: listing.page(db, ServerFilters(), Page(10), detail=True))

    found = {row.uuid: listing.tags_of(row) for row in page}
    assert found == {many.uuid: ["a", "b", "é"], none.uuid: []}
