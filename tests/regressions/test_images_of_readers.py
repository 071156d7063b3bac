"""Whoever had any role in a project could make, change and delete its images.

The image service asked for the project and not for the role, while the compute API's own address
of the same images did.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.isolation.world import World

_PATCH = [{"op": "replace", "path": "/name", "value": "mine"}]
_TYPE = {"Content-Type": "application/openstack-images-v2.1-json-patch"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def test_a_reader_reads_images_and_changes_none(world: World) -> None:
    one = f"/v2/images/{world.sides['north'].names['image']}"

    def status(who: str, verb: str, path: str, body: object = None) -> int:
        return int(world.ask(who, verb, path, body, 1, "/image", **_TYPE).status_int)

    for path in ("/v2/images", one):
        assert status("reader", "GET", path) == 200
    assert status("reader", "POST", "/v2/images", {"name": "mine"}) == 403
    assert status("reader", "PATCH", one, _PATCH) == 403
    assert status("reader", "DELETE", one) == 403
    assert status("member", "PATCH", one, _PATCH) == 200
    assert status("member", "DELETE", one) == 204


def test_a_service_has_no_images(world: World) -> None:
    public = "/v2/images/11111111-2222-4333-8444-555555555555"

    assert world.ask("service", "GET", "/v2/images", root="/image").status_int == 403
    assert world.ask("service", "GET", public, root="/image").status_int == 404
    assert world.ask("reader", "GET", public, root="/image").status_int == 200
