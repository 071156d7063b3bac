"""Images: made, found, changed, deleted, by those who may."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import webob

from minicloud.image.bootstrap import CIRROS_ID, bootstrap
from minicloud.image.images import PATCH_TYPE
from tests.functional.service_client import Cloud, begin

BYTES = {"Content-Type": "application/octet-stream"}


class Caller:
    """One user's requests to the image service."""

    def __init__(self, cloud: Cloud, user: str, project: str) -> None:
        self._cloud, self._token = cloud, cloud.token(user, project)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> webob.Response:
        return self._cloud.ask(method, path, body, self._token, "image", **headers)

    def make(self, **image: Any) -> str:
        wanted = {"disk_format": "raw", "container_format": "bare", **image}
        answer = self.ask("POST", "/v2/images", wanted)
        assert answer.status_int == 201, answer.text
        return str(answer.json["id"])

    def patch(self, image_id: str, *changes: Any) -> webob.Response:
        headers = {"Content-Type": PATCH_TYPE}
        return self.ask("PATCH", f"/v2/images/{image_id}", list(changes), **headers)

    def names(self, query: str = "") -> list[str]:
        answer = self.ask("GET", f"/v2/images?{query}")
        assert answer.status_int == 200, answer.text
        return [image["name"] for image in answer.json["images"]]


@pytest.fixture
def demo(cloud: Cloud) -> Caller:
    return Caller(cloud, "demo", "demo")


@pytest.fixture
def admin(cloud: Cloud) -> Caller:
    return Caller(cloud, "admin", "admin")


@pytest.fixture
def stranger(cloud: Cloud) -> Caller:
    """A member of another project, and no admin."""
    token = cloud.token("admin", "admin")
    user, role = cloud.ident("users", "demo"), cloud.ident("roles", "member")
    body = {"project": {"name": "other"}}
    project = cloud.ask("POST", "/v3/projects", body, token).json["project"]["id"]
    cloud.ask("PUT", f"/v3/projects/{project}/users/{user}/roles/{role}", None, token)
    return Caller(cloud, "demo", "other")


def test_an_image_is_made_filled_and_read_back(demo: Caller) -> None:
    content = b"bytes of a guest" * 100_000
    image_id = demo.make(name="mine", os_distro="linux", tags=["b", "a", "b"])

    uploaded = demo.ask("PUT", f"/v2/images/{image_id}/file", content, **BYTES)
    shown = demo.ask("GET", f"/v2/images/{image_id}").json
    read = demo.ask("GET", f"/v2/images/{image_id}/file")

    assert uploaded.status_int == 204
    assert read.body == content
    assert read.headers["Content-MD5"] == shown["checksum"] == hashlib.md5(content).hexdigest()
    assert shown["os_hash_algo"] == "sha512"
    assert shown["os_hash_value"] == hashlib.sha512(content).hexdigest()
    assert (shown["status"], shown["size"]) == ("active", len(content))
    assert (shown["os_distro"], shown["tags"]) == ("linux", ["a", "b"])
    assert (shown["visibility"], shown["protected"]) == ("shared", False)
    assert shown["file"] == f"/v2/images/{image_id}/file"


def test_an_image_without_its_bytes_is_queued_and_empty(demo: Caller) -> None:
    image_id = demo.make()

    assert demo.ask("GET", f"/v2/images/{image_id}").json["status"] == "queued"
    assert demo.ask("GET", f"/v2/images/{image_id}/file").status_int == 204


def test_bytes_are_taken_once(demo: Caller) -> None:
    image_id = demo.make()

    first = demo.ask("PUT", f"/v2/images/{image_id}/file", b"first", **BYTES)
    second = demo.ask("PUT", f"/v2/images/{image_id}/file", b"second", **BYTES)

    assert (first.status_int, second.status_int) == (204, 409)
    assert demo.ask("GET", f"/v2/images/{image_id}/file").body == b"first"


