"""An application without its filters serves nobody."""

from typing import Any

import pytest

from minicloud import errors
from minicloud.api.dispatch import Application
from minicloud.api.matching import MATCH_KEY, Match
from minicloud.api.request import Settings
from minicloud.api.row import Row

_ROW = Row("GET", "/servers", "servers", "index", "a:rule")


class _Servers:
    def index(self, req: Any) -> Any:
        raise AssertionError("served")


def test_what_no_policy_filter_allowed_is_refused() -> None:
    application = Application([_ROW], {"servers": _Servers()}, Settings())
    environ = {"REQUEST_METHOD": "GET", MATCH_KEY: Match((_ROW,), {}), "HTTP_X_ROLES": "admin"}

    with pytest.raises(errors.Unauthorized):
        application(environ, None)
