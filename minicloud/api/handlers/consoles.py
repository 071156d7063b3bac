"""Addresses of consoles, and what their tokens are for."""

from typing import Final

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.handlers.of_server import OfServer
from minicloud.api.policies import server_actions as rules
from minicloud.api.policy import Policy
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest, host_url
from minicloud.api.schemas import consoles as schemas
from minicloud.api.schemas.body import Body
from minicloud.api.versions import Since
from minicloud.zones.base import Zone

# Every simulated guest has one text console; a page shows it, whichever of these is asked for.
_SHOWN_AS: Final = {"vnc": ("novnc",), "spice": ("spice-html5",), "serial": ("serial",)}


class Consoles(OfServer):
    def __init__(self, zone: Zone, policy: Policy) -> None:
        super().__init__(zone, policy)
        self._consoles = zone.consoles

    @answers(body=schemas.VNC)
    def vnc(self, req: ApiRequest, server_id: str) -> webob.Response:
        return self._old(req, server_id, schemas.VNC, "os-getVNCConsole", "vnc")

    @answers(body=schemas.SPICE)
    def spice(self, req: ApiRequest, server_id: str) -> webob.Response:
        return self._old(req, server_id, schemas.SPICE, "os-getSPICEConsole", "spice")

    @answers(body=schemas.SERIAL)
    def serial(self, req: ApiRequest, server_id: str) -> webob.Response:
        return self._old(req, server_id, schemas.SERIAL, "os-getSerialConsole", "serial")

    @answers(body=schemas.REMOTE)
    def create(self, req: ApiRequest, server_id: str) -> webob.Response:
        wanted = req.read(schemas.REMOTE)["remote_console"]
        url = self._open(req, server_id, wanted["protocol"], wanted["type"])
        return reply({"remote_console": {**wanted, "url": url}})

    @answers(query=schemas.SHOW)
    def show(self, req: ApiRequest, console_token: str) -> webob.Response:
        req.query(schemas.SHOW)
        found = self._consoles.of_token(console_token)
        if req.version < Since.TOKENS_OF_ALL_CONSOLES and found.console_type != "rdp-html5":
            raise errors.Unauthorized
        shown = {
            "instance_uuid": found.instance_uuid,
            "host": found.host,
            "port": None,
            "internal_access_path": None,
        }
        if req.version >= Since.SPICE_DIRECT:
            shown["tls_port"] = None
        return reply({"console": shown})

    def _old(
        self, req: ApiRequest, server_id: str, body: Body, key: str, protocol: str
    ) -> webob.Response:
        kind = req.read(body)[key]["type"]
        url = self._open(req, server_id, protocol, kind)
        return reply({"console": {"type": kind, "url": url}})

    def _open(self, req: ApiRequest, server_id: str, protocol: str, kind: str) -> str:
        server = self.server(req, server_id, rules.REMOTE_CONSOLES)
        if kind not in _SHOWN_AS.get(protocol, ()):
            raise errors.BadRequest(f"Unavailable console type {kind}.")
        token = self._consoles.open(req.context, server, kind)
        return f"{host_url(req.environ, req.settings.public_url)}/console/?token={token}"
