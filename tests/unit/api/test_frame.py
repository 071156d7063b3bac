"""What every request meets: faults, ids, content types, sizes, versions, paths."""

import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minicloud import errors
from minicloud.api import faults
from tests.unit.api.conftest import Client
from tests.unit.api.fake_zone import OWN, FakeZone

HOSTILE = [
    "%00",
    "%2e%2e",
    "%2e",
    "x" * 10_000,
    "%F0%9F%92%A9",
    "%ff%fe",
    "'%20OR%201=1",
    "%0d%0aX:%20y",
    "-1",
    "None",
]
PLACES = [
    "/servers/{}",
    "/servers/{}/metadata",
    "/servers/{}/os-instance-actions",
    "/servers/" + OWN + "/os-instance-actions/{}",
    "/servers/" + OWN + "/metadata/{}",
    "/servers/" + OWN + "/tags/{}",
    "/os-keypairs/{}",
    "/flavors/{}",
    "/flavors/1/os-extra_specs/{}",
    "/os-hypervisors/{}",
    "/extensions/{}",
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("ref", HOSTILE)
def test_any_text_in_the_place_of_an_id_is_a_json_404(admin: Client, place: str, ref: str) -> None:
    for version in (1, 104):
        reply = admin.get("/v2.1" + place.format(ref), version)

        assert reply.status == 404
        assert reply.fault[0] == "itemNotFound"
        assert len(reply.text) < 3000


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.binary(max_size=40))
def test_no_path_breaks_the_application(client: Client, path: bytes) -> None:
    environ = {"PATH_INFO": "/compute/v2.1/" + path.decode("latin-1")}

    reply = client.get("/", environ=environ)

    assert reply.status in (200, 400, 404)
    assert isinstance(reply.json, dict)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=json_values, key=st.sampled_from(["server", "reboot", "os-start", "x"]))
def test_no_body_breaks_the_application(client: Client, body: Any, key: str) -> None:
    for path in ("/v2.1/servers", "/v2/servers", f"/v2.1/servers/{OWN}/action"):
        for value in (body, {key: body}, {"server": {"name": body, "flavorRef": body}}):
            assert client.post(path, value).status in (202, 400, 413)


@pytest.mark.parametrize(
    ("raw", "headers", "status", "message"),
    [
        (b"{", {}, 400, "cannot understand JSON"),
        (b"", {}, 400, "Malformed request body"),
        (b"[]", {}, 400, "Malformed request body"),
        (b"[" * 50_000, {}, 400, "cannot understand JSON"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "Unsupported Content-Type"),
        (b'{"server":"' + b"x" * 120_000 + b'"}', {}, 413, "Request is too large."),
    ],
)
def test_a_body_that_cannot_be_read_is_the_clients_fault(
    client: Client, raw: bytes, headers: dict[str, str], status: int, message: str
) -> None:
    reply = client.post("/v2.1/servers", None, raw=raw, headers=headers)

    assert (reply.status, reply.fault[1]) == (status, message)


def test_a_body_that_is_too_long_is_refused_before_the_token_is_looked_at(client: Client) -> None:
    client.token = None

    assert client.post("/v2.1/servers", None, raw=b" " * 120_000).status == 413


def test_a_nul_in_a_text_is_refused(client: Client) -> None:
    body = {"server": {"name": "a", "flavorRef": "1", "metadata": {"a": "b\0"}}}

    assert client.post("/v2.1/servers", body).status == 400


def test_a_schema_violation_names_the_field_and_why(client: Client) -> None:
    reply = client.post("/v2.1/servers", {"server": {"name": 7, "flavorRef": "1"}})

    assert reply.fault == (
        "badRequest",
        "Invalid input for field/attribute name. Value: 7. 7 is not of type 'string'",
    )


def test_an_unknown_field_is_refused_and_v2_drops_it(client: Client) -> None:
    body = {"server": {"name": "a", "flavorRef": "1", "imageRef": OWN, "vm_state": "active"}}

    assert client.post("/v2.1/servers", body).status == 400
    assert client.post("/v2/servers", body).status == 202


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (errors.BadRequest("x"), 400, "badRequest"),
        (errors.Unauthorized(), 401, "unauthorized"),
        (errors.PolicyRefused("rule"), 403, "forbidden"),
        (errors.QuotaExceeded("cores", "1", "2", "3"), 403, "forbidden"),
        (errors.ServerNotFound("x"), 404, "itemNotFound"),
        (faults.WrongMethod("GET"), 405, "badMethod"),
        (faults.NotAcceptable("x"), 406, "computeFault"),
        (errors.InvalidState("stop", "u", "vm_state", "error"), 409, "conflictingRequest"),
        (errors.Gone(), 410, "computeFault"),
        (faults.TooLarge(), 413, "overLimit"),
        (faults.WrongMediaType(), 415, "badMediaType"),
        (errors.Unsupported("x"), 501, "notImplemented"),
        (errors.LineDown("x"), 503, "serviceUnavailable"),
        (errors.BuildFailed("x"), 500, "computeFault"),
    ],
)
def test_every_family_of_errors_has_its_status_and_kind(
    client: Client, zone: FakeZone, error: Exception, status: int, kind: str
) -> None:
    zone.servers.refusal = error

    reply = client.get(f"/v2.1/servers/{OWN}")

    assert (reply.status, reply.fault[0]) == (status, kind)


