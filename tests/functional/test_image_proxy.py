"""Images through the compute API, as long as it had them."""

from pathlib import Path

import pytest

from minicloud.db import images
from minicloud.db.engine import Database
from tests.functional.image_rows import IMAGE, image
from tests.functional.over_books import Call, call, database

__all__ = ["call", "database"]

OTHER = IMAGE.replace("1", "2")
FOREIGN = IMAGE.replace("1", "3")


@pytest.fixture(autouse=True)
def rows(database: Database) -> None:
    now = database.now().replace(year=2026, month=1, day=31, hour=12, minute=0, second=7)
    server = {"instance_uuid": "s-1", "image_type": "snapshot", "auto_disk_config": "True"}
    for row in (
        image(now.replace(second=0), properties={"color": "red"}, min_disk_gb=3, min_ram_mb=64),
        image(now, id=OTHER, name="snap", status="queued", size_bytes=None, properties=server),
        image(now, id=FOREIGN, name="secret", owner="p2"),
        image(now, id=IMAGE.replace("1", "4"), name="hidden", hidden=True),
    ):
        database.write(lambda db, row=row: images.insert(db, row))  # type: ignore[misc]


def test_an_image_is_shown_in_the_old_form(call: Call) -> None:
    status, body = call("GET", f"/images/{IMAGE}", version=35)

    shown = body["image"]
    links = {link["rel"]: link["href"] for link in shown.pop("links")}
    assert status == 200
    assert shown == {
        "id": IMAGE,
        "name": "cirros",
        "minRam": 64,
        "minDisk": 3,
        "metadata": {"color": "red"},
        "created": "2026-01-31T12:00:00Z",
        "updated": "2026-01-31T12:00:00Z",
        "status": "ACTIVE",
        "progress": 100,
        "OS-EXT-IMG-SIZE:size": 7,
    }
    assert links == {
        "self": f"http://localhost/v2.1/images/{IMAGE}",
        "bookmark": f"http://localhost/images/{IMAGE}",
        "alternate": f"http://localhost/image/v2/images/{IMAGE}",
    }


def test_a_snapshot_names_its_server(call: Call) -> None:
    shown = call("GET", f"/images/{OTHER}")[1]["image"]

    assert (shown["status"], shown["progress"]) == ("SAVING", 25)
    assert shown["server"]["id"] == "s-1"
    assert shown["OS-DCF:diskConfig"] == "AUTO"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["snap", "cirros"]),
        ("name=cirros", ["cirros"]),
        ("status=ACTIVE", ["cirros"]),
        ("status=saving", ["snap"]),
        ("status=WRONG", []),
        ("server=http://localhost/servers/s-1", ["snap"]),
        ("type=snapshot", ["snap"]),
        ("property-color=red", ["cirros"]),
        ("minDisk=3&minRam=64", ["cirros"]),
        ("changes-since=2026-01-31T12:00:05Z", ["snap"]),
        (f"marker={OTHER}", ["cirros"]),
        ("unknown=x", ["snap", "cirros"]),
    ],
)
def test_images_are_listed_and_filtered(call: Call, query: str, names: list[str]) -> None:
    for path in ("/images", "/images/detail"):
        status, body = call("GET", f"{path}?{query}", user="alice")

        assert status == 200
        assert [each["name"] for each in body["images"]] == names
        assert ("status" in str(body)) == (path == "/images/detail" and bool(names))


def test_a_full_page_leads_to_the_next(call: Call) -> None:
    body = call("GET", "/images?limit=1", user="alice")[1]

    assert body["images_links"][0]["href"].endswith(f"/v2.1/images?limit=1&marker={OTHER}")


@pytest.mark.parametrize(
    "query", ["limit=x", "marker=nowhere", "changes-since=x", "minDisk=x", "property-%22=x"]
)
def test_a_list_that_cannot_be_is_refused(call: Call, query: str) -> None:
    status, body = call("GET", f"/images?{query}")

    assert (status, list(body)) == (400, ["badRequest"])


