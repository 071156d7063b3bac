"""A commit that is not answered is tried again; what it did is not done twice, nor missed."""

from minicloud.zones.key_pairs import NewKeyPair
from tests.simulation.calm import CalmCloud, calm_cloud

_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJH/kEz22UG7BC7mQ9lKrxyqs0Hc+iqYO4XfP/H7mLyl"


def _lose(cloud: CalmCloud, place: str) -> None:
    cloud.world.books.lose_answer_of = place


def test_a_key_pair_is_made_and_deleted_once() -> None:
    with calm_cloud() as cloud:
        pairs, alice = cloud.zone.key_pairs, cloud.alice
        _lose(cloud, "api.key_pair")

        made = pairs.create(alice, "alice", NewKeyPair("mine", public_key=_KEY))

        assert [row.id for row in pairs.list(alice, "alice", None, None)] == [made.row.id]
        _lose(cloud, "api.key_pair")
        pairs.delete(alice, "alice", "mine")
        assert pairs.list(alice, "alice", None, None) == []


def test_labels_are_written_and_deleted_once() -> None:
    with calm_cloud() as cloud:
        labels, alice = cloud.zone.labels, cloud.alice
        uuid = cloud.create(meta={"colour": "blue"})
        cloud.run_s(10.0)
        server = cloud.show(uuid).row

        _lose(cloud, "api.labels")
        assert labels.add_tag(alice, server, "web")
        _lose(cloud, "api.labels")
        labels.delete_tag(alice, server, "web")
        _lose(cloud, "api.labels")
        labels.delete_metadata(alice, server, "colour")

        assert list(cloud.show(uuid).tags) == []
        assert cloud.show(uuid).row.meta == {}
