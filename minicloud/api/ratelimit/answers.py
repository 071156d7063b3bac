"""What a caller is told about its limits: headers on every answer, and why one was refused."""

from collections.abc import Iterable
from typing import Any, Final

from minicloud import errors
from minicloud.api.ratelimit.levels import Standing, Verdict, seconds
from minicloud.api.ratelimit.limit import ALL, Limit

_KEY: Final = "minicloud.rate"

Headers = list[tuple[str, str]]


def note(environ: dict[str, Any], verdict: Verdict | None) -> None:
    """Remember how the caller stands, for `told`; RateLimited when the request may not go on."""
    if verdict is None:
        return
    environ[_KEY] = verdict.tightest
    if not verdict.allowed:
        raise errors.RateLimited(details(verdict.tightest.limit), seconds(verdict.wait_us))


def told(environ: dict[str, Any]) -> Headers:
    """The headers of the tightest limit that the request came under; none without one."""
    tightest: Standing | None = environ.get(_KEY)
    if tightest is None:
        return []
    return [
        ("X-RateLimit-Limit", str(tightest.limit.value)),
        ("X-RateLimit-Remaining", str(tightest.remaining)),
        ("X-RateLimit-Reset", str(seconds(tightest.reset_us))),
    ]


def telling(environ: dict[str, Any], start_response: Any) -> Any:
    """A start_response which adds those headers."""

    def start(status: str, headers: Iterable[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, *told(environ)], *rest)

    return start


def details(limit: Limit) -> str:
    """Nova's sentence."""
    verbs = "" if limit.verb == ALL else f"{limit.verb} "
    unit = limit.unit.lower()
    return f"Only {limit.value} {verbs}request(s) can be made to {limit.place} every {unit}."