def test_metadata_are_merged_replaced_and_deleted(call: Call) -> None:
    path = f"/images/{IMAGE}/metadata"

    assert call("GET", path) == (200, {"metadata": {"color": "red"}})
    merged = {"metadata": {"color": "red", "speed": "s"}}
    assert call("POST", path, {"metadata": {"speed": "s"}}) == (200, merged)
    assert call("PUT", f"{path}/speed", {"meta": {"speed": "m"}}) == (
        200,
        {"meta": {"speed": "m"}},
    )
    assert call("GET", f"{path}/speed") == (200, {"meta": {"speed": "m"}})
    assert call("DELETE", f"{path}/speed") == (204, None)
    assert call("GET", f"{path}/speed")[0] == 404
    assert call("DELETE", f"{path}/speed")[0] == 404
    assert call("PUT", path, {"metadata": {"a b": "c"}}) == (200, {"metadata": {"a b": "c"}})
    assert call("GET", f"/images/{IMAGE}")[1]["image"]["metadata"] == {"a b": "c"}


def test_metadata_that_cannot_be_are_refused(call: Call) -> None:
    path = f"/images/{IMAGE}/metadata"
    many = {str(number): "x" for number in range(200)}

    assert call("PUT", f"{path}/speed", {"meta": {"other": "m"}})[0] == 400
    assert call("PUT", f"{path}/a", {"meta": {"a": "m", "b": "m"}})[0] == 400
    assert call("POST", path, {"metadata": {"a": 7}})[0] == 400
    assert call("POST", path, {"metadata": {"a": "x" * 256}})[0] == 400
    assert call("POST", path, {"metadata": many})[0] == 403
    assert call("POST", path, {"metadata": {"status": "active"}})[0] == 403
    assert call("GET", path)[1] == {"metadata": {"color": "red"}}


def test_an_image_is_deleted_with_its_bytes(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "images" / IMAGE
    file.parent.mkdir()
    file.write_bytes(b"content")

    assert call("DELETE", f"/images/{IMAGE}", user="alice") == (204, None)
    assert call("DELETE", f"/images/{IMAGE}", user="alice")[0] == 404
    assert not file.exists()


def test_a_protected_image_is_not_deleted(call: Call, database: Database) -> None:
    kept = IMAGE.replace("1", "5")
    database.write(
        lambda db: images.insert(db, image(database.now(), id=kept, protected=True)), "x"
    )

    assert call("DELETE", f"/images/{kept}")[0] == 403
    assert call("GET", f"/images/{kept}")[0] == 200


def test_what_belongs_to_another_project_is_not_there(call: Call, database: Database) -> None:
    public = IMAGE.replace("1", "6")
    database.write(
        lambda db: images.insert(
            db, image(database.now(), id=public, owner="p2", visibility="public")
        ),
        "x",
    )

    for ref in (FOREIGN, "nowhere"):
        for verb, path in (("GET", ""), ("DELETE", ""), ("GET", "/metadata")):
            assert call(verb, f"/images/{ref}{path}", user="alice") == (
                404,
                {"itemNotFound": {"code": 404, "message": "Image not found."}},
            )
    assert call("GET", f"/images/{public}", user="alice")[0] == 200
    assert call("DELETE", f"/images/{public}", user="alice")[0] == 403
    assert call("POST", f"/images/{public}/metadata", {"metadata": {}}, user="alice")[0] == 403


def test_images_are_there_until_2_35_and_their_metadata_until_2_38(call: Call) -> None:
    assert call("GET", f"/images/{IMAGE}", version=36)[0] == 404
    assert call("GET", "/images/detail", version=36)[0] == 404
    assert call("GET", f"/images/{IMAGE}/metadata", version=38)[0] == 200
    assert call("GET", f"/images/{IMAGE}/metadata", version=39)[0] == 404


def test_readers_do_not_write(call: Call) -> None:
    for verb, path in (("DELETE", ""), ("POST", "/metadata"), ("DELETE", "/metadata/color")):
        assert call(verb, f"/images/{IMAGE}{path}", {}, user="r:p1:reader")[0] == 403
