"""Images that are hidden, deactivated, without bytes, shared; changes in the old form."""

from typing import Any

import pytest

from minicloud.db import images
from minicloud.image.images import OLD_PATCH_TYPE
from tests.functional.image.caller import BYTES, Caller
from tests.functional.image_rows import IMAGE, image
from tests.functional.service_client import Cloud


def switch(caller: Caller, image_id: str, way: str) -> int:
    return int(caller.ask("POST", f"/v2/images/{image_id}/actions/{way}").status_int)


def status(caller: Caller, image_id: str) -> str:
    return str(caller.ask("GET", f"/v2/images/{image_id}").json["status"])


def test_a_deactivated_image_gives_its_bytes_to_admins_only(demo: Caller, admin: Caller) -> None:
    image_id = demo.make()
    demo.ask("PUT", f"/v2/images/{image_id}/file", b"bytes", **BYTES)

    assert [switch(demo, image_id, "deactivate") for _ in range(2)] == [204, 204]
    assert status(demo, image_id) == "deactivated"
    assert demo.ask("GET", f"/v2/images/{image_id}/file").status_int == 403
    assert admin.ask("GET", f"/v2/images/{image_id}/file").body == b"bytes"
    assert switch(demo, image_id, "reactivate") == 204
    assert demo.ask("GET", f"/v2/images/{image_id}/file").body == b"bytes"


def test_what_is_queued_is_neither_deactivated_nor_reactivated(demo: Caller) -> None:
    image_id = demo.make()

    ways = [switch(demo, image_id, way) for way in ("deactivate", "reactivate")]

    assert ways == [403, 403]
    assert status(demo, image_id) == "queued"


def test_only_the_owner_deactivates(demo: Caller, stranger: Caller, admin: Caller) -> None:
    image_id = admin.make(visibility="public")
    admin.ask("PUT", f"/v2/images/{image_id}/file", b"bytes", **BYTES)

    assert switch(stranger, image_id, "deactivate") == 403
    assert switch(stranger, demo.make(visibility="private"), "deactivate") == 404
    assert switch(stranger, "nothing", "deactivate") == 404


def test_a_hidden_image_is_shown_and_listed_on_demand(demo: Caller) -> None:
    image_id = demo.make(name="old", os_hidden=True)

    assert "old" not in demo.names()
    assert demo.names("os_hidden=true") == ["old"]
    assert demo.ask("GET", f"/v2/images/{image_id}").json["os_hidden"] is True
    demo.patch(image_id, {"op": "replace", "path": "/os_hidden", "value": False})
    assert "old" in demo.names()


@pytest.mark.parametrize("size", [0, None])
def test_a_snapshot_of_a_simulated_guest_is_read_as_empty(
    cloud: Cloud, admin: Caller, size: int | None
) -> None:
    row = image(cloud.database.now(), size_bytes=size)
    cloud.database.write(lambda db: images.insert(db, row), "test")

    read = admin.ask("GET", f"/v2/images/{IMAGE}/file")

    assert (read.status_int, read.body) == (204, b"")
    assert admin.ask("DELETE", f"/v2/images/{IMAGE}").status_int == 204


def test_bytes_that_were_lost_are_not_read_as_empty(cloud: Cloud, admin: Caller) -> None:
    row = image(cloud.database.now(), size_bytes=7)
    cloud.database.write(lambda db: images.insert(db, row), "test")

    assert admin.ask("GET", f"/v2/images/{IMAGE}/file").status_int == 404


def old_patch(caller: Caller, image_id: str, *changes: Any) -> Any:
    headers = {"Content-Type": OLD_PATCH_TYPE}
    return caller.ask("PATCH", f"/v2/images/{image_id}", list(changes), **headers)


def test_a_patch_in_the_form_of_v2_0_is_taken(demo: Caller) -> None:
    image_id = demo.make(name="before", gone="soon")

    answer = old_patch(
        demo,
        image_id,
        {"replace": "/name", "value": "after"},
        {"add": "/os_version", "value": "1"},
        {"remove": "/gone"},
    )

    assert answer.status_int == 200
    assert (answer.json["name"], answer.json["os_version"]) == ("after", "1")
    assert "gone" not in answer.json