def test_an_upload_that_breaks_off_leaves_the_image_queued_and_no_file(
    demo: Caller, tmp_path: Path
) -> None:
    image_id = demo.make()
    headers = {**BYTES, "Content-Length": "100"}

    broken = demo.ask("PUT", f"/v2/images/{image_id}/file", io.BytesIO(b"short"), **headers)
    left = list((tmp_path / "images").iterdir())
    again = demo.ask("PUT", f"/v2/images/{image_id}/file", b"whole", **BYTES)

    assert (broken.status_int, left) == (400, [])
    assert again.status_int == 204
    assert [path.name for path in (tmp_path / "images").iterdir()] == [image_id]


def test_more_bytes_than_allowed_are_refused_and_not_kept(tmp_path: Path) -> None:
    cloud = begin(tmp_path, image__max_image_bytes=10)
    demo = Caller(cloud, "demo", "demo")
    image_id = demo.make()

    answer = demo.ask("PUT", f"/v2/images/{image_id}/file", b"x" * 11, **BYTES)

    assert answer.status_int == 413
    assert demo.ask("GET", f"/v2/images/{image_id}").json["status"] == "queued"


def test_bytes_need_formats_and_their_content_type(demo: Caller) -> None:
    bare, formed = demo.make(disk_format=None), demo.make()

    without = demo.ask("PUT", f"/v2/images/{bare}/file", b"x", **BYTES)
    typeless = demo.ask("PUT", f"/v2/images/{formed}/file", b"x", **{"Content-Type": "text/html"})

    assert (without.status_int, typeless.status_int) == (400, 415)


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
    ("query", "names"),
    [
        ("name=b", ["b"]),
        ("name=in:a,%22b%22", ["a", "b"]),
        ("status=active", []),
        ("tag=even&tag=low", ["b"]),
        ("kind=odd", ["a", "c"]),
        ("kind=odd&name=c", ["c"]),
        ("min_ram=7", ["d"]),
        ("protected=true", []),
        ("sort=name:desc", ["d", "c", "b", "a"]),
        ("sort_key=min_ram&sort_dir=desc&sort_key=name&sort_dir=asc", ["d", "a", "b", "c"]),
        ("owner=nobody", []),
        ("visibility=private", []),
    ],
)
def test_a_list_is_filtered_and_sorted(demo: Caller, query: str, names: list[str]) -> None:
    for name, kind, tags in (
        ("a", "odd", ["low"]),
        ("b", "even", ["even", "low"]),
        ("c", "odd", []),
        ("d", "even", ["even"]),
    ):
        demo.make(name=name, kind=kind, tags=tags, min_ram=7 if name == "d" else 0)

    found = demo.names(query)

    assert (found if "sort" in query else sorted(found)) == names


@pytest.mark.parametrize("order", ["", "sort=name:asc&", "sort_key=size&sort_dir=asc&"])
def test_pages_hold_every_image_once(demo: Caller, order: str) -> None:
    made = {demo.make(name=f"image {number % 3}") for number in range(7)}

    pages = list(walk(demo, f"/v2/images?{order}limit=3"))

    assert [len(page) for page in pages] == [3, 3, 1]
    assert {image["id"] for page in pages for image in page} == made


def test_a_list_asks_a_constant_number_of_times(cloud: Cloud, demo: Caller) -> None:
    for _ in range(5):
        demo.make(tags=["x"], kind="y")
    seen: list[str] = []

    def see(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    sa.event.listen(cloud.database.engine, "before_cursor_execute", see)
    demo.names("tag=x&kind=y")

    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 2


@pytest.mark.parametrize(
    "query",
    [
        "limit=x",
        "limit=-1",
        "limit=" + "9" * 50,
        "marker=nothing",
        "sort=nothing",
        "sort_dir=up",
        "%22=x",
        "a=%00",
        "name=in:%22",
        "protected=perhaps",
        "size_min=x",
        "created_at=gt:x",
    ],
)
def test_a_list_that_cannot_be_is_refused(demo: Caller, query: str) -> None:
    answer = demo.ask("GET", f"/v2/images?{query}")

    assert answer.status_int == 400
    assert answer.json["error"]["code"] == 400


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
        ({"a b": "x"}, 400),
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


def walk(caller: Caller, path: str | None) -> Iterator[list[dict[str, Any]]]:
    while path:
        body = caller.ask("GET", path).json
        yield body["images"]
        path = body.get("next")
