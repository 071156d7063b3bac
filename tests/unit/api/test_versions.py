"""Microversions and version documents."""

import pytest

from tests.unit.api.conftest import Client
from tests.unit.api.fake_zone import IMAGE, OWN

NOBODY = "aaaaaaaa-0000-4000-8000-00000000dead"
BOTH = ("OpenStack-API-Version", "X-OpenStack-Nova-API-Version")


@pytest.mark.parametrize(
    ("headers", "version"),
    [
        ({}, "2.1"),
        ({BOTH[0]: "compute 2.53"}, "2.53"),
        ({BOTH[0]: "Compute latest"}, "2.104"),
        ({BOTH[0]: "volume 3.1, compute 2.7"}, "2.7"),
        ({BOTH[0]: "volume 3.1"}, "2.1"),
        ({BOTH[1]: "2.30"}, "2.30"),
        ({BOTH[1]: "latest"}, "2.104"),
        ({BOTH[0]: "compute 2.60", BOTH[1]: "2.30"}, "2.60"),
        ({BOTH[0]: "volume 3.1", BOTH[1]: "2.30"}, "2.30"),
        ({BOTH[0]: "compute 2.5, volume 3.1,compute 2.7"}, "2.7"),
        ({BOTH[0]: "compute 2.5, compute"}, "2.5"),
        ({BOTH[0]: " COMPUTE \t 2.9 , identity 3"}, "2.9"),
        ({BOTH[0]: "computer 2.9"}, "2.1"),
        ({BOTH[0]: "compute"}, "2.1"),
        ({BOTH[0]: ", ,", BOTH[1]: " 2.31 "}, "2.31"),
        ({BOTH[0]: "compute 2.60", BOTH[1]: "nonsense"}, "2.60"),
        ({BOTH[0].lower(): "compute 2.11"}, "2.11"),
        ({BOTH[0]: "", BOTH[1]: ""}, "2.1"),
    ],
)
def test_the_version_is_negotiated_and_echoed(
    client: Client, headers: dict[str, str], version: str
) -> None:
    reply = client.get("/v2.1/flavors", headers=headers)

    assert reply.status == 200
    assert reply.headers[BOTH[0]] == f"compute {version}"
    assert reply.headers[BOTH[1]] == version
    assert all(name in reply.headers["Vary"] for name in BOTH)


@pytest.mark.parametrize(
    "text", ["x", "2", "2.1.1", "2.01", "v2.1", "2.", "LATEST", "2.latest", "2.1 x", "9" * 5000]
)
def test_a_version_of_another_form_is_a_bad_request(client: Client, text: str) -> None:
    reply = client.get("/v2.1/flavors", text)

    assert reply.fault == (
        "badRequest",
        f"API Version String '{text[:64]}' is of invalid format. "
        "Must be of format MajorNum.MinorNum.",
    )


@pytest.mark.parametrize("text", ["2.105", "2.0", "3.1", "1.1"])
def test_a_version_outside_is_not_acceptable(client: Client, text: str) -> None:
    reply = client.get("/v2.1/flavors", text)

    assert reply.status == 406
    assert reply.fault == (
        "computeFault",
        f"Version {text} is not supported by the API. Minimum is 2.1 and maximum is 2.104.",
    )


@pytest.mark.parametrize(
    ("text", "status"), [("x", 400), ("2", 400), ("2.105", 406), ("1.1", 406)]
)
def test_the_old_header_is_judged_as_the_new_one(client: Client, text: str, status: int) -> None:
    old = client.get("/v2.1/flavors", headers={BOTH[1]: text})
    new = client.get("/v2.1/flavors", text)

    assert old.status == status
    assert old.fault == new.fault
    assert old.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("verb", "path", "raw", "status"),
    [
        ("GET", "/nowhere", None, 404),
        ("GET", f"/servers/{NOBODY}", None, 404),
        ("GET", "/os-hypervisors/statistics", None, 404),
        ("PATCH", "/servers", b"{}", 405),
        ("POST", "/servers", b"{", 400),
        ("POST", "/servers", b"{}", 400),
        ("POST", f"/servers/{NOBODY}/action", b"[]", 400),
        ("GET", "/os-services", None, 403),
        ("GET", "/os-cells", None, 410),
        ("POST", "/servers", b" " * 200_000, 413),
        ("GET", "/servers", None, 401),
        ("GET", "/servers?nonsense=1", None, 400),
    ],
)
def test_every_fault_tells_which_version_answered(
    client: Client, verb: str, path: str, raw: bytes | None, status: int
) -> None:
    if status == 401:
        client.token = None

    reply = client.call(verb, f"/v2.1{path}", raw=raw, version=90)

    assert (reply.status, reply.json) == (status, reply.json)
    assert reply.headers[BOTH[0]] == "compute 2.90"
    assert reply.headers[BOTH[1]] == "2.90"
    assert all(name in reply.headers["Vary"] for name in BOTH)


