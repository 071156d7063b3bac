"""Another image for a server where it is: the filters that Nova asks then, and no others."""

from pathlib import Path
from typing import Any

import pytest

from minicloud.db import images
from minicloud.db.engine import Database
from tests.functional.image_rows import IMAGE, image
from tests.functional.over_books import application, asked, database
from tests.functional.server_rows import post, run, stock

__all__ = ["database"]  # a fixture

_OTHER = "22222222-2222-4333-8444-555555555555"
_FILTERS = (
    "ComputeFilter,RamFilter,JsonFilter,DifferentHostFilter,AggregateInstanceExtraSpecsFilter,"
    "ImagePropertiesFilter,AggregateImagePropertiesIsolation,IsolatedHostsFilter,"
    "tests.functional.test_rebuild_filters.AskedFilter,"
    "tests.functional.test_rebuild_filters.UnaskedFilter"
)


class AskedFilter:
    """In Nova's shape."""

    RUN_ON_REBUILD = True

    def host_passes(self, host_state: Any, spec: Any) -> bool:
        return bool(spec.image.properties.get("os_distro") != "beos")


class UnaskedFilter:
    def host_passes(self, host_state: Any, spec: Any) -> bool:
        return False


def _refusal(
    database: Database,
    directory: Path,
    more: str = "",
    *,
    of: str = IMAGE,
    filters: str = _FILTERS,
    **properties: str,
) -> str:
    """What is said against a rebuild of a server on node1, which was made of the image `of`."""
    config = directory / "minicloud.conf"
    config.write_text(f"[filter_scheduler]\nenabled_filters = {filters}\n{more}\n")
    app = application(database, directory, config_file=config)
    stock(database)
    new = image(database.now(), id=_OTHER, properties=properties)
    database.write(lambda db: images.insert(db, new))
    hints = {"different_host": [_OTHER], "query": '["=", 1, 2]'}
    _status, ref = post(app, imageRef=of)
    run(database, ref, request={"hints": hints})
    made = {"name": "a", "metadata": {"os_distro": "debian"}}
    ident = asked(app, "POST", "/os-aggregates", {"aggregate": {"name": "a"}}).json
    group = f"/os-aggregates/{ident['aggregate']['id']}/action"
    asked(app, "POST", group, {"set_metadata": {"metadata": made["metadata"]}})
    assert asked(app, "POST", group, {"add_host": {"host": "node1"}}).status_int == 200
    body = {"rebuild": {"imageRef": _OTHER}}
    reply = asked(app, "POST", f"/servers/{ref}/action", body, user="alice")
    if reply.status_int == 202:
        return ""
    assert reply.status_int == 400, reply.body
    return str(reply.json["badRequest"]["message"])


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ({"hw_architecture": "sparc"}, "ImagePropertiesFilter"),
        ({"os_distro": "beos"}, "AggregateImagePropertiesIsolation"),
        ({}, ""),
        ({"os_distro": "debian"}, ""),
    ],
)
def test_a_new_image_must_pass_the_filters_of_rebuilds(
    database: Database, tmp_path: Path, properties: dict[str, str], name: str
) -> None:
    said = _refusal(database, tmp_path, **properties)

    assert said.startswith("No valid host was found.") == bool(name)
    assert said.endswith(f"{name} refuses it.") == bool(name)


def test_an_isolated_image_does_not_come_to_another_host_by_a_rebuild(
    database: Database, tmp_path: Path
) -> None:
    more = f"isolated_images = {_OTHER}\nisolated_hosts = node2"

    assert _refusal(database, tmp_path, more).endswith("IsolatedHostsFilter refuses it.")


def test_a_filter_in_novas_shape_may_be_asked_too(database: Database, tmp_path: Path) -> None:
    filters = _FILTERS.replace("AggregateImagePropertiesIsolation,", "")

    said = _refusal(database, tmp_path, filters=filters, os_distro="beos")

    assert said.endswith("AskedFilter refuses it.")


def test_the_same_image_once_more_is_no_question(database: Database, tmp_path: Path) -> None:
    assert _refusal(database, tmp_path, of=_OTHER, hw_architecture="sparc") == ""
