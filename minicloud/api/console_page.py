"""A page that shows a server's console to whoever has its token."""

from collections.abc import Iterable
from html import escape
from typing import Any, Final
from urllib.parse import parse_qs

import webob

from minicloud import errors, instance_states
from minicloud.runtime.wiring import part
from minicloud.zones.base import ZoneHolder
from minicloud.zones.consoles import Consoles

_LINES: Final = 200
_EVERY_S: Final = 3
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
 body {{ margin: 0; background: #14181d; color: #d7dde4; font: 14px/1.45 ui-monospace, monospace }}
 header {{ position: sticky; top: 0; padding: .6em 1em; background: #202730 }}
 header b {{ color: #fff }} header span {{ color: #8fa3b8; margin-left: 1em }}
 pre {{ margin: 0; padding: 1em; white-space: pre-wrap; overflow-wrap: anywhere }}
</style></head>
<body><header><b>{title}</b><span>{note}</span></header><pre>{text}</pre></body></html>
"""


class ConsolePage:
    def __init__(self, consoles: Consoles) -> None:
        self._consoles = consoles

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        query = parse_qs(environ.get("QUERY_STRING", ""), max_num_fields=20, errors="replace")
        chunks: Iterable[bytes] = self._page(query.get("token", [""])[0])(environ, start_response)
        return chunks

    def _page(self, token: str) -> webob.Response:
        try:
            server, text = self._consoles.read(token, _LINES)
        except errors.ConsoleTokenNotFound as error:
            return _response(404, "No console", str(error), "")
        except errors.MinicloudError as error:
            return _response(503, "No console just now", str(error), "", refresh=True)
        status = instance_states.status(server.vm_state, server.task_state)
        note = f"{status} · {server.uuid} · what is shown is read again every {_EVERY_S} s"
        return _response(200, server.display_name, note, text, refresh=True)


def _response(
    status: int, title: str, note: str, text: str, *, refresh: bool = False
) -> webob.Response:
    page = _PAGE.format(title=escape(title), note=escape(note), text=escape(text))
    response = webob.Response(page, status=status, content_type="text/html", charset="utf-8")
    response.headers.update(_HEADERS)
    if refresh:
        response.headers["Refresh"] = str(_EVERY_S)
    return response


def app_factory(_global_conf: dict[str, str], **_local: str) -> ConsolePage:
    """For PasteDeploy."""
    return ConsolePage(part(ZoneHolder).zone.consoles)
