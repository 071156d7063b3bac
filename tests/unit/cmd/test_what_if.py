"""What `minicloud whatif` asks the cloud for, by names of things."""

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from minicloud.cmd import what_if
from minicloud.cmd.client import Client, Trouble

_NO_UUID = "Invalid input for field/attribute group. Value: web. 'web' is not a 'uuid' (HTTP 400)"
_CIRROS = {"id": "1", "name": "cirros"}


class _Cloud(Client):
    """Has one flavor and the server group `apart`; where `named`, a group may be any name."""

    def __init__(self, images: list[dict[str, Any]], *, named: bool = False) -> None:
        super().__init__("", "", "")
        self._has, self._named = images, named
        self.posted: Mapping[str, Any] = {}

    def all(self, path: str, key: str, **query: object) -> Iterator[dict[str, Any]]:
        yield {"id": "7", "name": "m1.tiny"}

    def get(self, path: str, **query: object) -> Any:
        return {"server_groups": [{"id": "0b86cc4c-0d4d-4a2e-9e0c-d2b0a4a3e1f5", "name": "apart"}]}

    def images(self) -> list[dict[str, Any]]:
        return self._has

    def post(self, path: str, body: Mapping[str, Any], **query: object) -> Any:
        self.posted = body
        if body["os:scheduler_hints"].get("group") == "web" and not self._named:
            raise Trouble(_NO_UUID)
        return {"what_if": {"refused": None}}


def _asked(cloud: _Cloud, *hints: str) -> Mapping[str, Any]:
    given = {"flavor": "m1.tiny", "image": None, "project": None, "az": None, "count": 1}
    options = argparse.Namespace(**given, hint=hints, limit=20, format="json")
    assert what_if._told(options, cloud) == 0
    return cloud.posted


def test_snapshots_leave_the_default_image_what_it_was() -> None:
    saved = {"id": "2", "name": "saved", "image_type": "snapshot"}

    assert _asked(_Cloud([_CIRROS, saved]))["server"]["imageRef"] == "1"


def test_of_two_images_one_has_to_be_named() -> None:
    with pytest.raises(Trouble, match="say which image by --image: there is cirros, debian"):
        _asked(_Cloud([_CIRROS, {"id": "2", "name": "debian"}]))


def test_a_server_group_may_be_given_by_its_name() -> None:
    asked = _asked(_Cloud([_CIRROS]), "group=apart")

    assert asked["os:scheduler_hints"] == {"group": "0b86cc4c-0d4d-4a2e-9e0c-d2b0a4a3e1f5"}


def test_a_group_that_is_only_a_name_is_asked_for_as_it_is() -> None:
    assert _asked(_Cloud([_CIRROS], named=True), "group=web")["os:scheduler_hints"] == {
        "group": "web"
    }


def test_a_group_that_the_cloud_does_not_take_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(Trouble, match=r"no server group web \(there is apart\)"):
        _asked(_Cloud([_CIRROS]), "group=web")
