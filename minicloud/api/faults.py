"""Errors become replies here, and nowhere else: one table, Nova's fault bodies."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import webob

from minicloud import errors
from minicloud.api.reply import reply

# What only HTTP knows.


class WrongMethod(errors.MinicloudError):
    """(allowed methods, joined by commas)"""

    text = "The method is not allowed for this resource."
    code = "WRONG_METHOD"


class NotAcceptable(errors.MinicloudError):
    code = "VERSION_NOT_SUPPORTED"


class TooLarge(errors.MinicloudError):
    text = "Request is too large."
    code = "TOO_LARGE"


class WrongMediaType(errors.MinicloudError):
    text = "Unsupported Content-Type"
    code = "WRONG_MEDIA_TYPE"


class RouteNotFound(errors.NotFound):
    text = "The resource could not be found."


STATUS: Final[Mapping[type[Exception], int]] = {
    errors.BadRequest: 400,
    errors.Unauthorized: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    WrongMethod: 405,
    NotAcceptable: 406,
    errors.Conflict: 409,
    errors.Gone: 410,
    TooLarge: 413,
    WrongMediaType: 415,
    errors.Unprocessable: 422,
    errors.RateLimited: 429,
    errors.Unsupported: 501,
    errors.Unavailable: 503,
}

KEY: Final[Mapping[int, str]] = {
    400: "badRequest",
    401: "unauthorized",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    409: "conflictingRequest",
    413: "overLimit",
    415: "badMediaType",
    429: "overLimit",
    501: "notImplemented",
    503: "serviceUnavailable",
}

UNEXPECTED: Final = (
    "Unexpected API Error. Please report this at minicloud's bug tracker "
    "and attach the Nova API log if possible.\n{0!r}"
)
CODE_HEADER: Final = "X-Minicloud-Error-Code"
MAX_MESSAGE: Final = 2000  # characters; what a client sent comes back in part only


def status_of(error: BaseException) -> int:
    """Looked up along the class order: the far side of an RPC sends a subclass `X_Remote`."""
    for family in type(error).__mro__:
        if family in STATUS:
            return STATUS[family]
    return 500


def of(error: Exception, identity_url: str = "") -> webob.Response:
    status = status_of(error)
    if status == 500 or not isinstance(error, errors.MinicloudError):
        return fault(500, UNEXPECTED.format(type(error)), "UNEXPECTED")
    if isinstance(error, errors.RateLimited):
        return _rate_limited(*error.args)
    # The text of the class: a remote error's __str__ carries the far side's traceback.
    response = fault(status, errors.MinicloudError.__str__(error), error.code)
    if isinstance(error, errors.Unauthorized):
        response.headers["WWW-Authenticate"] = f'Keystone uri="{identity_url}"'
    if isinstance(error, errors.Unavailable) and error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, WrongMethod):
        response.headers["Allow"] = ", ".join(error.args)
    return response


def _rate_limited(details: str, retry_after_s: int) -> webob.Response:
    """Nova's, which says more than other faults."""
    body = {
        "code": 429,
        "message": errors.RateLimited.text,
        "details": details[:MAX_MESSAGE],
        "retryAfter": str(retry_after_s),
    }
    headers = [("Retry-After", str(retry_after_s)), (CODE_HEADER, errors.RateLimited.code)]
    return reply({KEY[429]: body}, 429, headers=headers)


def fault(status: int, message: str, code: str) -> webob.Response:
    body = {KEY.get(status, "computeFault"): {"code": status, "message": message[:MAX_MESSAGE]}}
    return reply(body, status, headers=[(CODE_HEADER, code)])


@contextmanager
def named_in_body(*families: type[errors.MinicloudError]) -> Iterator[None]:
    """What a body names and is not there makes the request bad, not the address."""
    try:
        yield
    except families as error:
        raise errors.BadRequest(errors.MinicloudError.__str__(error)) from error


def invalid(where: str, path: str, value: object, reason: str) -> errors.BadRequest:
    """Nova's sentence about a field or query parameter that breaks its schema."""
    return errors.BadRequest(
        f"Invalid input for {where} {path[:255]}. Value: {str(value)[:500]}. {reason[:1000]}"
    )


def joined(names: Iterable[str]) -> str:
    return ", ".join(f"'{name[:64]}'" for name in names)
