"""Images: made, found, changed, deleted, by those who may."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from minicloud.image.bootstrap import CIRROS_ID, bootstrap
from tests.functional.image.caller import BYTES, Caller
from tests.functional.service_client import Cloud


def test_a_patch_changes_adds_and_removes_attributes(demo: Caller) -> None:
    image_id = demo.make(name="before", gone="soon")

    answer = demo.patch(
        image_id,
        {"op": "replace", "path": "/name", "value": "after"},
        {"op": "add", "path": "/os_version", "value": "1"},
        {"op": "remove", "path": "/gone"},
        {"op": "replace", "path": "/tags", "value": ["t"]},
    )

    assert answer.status_int == 200
    assert (answer.json["name"], answer.json["os_version"]) == ("after", "1")
    assert answer.json["tags"] == ["t"]
    assert "gone" not in answer.json


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"op": "replace", "path": "/status", "value": "active"}, 403),
        ({"op": "replace", "path": "/id", "value": "x"}, 403),
        ({"op": "add", "path": "/locations", "value": []}, 403),
        ({"op": "replace", "path": "/owner", "value": "someone"}, 403),
        ({"op": "replace", "path": "/visibility", "value": "public"}, 403),
        ({"op": "remove", "path": "/name"}, 403),
        ({"op": "remove", "path": "/nothing"}, 409),
        ({"op": "replace", "path": "/nothing", "value": "x"}, 409),
        ({"op": "replace", "path": "/min_disk", "value": "x"}, 400),
        ({"op": "replace", "path": "/min_disk", "value": 10**30}, 400),
        ({"op": "add", "path": "/p", "value": {"deep": 1}}, 400),
        ({"op": "add", "path": "/a/b", "value": "x"}, 400),
        ({"op": "add", "path": '/"', "value": "x"}, 400),
        ({"op": "move", "path": "/p", "value": "x"}, 400),
        ({"op": "add", "path": "/p"}, 400),
        ("x", 400),
        (None, 400),
    ],
    ids=repr,
)
def test_a_patch_that_may_not_be_is_refused(demo: Caller, change: Any, status: int) -> None:
    image_id = demo.make(name="x")

    assert demo.patch(image_id, change).status_int == status
    assert demo.ask("GET", f"/v2/images/{image_id}").json["name"] == "x"


def test_a_patch_of_another_content_type_is_refused(demo: Caller) -> None:
    headers = {"Content-Type": "application/json"}

    answer = demo.ask("PATCH", f"/v2/images/{demo.make()}", [], **headers)

    assert answer.status_int == 415


def test_a_foreign_private_image_answers_exactly_like_a_missing_one(
    demo: Caller, stranger: Caller
) -> None:
    image_id = demo.make(name="secret", visibility="private")
    demo.ask("PUT", f"/v2/images/{image_id}/file", b"secret", **BYTES)

    foreign = every_answer(stranger, image_id)
    listed = stranger.names()
    demo.ask("DELETE", f"/v2/images/{image_id}")
    missing = every_answer(stranger, image_id)

    assert {status for status, _body in foreign} == {404}
    assert foreign == missing
    assert "secret" not in listed


def test_the_public_reads_and_does_not_write(demo: Caller, admin: Caller) -> None:
    image_id = admin.make(name="all", visibility="public")

    shown = demo.ask("GET", f"/v2/images/{image_id}")
    written = [
        demo.patch(image_id, {"op": "replace", "path": "/name", "value": "x"}),
        demo.ask("DELETE", f"/v2/images/{image_id}"),
        demo.ask("PUT", f"/v2/images/{image_id}/file", b"x", **BYTES),
        demo.ask("PUT", f"/v2/images/{image_id}/tags/x"),
    ]

    assert shown.status_int == 200
    assert [answer.status_int for answer in written] == [403] * 4


def test_community_images_are_open_and_listed_only_on_demand(
    demo: Caller, stranger: Caller
) -> None:
    image_id = demo.make(name="ours", visibility="community")

    assert stranger.ask("GET", f"/v2/images/{image_id}").status_int == 200
    assert "ours" not in stranger.names()
    assert "ours" in stranger.names("visibility=community")


def test_only_admins_publish_and_own_for_others(demo: Caller, admin: Caller) -> None:
    public = demo.ask("POST", "/v2/images", {"visibility": "public"})
    owned = demo.ask("POST", "/v2/images", {"owner": "someone"})

    assert (public.status_int, owned.status_int) == (403, 403)
    assert admin.make(visibility="public", owner="someone")


def test_a_protected_image_is_not_deleted(demo: Caller, tmp_path: Path) -> None:
    image_id = demo.make(protected=True)
    demo.ask("PUT", f"/v2/images/{image_id}/file", b"x", **BYTES)

    first = demo.ask("DELETE", f"/v2/images/{image_id}")
    demo.patch(image_id, {"op": "replace", "path": "/protected", "value": False})
    second = demo.ask("DELETE", f"/v2/images/{image_id}")

    assert (first.status_int, second.status_int) == (403, 204)
    assert list((tmp_path / "images").iterdir()) == []


def test_tags_are_set_and_taken(demo: Caller) -> None:
    path = f"/v2/images/{demo.make(name='x')}/tags/red"

    statuses = [demo.ask(method, path).status_int for method in ("PUT", "PUT")]
    listed, unlisted = demo.names("tag=red"), demo.names("tag=re") + demo.names("tag=RED")
    statuses += [demo.ask(method, path).status_int for method in ("DELETE", "DELETE")]

    assert statuses == [204, 204, 204, 404]
    assert (listed, unlisted) == (["x"], [])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        ([], 400),
        ({"name": 7}, 400),
        ({"name": "a\0"}, 400),
        ({"name": "x" * 256}, 400),
        ({"id": "../../escape"}, 400),
        ({"id": "x" * 36}, 400),
        ({"disk_format": "floppy"}, 400),
        ({"p": 7}, 400),
        ({'a"b': "x"}, 400),
        ({"min_ram": -1}, 400),
        ({"min_ram": 2**40}, 400),
        ({"tags": "x"}, 400),
        ({"tags": [["x"]]}, 400),
        ({"status": "active"}, 403),
        ({"size": 1}, 403),
        ({"name": "x" * 200_000}, 413),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_an_image_that_cannot_be_is_refused(demo: Caller, body: Any, status: int) -> None:
    answer = demo.ask("POST", "/v2/images", body)

    assert answer.status_int == status
    assert answer.json["error"]["code"] == status


@pytest.mark.parametrize("ident", ["x", "..%2f..%2fetc", "%00", "%ff", "%c3%a9", "x" * 10000])
def test_any_text_in_the_place_of_an_id_is_not_found(demo: Caller, ident: str) -> None:
    assert {status for status, _body in every_answer(demo, ident)} == {404}


@pytest.mark.parametrize("path", ["/v2/info/stores", "/v2/images/x/members", "/v1/images"])
def test_what_is_left_out_is_not_found(demo: Caller, path: str) -> None:
    assert demo.ask("GET", path).status_int == 404


def test_nobody_sees_images_without_a_token(cloud: Cloud) -> None:
    assert cloud.ask("GET", "/v2/images", service="image").status_int == 401
    assert cloud.ask("GET", "/versions", service="image").status_int == 300


def test_the_schema_names_what_an_image_has(demo: Caller) -> None:
    image_id = demo.make()

    schema = demo.ask("GET", "/v2/schemas/image").json
    image = demo.ask("GET", f"/v2/images/{image_id}").json

    assert set(image) <= set(schema["properties"])
    assert demo.ask("GET", "/v2/schemas/images").json["name"] == "images"


def test_a_new_cloud_has_one_public_image_and_says_what_it_is(cloud: Cloud, demo: Caller) -> None:
    project = cloud.ident("projects", "admin")

    for _ in range(2):
        bootstrap(cloud.database, cloud.conf, project)
    found = demo.ask("GET", "/v2/images?name=cirros").json["images"]
    content = demo.ask("GET", f"/v2/images/{CIRROS_ID}/file").body

    assert [(image["status"], image["visibility"]) for image in found] == [("active", "public")]
    assert "not a real system" in found[0]["description"]
    assert hashlib.sha512(content).hexdigest() == found[0]["os_hash_value"]


def every_answer(caller: Caller, image_id: str) -> list[tuple[int, bytes]]:
    path = f"/v2/images/{image_id}"
    answers = [
        caller.ask("GET", path),
        caller.patch(image_id, {"op": "replace", "path": "/name", "value": "x"}),
        caller.ask("DELETE", path),
        caller.ask("GET", f"{path}/file"),
        caller.ask("PUT", f"{path}/file", b"x", **BYTES),
        caller.ask("PUT", f"{path}/tags/x"),
        caller.ask("DELETE", f"{path}/tags/x"),
    ]
    return [(answer.status_int, answer.body) for answer in answers]
