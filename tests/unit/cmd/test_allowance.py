"""How large a body may be, before anything of it is taken in."""

from typing import Any

import pytest

from minicloud.auth.authenticator import Authenticator
from minicloud.cmd.allowance import Allowance
from minicloud.errors import IdentityUnavailable, Unauthorized
from minicloud.runtime.clock import SystemClock
from tests.options import defaults

_FILE = "/image/v2/images/x/file"
_LARGEST = 1 << 40


class _Clock(SystemClock):
    moment = 100.0

    def monotonic(self) -> float:
        return self.moment


class _Tokens(Authenticator):
    def __init__(self) -> None:
        super().__init__({})
        self.asked: list[tuple[str, str, str]] = []
        self.error: Exception | None = None

    def admit(self, environ: dict[str, Any], service: str = "compute") -> Any:
        self.asked.append((service, environ["PATH_INFO"], environ["HTTP_X_AUTH_TOKEN"]))
        if self.error:
            raise self.error


class _Asked:
    def __init__(self) -> None:
        conf = defaults()
        self.tokens, self.clock = _Tokens(), _Clock()
        self._allowance = Allowance(conf, self.tokens, self.clock)

    def bytes(self, verb: str = "PUT", path: str = _FILE) -> int:
        return self._allowance(verb, path, {"X_AUTH_TOKEN": "good"})


@pytest.fixture
def asked() -> _Asked:
    return _Asked()


def test_an_upload_with_a_valid_token_may_be_large(asked: _Asked) -> None:
    assert asked.bytes() > _LARGEST
    assert asked.tokens.asked == [("image", _FILE.removeprefix("/image"), "good")]


@pytest.mark.parametrize(
    ("verb", "path"), [("POST", _FILE), ("PUT", "/compute/v2.1/file"), ("PUT", "/image/v2/images")]
)
def test_whatever_is_no_upload_is_small_and_nobody_is_asked(
    asked: _Asked, verb: str, path: str
) -> None:
    assert asked.bytes(verb, path) < 1 << 21
    assert asked.tokens.asked == []


@pytest.mark.parametrize("error", [Unauthorized(), IdentityUnavailable(), ZeroDivisionError()])
def test_without_a_token_that_is_known_to_be_valid_it_is_small(
    asked: _Asked, error: Exception
) -> None:
    asked.tokens.error = error

    assert asked.bytes() < 1 << 21


def test_identity_that_is_away_is_left_alone_for_a_while(asked: _Asked) -> None:
    """All connections wait for the answer."""
    asked.tokens.error = IdentityUnavailable()
    for _ in range(5):
        asked.bytes()
    assert len(asked.tokens.asked) == 1

    asked.tokens.error = None
    asked.clock.moment += 10

    assert asked.bytes() > _LARGEST