def test_an_error_from_afar_keeps_its_family_and_not_its_traceback(
    client: Client, zone: FakeZone
) -> None:
    remote = type(
        "InstanceLocked_Remote", (errors.InstanceLocked,), {"__str__": lambda self: "Traceback"}
    )
    zone.servers.refusal = remote("u-1")

    reply = client.get(f"/v2.1/servers/{OWN}")

    assert reply.fault == ("conflictingRequest", "Instance u-1 is locked")


def test_what_nobody_foresaw_is_logged_and_says_nothing(
    client: Client, zone: FakeZone, caplog: pytest.LogCaptureFixture
) -> None:
    zone.servers.refusal = KeyError("secret")

    with caplog.at_level(logging.ERROR):
        reply = client.get(f"/v2.1/servers/{OWN}", 53)

    assert reply.status == 500
    assert b"secret" not in reply.text
    assert reply.fault[1].startswith("Unexpected API Error.")
    assert reply.fault[1].endswith("<class 'KeyError'>")
    assert reply.headers["X-Compute-Request-Id"] in caplog.text
    assert "Traceback" in caplog.text
    assert reply.headers["OpenStack-API-Version"] == "compute 2.53"


def test_an_error_bears_its_machine_code_in_a_header(client: Client, zone: FakeZone) -> None:
    zone.servers.refusal = errors.QuotaExceeded("cores", "1", "2", "3")

    reply = client.get(f"/v2.1/servers/{OWN}")

    assert reply.headers["X-Minicloud-Error-Code"] == "QUOTA_EXCEEDED"
    assert reply.fault[1] == "Quota exceeded for cores: Requested 1, but already used 2 of 3 cores"


def test_every_reply_bears_a_request_id_twice(client: Client) -> None:
    for path in ("/", "/v2.1/servers", "/v2.1/nowhere"):
        reply = client.get(path)

        assert reply.headers["X-Compute-Request-Id"].startswith("req-")
        assert reply.headers["X-OpenStack-Request-ID"] == reply.headers["X-Compute-Request-Id"]


def test_an_unknown_path_is_a_json_404(client: Client) -> None:
    for path in ("/v2.1/nowhere", "/v2.1/p1/nowhere", "/v2.1/a/b/c", "/v2.1/servers//x"):
        assert client.get(path).fault == ("itemNotFound", "The resource could not be found.")


def test_a_verb_of_another_version_is_not_named_as_a_right_one(client: Client) -> None:
    before, after = (client.call("PATCH", "/v2.1/os-networks", version=v) for v in (35, 36))

    assert before.headers["Allow"] == "GET, POST"
    assert after.headers["Allow"] == "POST"


def test_a_wrong_verb_is_a_json_405_that_names_the_right_ones(client: Client) -> None:
    reply = client.call("PATCH", "/v2.1/servers")

    assert reply.fault[0] == "badMethod"
    assert reply.headers["Allow"] == "GET, POST"


def test_a_method_cannot_be_overridden(client: Client, zone: FakeZone) -> None:
    headers = {"X-HTTP-Method-Override": "DELETE"}

    assert client.get(f"/v2.1/servers/{OWN}?_method=DELETE", headers=headers).status == 200
    assert not [asked for asked in zone.servers.asked if asked[0] == "delete"]


@pytest.mark.parametrize("path", ["/v2.1/servers", "/v2.1/p1/servers", "/v2/p1/servers"])
@pytest.mark.parametrize("suffix", ["", "/", ".json"])
def test_one_route_is_found_with_and_without_project_and_suffix(
    client: Client, path: str, suffix: str
) -> None:
    assert client.get(path + suffix).status == 200


def test_a_foreign_project_in_the_url_is_malformed(client: Client) -> None:
    assert client.get("/v2.1/p2/servers").fault == (
        "badRequest",
        "Malformed request URL: URL's project_id 'p2' doesn't match Context's project_id 'p1'",
    )


def test_the_48_routes_of_old_are_gone(client: Client) -> None:
    from minicloud.api.routes_elsewhere import TOMBSTONES

    assert len(TOMBSTONES) == 48
    for row in TOMBSTONES:
        for version in (1, 104):
            path = row.path.replace("{server_id}", OWN).replace("{ref}", "1")
            path = path.replace("{domain_id}", "d")
            assert client.call(row.verb, f"/v2.1{path}", version=version).status == 410
