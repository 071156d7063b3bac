"""The rate limits of known callers, through the whole pipeline."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from minicloud.api.app import load
from minicloud.api.mounts import Mounts
from minicloud.api.ratelimit.levels import Outcome
from minicloud.api.ratelimit.limit import Limit
from minicloud.api.ratelimit.memory_store import MemoryStore
from minicloud.api.ratelimit.store import StoreDown
from minicloud.zones.base import ZoneHolder
from tests.hand_clock import HandClock
from tests.unit.api.conftest import Client, Reply
from tests.unit.api.fake_zone import FakeZone
from tests.unit.api.limited import Given, configuration, limit, limiter

Cloud = Callable[..., Client]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def source() -> Given:
    return Given()


@pytest.fixture
def limited(zone: FakeZone, clock: HandClock, source: Given) -> Cloud:
    """A cloud with these limits."""

    def made(*limits: Limit, **classes: str) -> Client:
        source.change(*limits, **classes)
        parts = (ZoneHolder(zone), limiter(source, clock))
        app = load(configuration(), *parts, name="compute_noauth2")
        return Client(Mounts({"compute": app}))

    return made


def told(reply: Reply) -> tuple[str | None, ...]:
    names = ("Limit", "Remaining", "Reset")
    return tuple(reply.headers.get(f"X-RateLimit-{name}") for name in names)


def statuses(replies: Iterable[Reply]) -> list[int]:
    return [reply.status for reply in replies]


def test_what_is_too_much_gets_novas_429(limited: Cloud, clock: HandClock) -> None:
    client = limited(limit(verbs="POST", value=10))
    for _ in range(10):
        assert client.post("/v2.1/os-keypairs", {}).status == 400
    clock.pass_s(0.5)

    refused = client.post("/v2.1/os-keypairs", {}, version=42)

    assert refused.status == 429
    assert refused.json == {
        "overLimit": {
            "code": 429,
            "message": "This request was rate-limited.",
            "details": "Only 10 POST request(s) can be made to * every minute.",
            "retryAfter": "6",
        }
    }
    assert refused.headers["Retry-After"] == "6"
    assert refused.headers["Content-Type"].startswith("application/json")
    assert refused.headers["OpenStack-API-Version"] == "compute 2.42"
    assert refused.headers["X-OpenStack-Nova-API-Version"] == "2.42"
    assert refused.headers["X-Compute-Request-Id"].startswith("req-")
    assert refused.headers["X-Minicloud-Error-Code"] == "RATE_LIMITED"
    assert told(refused) == ("10", "0", "60")


def test_retry_after_is_true_to_the_second(limited: Cloud, clock: HandClock) -> None:
    client = limited(limit(value=7, unit_s=60))
    clock.pass_s(0.123457)
    for _ in range(50):
        reply = client.get("/v2.1/flavors")
        if reply.status == 429:
            wait_s = int(reply.headers["Retry-After"])
            clock.pass_s(wait_s - 1)
            assert client.get("/v2.1/flavors").status == 429
            clock.pass_s(1)
            assert client.get("/v2.1/flavors").status == 200


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/v2.1/flavors", 200),
        ("GET", "/v2.1/flavors/none", 404),
        ("GET", "/v2.1/os-services", 403),
        ("GET", "/v2.1/servers?limit=x", 400),
        ("GET", "/v2.1/nowhere", 404),
        ("PUT", "/v2.1/flavors", 405),
        ("DELETE", "/v2.1/os-fping", 405),
    ],
)
def test_every_answer_tells_the_tightest_limit(
    limited: Cloud, verb: str, path: str, status: int
) -> None:
    client = limited(limit("wide", value=100), limit("tight", value=6), limit("day", value=50))

    reply = client.call(verb, path)

    assert (reply.status, told(reply)) == (status, ("6", "5", "10"))


def test_without_a_limit_nothing_is_told(limited: Cloud) -> None:
    reply = limited(limit(verbs="DELETE")).get("/v2.1/flavors")

    assert (reply.status, told(reply)) == (200, (None, None, None))


@pytest.mark.parametrize(
    "path",
    [
        "/v2.1/servers/detail",
        "/v2/servers/detail",
        "/v2.1/p1/servers/detail",
        "/v2/p1/servers/detail",
        "/v2.1/servers/detail/",
        "/v2.1/servers/detail.json",
        "/v2.1/servers/%64etail",
        "/v2.1/servers/detail?all_tenants=0",
    ],
)
def test_another_spelling_of_the_address_is_the_same_address(limited: Cloud, path: str) -> None:
    client = limited(limit(uri="/servers/detail", value=1))

    assert statuses([client.get("/v2.1/servers/detail"), client.get(path)]) == [200, 429]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "10.0.0.9"},
        {"X-Real-IP": "10.0.0.9"},
        {"Forwarded": "for=10.0.0.9"},
        {"X-HTTP-Method-Override": "GET"},
        {"X-Method-Override": "GET"},
        {"X-User-Id": "bob"},
        {"X-Project-Id": "p2"},
        {"X-Tenant": "p2"},
        {"X-Remaining": "100"},
        {"OpenStack-API-Version": "compute 2.90"},
        {"X-Auth-Token": "alice:p1:reader"},
        {"Content-Type": "application/vnd.openstack.compute+json"},
    ],
)
def test_no_header_gives_another_level(limited: Cloud, headers: dict[str, str]) -> None:
    client = limited(limit(verbs="POST", value=1))

    first = client.post("/v2.1/os-keypairs", {})
    second = client.post("/v2.1/os-keypairs", {}, headers=headers)

    assert statuses([first, second]) == [400, 429]


def test_head_counts_as_get(limited: Cloud) -> None:
    client = limited(limit(verbs="GET", value=1))

    assert client.call("HEAD", "/v2.1/flavors").status == 200
    assert client.get("/v2.1/flavors").status == 429


@pytest.mark.parametrize("path", ["/v2.1/Servers/detail", "/v2.1/servers/../servers/detail"])
def test_what_is_no_address_comes_under_the_limits_of_all(limited: Cloud, path: str) -> None:
    client = limited(limit("one", uri="/servers/detail", value=1), limit("all", value=2))

    assert statuses(client.get(path) for _ in range(3)) == [404, 404, 429]


def test_a_wrong_method_and_a_wrong_body_count(limited: Cloud) -> None:
    client = limited(limit(value=2))

    assert client.call("PATCH", "/v2.1/flavors").status == 405
    assert client.call("POST", "/v2.1/servers", raw=b"{").status == 400
    assert client.get("/v2.1/flavors").status == 429


def test_what_is_too_large_or_of_nobody_is_refused_before_it_counts(limited: Cloud) -> None:
    client = limited(limit(value=1))
    large = b"x" * 200_000

    assert client.call("POST", "/v2.1/servers", raw=large).status == 413
    assert client.get("/v2.1/flavors", headers={"X-Auth-Token": ""}).status == 401
    assert client.get("/v2.1/p2/flavors").status == 400
    assert client.get("/v2.1/flavors").status == 200


def test_users_of_a_project_have_their_own_levels_and_share_those_of_the_project(
    limited: Cloud,
) -> None:
    client = limited(
        limit("each", verbs="GET", value=1), limit("both", verbs="PUT", value=1, per="project")
    )
    here, mate, elsewhere = "alice:p1", "bob:p1", "alice:p2"

    for token in (here, mate, elsewhere):
        assert client.get("/v2.1/flavors", token=token).status == 200
        assert client.get("/v2.1/flavors", token=token).status == 429
    put = [client.call("PUT", "/v2.1/flavors", token=one) for one in (here, mate, elsewhere)]

    assert statuses(put) == [405, 429, 405]


def test_a_variable_in_use_makes_levels_of_its_own(limited: Cloud) -> None:
    client = limited(limit(uri="/flavors/{id}", use=("id",), value=1))

    replies = [client.get(f"/v2.1/flavors/{ref}") for ref in ("1", "2", "1")]

    assert [status == 429 for status in statuses(replies)] == [False, False, True]


def test_a_parameter_in_the_query_may_be_what_is_limited(limited: Cloud) -> None:
    client = limited(limit(uri="/servers", queries=("changes-since",), value=1))
    polling = "/v2.1/servers?changes-since=2026-01-01T00:00:00Z"

    assert statuses(client.get("/v2.1/servers") for _ in range(3)) == [200, 200, 200]
    assert statuses(client.get(polling) for _ in range(2)) == [200, 429]
    assert client.get("/v2.1/servers?changes%2Dsince=2026-01-01T00:00:00Z").status == 429


def test_a_query_that_cannot_be_read_is_a_call_all_the_same(limited: Cloud) -> None:
    client = limited(limit(value=2), limit("polls", queries=("changes-since",)))

    found = statuses(client.get("/v2.1/servers?changes-since=%00") for _ in range(3))

    assert found == [400, 400, 429]


def test_a_call_that_is_refused_by_one_limit_is_charged_to_none(limited: Cloud) -> None:
    client = limited(limit("one", uri="/flavors", value=1), limit("all", value=3))
    client.get("/v2.1/flavors")

    for _ in range(5):
        assert client.get("/v2.1/flavors").status == 429

    assert told(client.get("/v2.1/os-keypairs"))[1] == "1"


def test_the_longest_wait_is_told(limited: Cloud) -> None:
    client = limited(limit("minute", value=1), limit("hour", value=1, unit_s=3600))
    client.get("/v2.1/flavors")

    refused = client.get("/v2.1/flavors")

    assert refused.headers["Retry-After"] == "3600"
    assert "every hour" in refused.json["overLimit"]["details"]
    assert told(refused) == ("1", "0", "3600")


def test_a_class_has_its_own_limits(limited: Cloud) -> None:
    client = limited(
        limit("gold", value=2, limit_class="gold"),
        limit("rest", value=1, limit_class="default"),
        p1="gold",
    )

    assert statuses(client.get("/v2.1/flavors") for _ in range(3)) == [200, 200, 429]
    others = [client.get("/v2.1/flavors", token="alice:p2") for _ in range(2)]
    assert statuses(others) == [200, 429]


def test_a_changed_limit_counts_at_once_and_forgets_nothing(
    limited: Cloud, source: Given, clock: HandClock
) -> None:
    client = limited(limit(value=2))
    assert statuses(client.get("/v2.1/flavors") for _ in range(3)) == [200, 200, 429]

    source.change(limit(value=60))

    assert client.get("/v2.1/flavors").headers["Retry-After"] == "1"
    clock.pass_s(1)
    assert statuses(client.get("/v2.1/flavors") for _ in range(2)) == [200, 429]


def test_version_documents_need_no_token_and_no_room(limited: Cloud) -> None:
    client = limited(limit(value=1))
    client.get("/v2.1/flavors")

    assert client.get("/v2.1/").status == 200
    assert client.get("/v2.1/flavors").status == 429


def test_limits_shows_the_levels(limited: Cloud, clock: HandClock) -> None:
    client = limited(
        limit("writes", verbs="POST PUT", value=10),
        limit("boots", verbs="POST", uri="/servers/{id}/action", value=2, unit_s=90),
        limit("gold", value=5, limit_class="gold"),
        limit("peers", value=5, per="address"),
    )
    for _ in range(2):
        client.post("/v2.1/servers/x/action", {"reboot": {}})
    clock.pass_s(0.5)

    rates = client.get("/v2.1/limits").json["limits"]["rate"]

    written = {"value": 10, "unit": "MINUTE", "remaining": 8}
    assert rates == [
        {
            "uri": "*",
            "regex": ".*",
            "limit": [
                {"verb": "POST", **written, "next-available": "2026-03-01T00:00:01Z"},
                {"verb": "PUT", **written, "next-available": "2026-03-01T00:00:01Z"},
            ],
        },
        {
            "uri": "/servers/{id}/action",
            "regex": "^/servers/(?P<id>[^/]+?)/action$",
            "limit": [
                {
                    "verb": "POST",
                    "value": 2,
                    "unit": "90 SECONDS",
                    "remaining": 0,
                    "next-available": "2026-03-01T00:00:45Z",
                }
            ],
        },
    ]


def test_a_limit_on_a_parameter_is_not_shown_as_one_on_the_whole_path(limited: Cloud) -> None:
    client = limited(
        limit("all", verbs="GET", value=5), limit("polls", queries=("changes-since",), value=1)
    )

    polls = [client.get("/v2.1/servers?changes-since=2026-01-01T00:00:00Z") for _ in range(2)]
    rates = client.get("/v2.1/limits").json["limits"]["rate"]

    assert [rate["uri"] for rate in rates] == ["*", "*?changes-since"]
    said = polls[1].json["overLimit"]["details"]
    assert said == "Only 1 request(s) can be made to *?changes-since every minute."


def test_looking_at_the_levels_of_another_project_shows_the_callers_own(limited: Cloud) -> None:
    client = limited(limit(verbs="GET", value=5))

    client.get("/v2.1/flavors", token="admin:p1")
    shown = client.get("/v2.1/limits?tenant_id=p2", token="admin:p1").json["limits"]["rate"]

    assert shown[0]["limit"][0]["remaining"] == 3


def test_the_context_learns_the_class(limited: Cloud, zone: FakeZone, monkeypatch: Any) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(
        type(zone.flavors), "list", _noting(type(zone.flavors).list, seen), raising=True
    )
    client = limited(p1="gold")

    client.get("/v2.1/flavors")
    client.get("/v2.1/flavors", token="alice:p2")

    assert [(each.limit_class, each.quota_class) for each in seen] == [
        ("gold", "gold"),
        (None, None),
    ]


def _noting(method: Any, seen: list[Any]) -> Any:
    def noted(self: Any, context: Any, *args: Any, **more: Any) -> Any:
        seen.append(context)
        return method(self, context, *args, **more)

    return noted


class Down(MemoryStore):
    def charge(self, charges: Any, version: int | None) -> Outcome:
        raise StoreDown

    def look(self, charges: Any) -> Any:
        raise StoreDown


@pytest.mark.parametrize(("closed", "status"), [(False, 200), (True, 503)])
def test_without_its_store_a_limit_lets_all_pass_or_none(
    zone: FakeZone, clock: HandClock, closed: bool, status: int
) -> None:
    source = Given(limit(verbs="GET"))
    parts = (ZoneHolder(zone), limiter(source, clock, Down(clock.now_us), closed))
    app = load(configuration(), *parts, name="compute_noauth2")
    client = Client(Mounts({"compute": app}))

    reply = client.get("/v2.1/flavors")

    assert (reply.status, told(reply)) == (status, (None, None, None))
    if closed:
        assert reply.headers["Retry-After"] == "1"
        assert reply.fault[0] == "serviceUnavailable"
    assert client.call("PUT", "/v2.1/flavors").status == 405


def test_off_there_is_no_filter(zone: FakeZone, conf: Any) -> None:
    app: Any = load(conf, ZoneHolder(zone), name="compute_noauth2")

    names = []
    while hasattr(app, "_application"):
        names.append(type(app).__name__)
        app = app._application

    assert names[:3] == ["IdentityHeaders", "RequestId", "Faults"]
    assert not {"RateLimit", "AddressLimit"} & set(names)