@pytest.mark.parametrize(
    "change",
    [{}, {"add": "/a"}, {"add": "/a", "remove": "/b"}, {"op": "add", "path": "/a"}, [], "x", 7],
    ids=repr,
)
def test_a_patch_of_another_form_is_refused(demo: Caller, change: Any) -> None:
    assert old_patch(demo, demo.make(), change).status_int == 400


def test_an_image_has_no_members(demo: Caller, stranger: Caller) -> None:
    image_id = demo.make(visibility="private")
    many = f"/v2/images/{image_id}/members"

    listed = demo.ask("GET", many)
    made = demo.ask("POST", many, {"member": "other"})
    missing = [demo.ask(verb, f"{many}/other", {}).status_int for verb in ("GET", "PUT", "DELETE")]

    assert listed.json == {"members": [], "schema": "/v2/schemas/members"}
    assert (made.status_int, missing) == (501, [404, 404, 404])
    assert stranger.ask("GET", many).status_int == 404
    for name in ("member", "members"):
        assert demo.ask("GET", f"/v2/schemas/{name}").json["name"] == name


def test_nothing_is_imported(demo: Caller) -> None:
    assert demo.ask("GET", "/v2/info/import").json["import-methods"]["value"] == []


def test_words_of_the_document_in_the_metadata_of_a_snapshot_do_no_harm(
    cloud: Cloud, admin: Caller
) -> None:
    row = image(cloud.database.now(), properties={"status": "ours", "kept": "x"})
    cloud.database.write(lambda db: images.insert(db, row), "test")

    answer = admin.patch(IMAGE, {"op": "replace", "path": "/name", "value": "after"})

    assert (answer.status_int, answer.json["status"]) == (200, "active")
    assert answer.json["kept"] == "x"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("created_at=gte:2026-01-31T12:00:05Z", ["b", "c"]),
        ("created_at=gt:2026-01-31T12:00:05Z", ["c"]),
        ("created_at=lt:2026-01-31T12:00:05Z", ["a"]),
        ("created_at=lte:2026-01-31T12:00:05Z", ["a", "b"]),
        ("created_at=eq:2026-01-31T12:00:05Z", ["b"]),
        ("created_at=2026-01-31T12:00:05", ["b"]),
        ("created_at=neq:2026-01-31T12:00:05Z", ["a", "c"]),
        ("created_at=gte:2026-01-31T13:00:05%2B01:00&created_at=lt:2026-01-31T12:00:09Z", ["b"]),
        ("updated_at=gt:2026-01-31T12:00:05.5Z", ["b", "c"]),
        ("size_min=2", ["b", "c"]),
        ("size_max=2", ["a", "b"]),
        ("visibility=all", ["a", "b", "c"]),
        ("member_status=all", ["a", "b", "c"]),
        ("status=in:active,queued", ["a", "b", "c"]),
        ("disk_format=raw&container_format=bare", ["a", "b", "c"]),
    ],
)
def test_a_list_is_narrowed_to_times_and_sizes(
    cloud: Cloud, demo: Caller, query: str, names: list[str]
) -> None:
    owner = cloud.ident("projects", "demo")
    for number, (name, second) in enumerate((("a", 1), ("b", 5), ("c", 9)), 1):
        now = cloud.database.now().replace(
            year=2026, month=1, day=31, hour=12, minute=0, second=second, microsecond=700_000
        )
        row = image(now, id=IMAGE.replace("1", str(number)), name=name, size_bytes=number)
        row.owner = owner
        cloud.database.write(lambda db, row=row: images.insert(db, row), "test")  # type: ignore[misc]

    assert sorted(demo.names(query)) == names


@pytest.mark.parametrize(
    "query", ["created_at=x", "updated_at=gt:", "created_at=lte:9999-12-31T23:59:59Z"]
)
def test_a_time_that_is_none_is_refused(demo: Caller, query: str) -> None:
    assert demo.ask("GET", f"/v2/images?{query}").status_int == 400
