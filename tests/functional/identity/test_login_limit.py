"""Whoever tries passwords or tokens from one address is held up; whoever knows one is not."""

from collections.abc import Callable
from typing import Any

import pytest
import webob
from oslo_config import cfg

from minicloud.api.app import load
from minicloud.zones.base import ZoneHolder
from tests.functional.service_client import PASSWORD, Cloud, login
from tests.hand_clock import HandClock
from tests.unit.api.fake_zone import FakeZone
from tests.unit.api.limited import Given, limit, limiter

Ask = Callable[..., webob.Response]
GUESSED = login("demo", "demo", "guessed")
RIGHT = login("demo", "demo", PASSWORD)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def ask(cloud: Cloud, clock: HandClock) -> Ask:
    """All applications as they are served; three unknown requests a minute."""
    conf: cfg.ConfigOpts = cloud.conf
    conf.set_override("enabled", True, "ratelimit")
    source = Given(limit("peers", value=3, per="address"))
    parts = (cloud.database, ZoneHolder(FakeZone()), limiter(source, clock))
    app: Any = load(conf, *parts, name="main")

    def asked(
        verb: str, path: str, body: Any = None, peer: str = "10.0.0.1", **headers: str
    ) -> webob.Response:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        request = webob.Request.blank(path, method=verb, headers=headers)
        request.environ["REMOTE_ADDR"] = peer
        if body is not None:
            request.json = body
        return request.get_response(app)

    return asked


def logged_in(ask: Ask, body: Any, **more: Any) -> int:
    return int(ask("POST", "/identity/v3/auth/tokens", body, **more).status_int)


def test_failed_logins_are_held_up(ask: Ask, clock: HandClock) -> None:
    assert [logged_in(ask, GUESSED) for _ in range(4)] == [401, 401, 401, 429]

    refused = ask("POST", "/identity/v3/auth/tokens", GUESSED)

    assert refused.json["overLimit"]["retryAfter"] == refused.headers["Retry-After"] == "20"
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert logged_in(ask, GUESSED, peer="10.0.0.2") == 401
    clock.pass_s(20)
    assert [logged_in(ask, GUESSED) for _ in range(2)] == [401, 429]


def test_the_right_password_always_passes_and_is_not_counted(ask: Ask) -> None:
    for _ in range(5):
        logged_in(ask, GUESSED)

    assert [logged_in(ask, RIGHT) for _ in range(5)] == [201] * 5
    assert logged_in(ask, GUESSED) == 429


def test_what_clients_read_before_a_login_is_not_counted(ask: Ask) -> None:
    for _ in range(5):
        assert ask("GET", "/identity/v3").status_int == 200

    assert logged_in(ask, GUESSED) == 401


def test_wrong_tokens_at_the_identity_service_are_held_up(ask: Ask) -> None:
    replies = [
        ask("GET", "/identity/v3/auth/tokens", X_Auth_Token="wrong", X_Subject_Token="wrong")
        for _ in range(4)
    ]

    assert [reply.status_int for reply in replies] == [401, 401, 401, 429]


def test_wrong_passwords_and_tokens_count_together_at_all_services(ask: Ask) -> None:
    assert logged_in(ask, GUESSED) == 401
    assert ask("GET", "/image/v2/images", X_Auth_Token="wrong").status_int == 401
    assert ask("GET", "/compute/v2.1/servers", X_Auth_Token="wrong").status_int == 401

    assert logged_in(ask, GUESSED) == 429
    assert ask("GET", "/image/v2/images", X_Auth_Token="wrong").status_int == 429
    assert ask("GET", "/compute/v2.1/servers", X_Auth_Token="wrong").status_int == 429


def test_images_without_a_token_are_held_up_and_with_a_good_one_never(
    ask: Ask, cloud: Cloud
) -> None:
    assert [ask("GET", "/image/v2/images").status_int for _ in range(4)] == [401, 401, 401, 429]

    token = cloud.token("demo", "demo")

    assert ask("GET", "/image/v2/images", X_Auth_Token=token).status_int == 200
    assert ask("GET", "/compute/v2.1/flavors", X_Auth_Token=token).status_int == 200
