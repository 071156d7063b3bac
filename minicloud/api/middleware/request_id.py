"""Gives each request its id, and the global one where the client brings one of the right shape."""

import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any, Final

REQUEST_ID_KEY: Final = "minicloud.request_id"
GLOBAL_ID_KEY: Final = "minicloud.global_request_id"
_SHAPE: Final = re.compile(
    r"req-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE
)


class RequestId:
    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request_id = environ[REQUEST_ID_KEY] = f"req-{uuid.uuid4()}"
        wished = environ.get("HTTP_X_OPENSTACK_REQUEST_ID", "")
        environ[GLOBAL_ID_KEY] = wished if _SHAPE.fullmatch(wished) else None
        ids = [("X-Compute-Request-Id", request_id), ("X-OpenStack-Request-ID", request_id)]

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, *ids], *rest)

        chunks: Iterable[bytes] = self._application(environ, start)
        return chunks


def filter_factory(_global_conf: dict[str, str], **_local: str) -> Callable[[Any], RequestId]:
    return RequestId
