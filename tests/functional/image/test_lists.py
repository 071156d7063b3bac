"""Lists of images: filtered, sorted, in pages."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.functional.image.caller import Caller
from tests.functional.service_client import Cloud
from tests.statements import statements


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
    with statements(cloud.database) as seen:
        demo.names("tag=x&kind=y")

    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 1


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


def walk(caller: Caller, path: str | None) -> Iterator[list[dict[str, Any]]]:
    while path:
        body = caller.ask("GET", path).json
        yield body["images"]
        path = body.get("next")
