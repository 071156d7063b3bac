"""The limits of peers that nobody knows, through the whole pipeline."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
import webob

from minicloud import errors
from minicloud.api.app import load
from minicloud.api.middleware.address_limit import AddressLimit
from minicloud.api.middleware.faults import Faults
from minicloud.api.mounts import Mounts
from minicloud.api.ratelimit.limit import Limit
from minicloud.zones.base import ZoneHolder
from tests.hand_clock import HandClock
from tests.unit.api.conftest import Client, Reply
from tests.unit.api.fake_zone import FakeZone
from tests.unit.api.limited import Given, configuration, limit, limiter

Cloud = Callable[..., Client]
WRONG = {"X-Auth-Token": ":"}  # which noauth2 refuses


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def limited(zone: FakeZone, clock: HandClock) -> Cloud:
    def made(*limits: Limit) -> Client:
        parts = (ZoneHolder(zone), limiter(Given(*limits), clock))
        app = load(configuration(), *parts, name="compute_noauth2")
        return Client(Mounts({"compute": app}), token=None)

    return made


def peers(value: int, **more: Any) -> Limit:
    return limit("peers", value=value, per="address", **more)


def from_(client: Client, peer: str, path: str = "/v2.1/flavors", **more: Any) -> Reply:
    return client.call("GET", path, environ={"REMOTE_ADDR": peer}, **more)


def statuses(replies: Iterable[Reply]) -> list[int]:
    return [reply.status for reply in replies]


def test_without_a_token_a_peer_is_refused_before_anything_looks(limited: Cloud) -> None:
    client = limited(peers(2))

    replies = [from_(client, "10.0.0.1") for _ in range(3)]

    assert statuses(replies) == [401, 401, 429]
    assert replies[2].json["overLimit"]["retryAfter"] == "30"
    assert replies[2].headers["Retry-After"] == "30"
    assert [reply.headers["X-RateLimit-Remaining"] for reply in replies] == ["1", "0", "0"]
    assert replies[2].headers["OpenStack-API-Version"] == "compute 2.1"


def test_documents_without_a_token_count(limited: Cloud) -> None:
    client = limited(peers(1))

    replies = [from_(client, "10.0.0.1", "/v2.1/") for _ in range(2)]

    assert statuses(replies) == [200, 429]
    assert replies[0].headers["X-RateLimit-Limit"] == "1"


def test_each_peer_has_its_own_level_which_no_header_changes(limited: Cloud) -> None:
    client = limited(peers(1))
    from_(client, "10.0.0.1")

    assert from_(client, "10.0.0.2").status == 401
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP", "X-Remote-Addr"):
        assert from_(client, "10.0.0.1", headers={name: "10.0.0.9"}).status == 429


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("fe80::1%eth0", "fe80::1%eth1", True),
        ("", "", True),
        ("unix:", "unix:", True),
        ("10.0.0.1", "10.0.0.2", False),
    ],
)
def test_a_network_of_ipv6_is_one_peer(limited: Cloud, one: str, other: str, same: bool) -> None:
    client = limited(peers(1))
    from_(client, one)

    assert from_(client, other).status == (429 if same else 401)


def test_wrong_tokens_count_once_they_are_known_to_be_wrong(limited: Cloud) -> None:
    client = limited(peers(2))

    replies = [from_(client, "10.0.0.1", headers=WRONG) for _ in range(3)]

    assert statuses(replies) == [401, 401, 429]
    assert replies[1].headers["X-RateLimit-Remaining"] == "0"


def test_a_good_token_is_never_refused_because_of_others_at_its_address(limited: Cloud) -> None:
    client = limited(peers(1))
    for _ in range(5):
        from_(client, "10.0.0.1", headers=WRONG)
        from_(client, "10.0.0.1")

    replies = [from_(client, "10.0.0.1", token="alice:p1") for _ in range(3)]

    assert statuses(replies) == [200, 200, 200]
    assert from_(client, "10.0.0.1", headers=WRONG).status == 429


def test_a_good_token_is_not_counted_for_its_address(limited: Cloud) -> None:
    client = limited(peers(1))

    for _ in range(3):
        assert from_(client, "10.0.0.1", token="alice:p1").status == 200

    assert from_(client, "10.0.0.1").status == 401


def test_what_is_too_large_is_refused_before_it_counts(limited: Cloud) -> None:
    client = limited(peers(1))

    assert client.call("POST", "/v2.1/servers", raw=b"x" * 200_000).status == 413
    assert client.call("GET", "/v2.1/flavors").status == 401


def test_an_address_limit_may_be_for_some_paths_only(limited: Cloud) -> None:
    client = limited(peers(1, uri="/servers", verbs="GET"))

    assert statuses(from_(client, "10.0.0.1") for _ in range(3)) == [401, 401, 401]
    assert statuses(from_(client, "10.0.0.1", "/v2.1/servers") for _ in range(2)) == [401, 429]
    assert from_(client, "10.0.0.1", "/v2/p1/servers.json").status == 429


class Answering:
    """An application that answers, where others raise."""

    def __init__(self, status: int) -> None:
        self.status, self.closed = status, 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        start_response(f"{self.status} Said", [("X-Own", "1")])
        return Chunks(self)


class Chunks(list[bytes]):
    def __init__(self, app: Answering) -> None:
        super().__init__([b"said"])
        self._app = app

    def close(self) -> None:
        self._app.closed += 1


def asked(app: Any, **headers: str) -> webob.Response:
    return webob.Request.blank("/v3/auth/tokens", method="POST", headers=headers).get_response(app)


def test_an_answer_401_counts_as_an_error_does_and_is_given_up_when_it_is_too_much() -> None:
    inner = Answering(401)
    guard = AddressLimit(
        inner, limiter(Given(peers(1)), HandClock()), lambda _: "/x", only_failures=True
    )
    app = Faults(guard)

    first, second = asked(app), asked(app)

    assert (first.status_int, first.body, first.headers["X-Own"]) == (401, b"said", "1")
    assert first.headers["X-RateLimit-Remaining"] == "0"
    assert (second.status_int, "X-Own" in second.headers) == (429, False)
    assert inner.closed == 1  # what nobody will read is given up


def test_where_only_failures_count_all_else_passes_untouched() -> None:
    guard = AddressLimit(
        Answering(201), limiter(Given(peers(1)), HandClock()), lambda _: "/x", only_failures=True
    )

    answers = [asked(Faults(guard)) for _ in range(5)]

    assert [(each.status_int, each.headers.get("X-RateLimit-Limit")) for each in answers] == [
        (201, None)
    ] * 5


def test_an_answer_that_begins_late_is_let_through() -> None:
    def late(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("401 Late", [])
        yield b"late"

    guard = AddressLimit(late, limiter(Given(peers(1)), HandClock()), lambda _: "/x", True)

    assert asked(Faults(guard)).status_int == 401


def test_errors_of_other_kinds_are_not_counted() -> None:
    def missing(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raise errors.NotFound("no")

    guard = AddressLimit(missing, limiter(Given(peers(1)), HandClock()), lambda _: "/x", True)

    assert [asked(Faults(guard)).status_int for _ in range(3)] == [404, 404, 404]
