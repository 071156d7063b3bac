"""Microversions and version documents."""

import pytest

from tests.unit.api.conftest import Client

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


@pytest.mark.parametrize("text", ["x", "2", "2.1.1", "2.01", "v2.1", "2.", "9" * 5000])
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
