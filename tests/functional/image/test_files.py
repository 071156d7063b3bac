"""The bytes of images: all of them or none."""

import hashlib
import io
from pathlib import Path

from tests.functional.image.caller import BYTES, Caller
from tests.functional.service_client import begin


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