@pytest.mark.parametrize("path", ["/", "/v2.1", "/v2.1/", "/v2/", "/servers"])
def test_documents_about_the_api_have_no_version(client: Client, path: str) -> None:
    for text in ("nonsense", "2.105", "latest"):
        reply = client.get(path, text)

        assert reply.status == (300 if path == "/servers" else 200)
        assert not {*BOTH, "Vary"} & set(reply.headers)


def test_v2_is_2_1_without_its_strictness(client: Client) -> None:
    server = {"name": "  a  ", "flavorRef": "1", "imageRef": IMAGE, "nonsense": 1}

    refused = client.post("/v2.1/servers", {"server": server, "more": 1})
    taken = client.post("/v2/servers", {"server": server, "more": 1}, "2.90")
    shown = client.get(f"/v2/servers/{OWN}", "2.90").json["server"]

    assert (refused.status, taken.status) == (400, 202)
    assert set(shown) == set(client.get(f"/v2.1/servers/{OWN}").json["server"])
    assert client.get("/v2/servers?nonsense=1", "latest").status == 200
    assert client.get(f"/v2/servers/{OWN}/tags", "latest").status == 404


def test_v2_ignores_the_headers_and_echoes_none(client: Client) -> None:
    reply = client.get("/v2/flavors", "nonsense")

    assert reply.status == 200
    assert BOTH[0] not in reply.headers
    assert BOTH[1] not in reply.headers


@pytest.mark.parametrize(
    ("path", "first", "last"),
    [
        ("/os-hypervisors/statistics", 1, 87),
        ("/os-hypervisors/node/search", 1, 52),
        ("/servers/aaaaaaaa-0000-4000-8000-000000000001/tags", 26, 104),
    ],
)
def test_a_route_outside_of_its_versions_is_not_found(
    admin: Client, path: str, first: int, last: int
) -> None:
    for version in range(1, 105):
        wanted = 200 if first <= version <= last else 404

        assert admin.get(f"/v2.1{path}", version).status == wanted


def test_the_list_of_versions_needs_no_token_and_begins_with_v2_0(client: Client) -> None:
    client.token = None

    reply = client.get("/", "nonsense")

    assert reply.status == 200
    old, new = reply.json["versions"]
    assert (old["id"], old["version"], old["min_version"]) == ("v2.0", "", "")
    assert (new["id"], new["version"], new["min_version"]) == ("v2.1", "2.104", "2.1")
    assert new["status"] == "CURRENT"


@pytest.mark.parametrize("path", ["/v2.1", "/v2.1/", "/v2/", "/v2"])
def test_each_link_can_be_followed_and_repeats_itself(client: Client, path: str) -> None:
    client.token = None
    document = client.get(path, headers={"Host": "cloud.example:8774"}).json["version"]

    (link,) = [link["href"] for link in document["links"] if link["rel"] == "self"]

    assert link.startswith("http://cloud.example:8774/compute/v2")
    target = client.get(link.removeprefix("http://cloud.example:8774/compute")).json["version"]
    assert target["id"] == document["id"]


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "DELETE"])
def test_choices_are_offered_whatever_is_asked(client: Client, verb: str) -> None:
    client.token = None

    reply = client.call(verb, "/os-nothing/a.json", raw=b"{" if verb in ("POST", "PUT") else None)

    assert reply.status == 300
    assert [choice["id"] for choice in reply.json["choices"]] == ["v2.0", "v2.1"]
    assert [set(choice) for choice in reply.json["choices"]] == 2 * [
        {"id", "status", "links", "media-types"}
    ]


def test_a_path_without_version_offers_choices(client: Client) -> None:
    client.token = None

    reply = client.get("/servers/x")

    assert reply.status == 300
    assert [c["links"][0]["href"] for c in reply.json["choices"]] == [
        "http://localhost/compute/v2/servers/x",
        "http://localhost/compute/v2.1/servers/x",
    ]


def test_a_version_document_cannot_be_written(client: Client) -> None:
    assert client.post("/v2.1/", {}).status == 405
