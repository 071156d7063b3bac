"""Refuses early what a quota would refuse anyway; the insert is what enforces it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from oslo_config import cfg

from minicloud import errors
from minicloud.api.contract import contract_of
from minicloud.api.handlers import nouns
from minicloud.api.policy import Policy
from minicloud.api.request import ApiRequest, Settings, request_of
from minicloud.api.routes import ALL
from minicloud.api.row import ALLOWED_KEY, Row
from minicloud.runtime.wiring import part
from minicloud.zones.base import ZoneHolder

_MOST: Final = 4096  # callers remembered
Check = Callable[[ApiRequest], None]


class Quota:
    """Whoever was refused is looked at before the next try, which is a read and locks nothing.

    So a project that hammers at its limit keeps nobody from writing, and whoever has room pays
    nothing. What the look finds is true now: as soon as there is room, the caller passes.
    """

    def __init__(self, application: Any, checks: Mapping[Row, Check], settings: Settings) -> None:
        self._application, self._checks, self._settings = application, checks, settings
        self._refused: dict[tuple[str, str, str], None] = {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        row = environ.get(ALLOWED_KEY)
        check = self._checks.get(row) if isinstance(row, Row) else None
        chunks: Iterable[bytes]
        if row is None or check is None:
            chunks = self._application(environ, start_response)
        else:
            req = request_of(environ, self._settings)
            caller = (row.noun, req.context.project_id, req.context.user_id)
            if caller in self._refused:
                check(req)
                self._refused.pop(caller, None)
            try:
                chunks = self._application(environ, start_response)
            except errors.OverQuota:
                self._remember(caller)
                raise
        return chunks

    def _remember(self, caller: tuple[str, str, str]) -> None:
        if len(self._refused) >= _MOST:
            self._refused.clear()  # each of them will be refused by an insert once more
        self._refused[caller] = None


def checks_of(rows: Iterable[Row], handlers: Mapping[str, object]) -> dict[Row, Check]:
    """The routes whose handlers say what tells that there is room."""
    found = {}
    for row in rows:
        noun = handlers[row.noun]
        name = contract_of(getattr(noun, row.method)).room
        if name is not None:
            found[row] = getattr(noun, name)
    return found


def filter_factory(_global_conf: dict[str, str], **_local: str) -> Callable[[Any], Quota]:
    handlers = nouns(part(ZoneHolder).zone, part(Policy))
    settings, checks = Settings.of(part(cfg.ConfigOpts)), checks_of(ALL, handlers)
    return lambda application: Quota(application, checks, settings)
