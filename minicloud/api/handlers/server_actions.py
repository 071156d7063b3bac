"""POST /servers/{server_id}/action"""

from typing import Any

import webob

from minicloud.api.contract import answers
from minicloud.api.handlers.servers import own_or_any
from minicloud.api.policies import servers as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import server_actions as schemas
from minicloud.db.models import Instance
from minicloud.zones.base import Zone

_NOT_SHOWN = dict.fromkeys(i for i in (*range(32), 127) if chr(i) not in "\t\n\r")


class ServerActions:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._servers, self._policy = zone.servers, policy

    @answers(202, empty=True)
    def start(self, req: ApiRequest, server_id: str) -> webob.Response:
        return self._act(req, server_id, policies.START, "start")

    @answers(202, empty=True)
    def stop(self, req: ApiRequest, server_id: str) -> webob.Response:
        return self._act(req, server_id, policies.STOP, "stop")

    @answers(202, body=schemas.REBOOT, empty=True)
    def reboot(self, req: ApiRequest, server_id: str) -> webob.Response:
        kind = req.read(schemas.REBOOT)["reboot"]["type"].upper()
        action = "reboot_hard" if kind == "HARD" else "reboot"
        return self._act(req, server_id, policies.REBOOT, action, {"type": kind})

    @answers(body=schemas.CONSOLE_OUTPUT)
    def console_output(self, req: ApiRequest, server_id: str) -> webob.Response:
        wanted = req.read(schemas.CONSOLE_OUTPUT)["os-getConsoleOutput"] or {}
        server = self._server(req, server_id, policies.CONSOLE_OUTPUT)
        output = self._servers.console_output(req.context, server, _lines(wanted.get("length")))
        return reply({"output": output.translate(_NOT_SHOWN)})

    def _act(
        self,
        req: ApiRequest,
        server_id: str,
        rule: str,
        action: str,
        parameters: dict[str, Any] | None = None,
    ) -> webob.Response:
        server = self._server(req, server_id, rule)
        self._servers.act(req.context, server, action, parameters)
        return empty(202)

    def _server(self, req: ApiRequest, server_id: str, rule: str) -> Instance:
        server = self._servers.find(req.context, server_id, anywhere=own_or_any(req))
        self._policy.check_owned(req.context, rule, server)
        return server


def _lines(length: int | str | None) -> int | None:
    """How many of the last lines; -1 and nothing mean all."""
    return None if length is None or int(length) < 0 else int(length)
