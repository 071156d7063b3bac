"""POST /servers/{server_id}/action: what a server's owner asks of it, on its host."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.handlers.acting import Acting
from minicloud.api.policies import server_actions as rules
from minicloud.api.policies import servers as policies
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import server_actions as schemas
from minicloud.db.models import Instance
from minicloud.instance_states import VmState

_NOT_SHOWN = dict.fromkeys(i for i in (*range(32), 127) if chr(i) not in "\t\n\r")
_CAN_DUMP: Final = frozenset(
    {VmState.ACTIVE, VmState.PAUSED, VmState.RESCUED, VmState.RESIZED, VmState.ERROR}
)
_Handler = Callable[["ServerActions", ApiRequest, str], webob.Response]


def _plain(rule: str, action: str) -> _Handler:
    """An action that takes nothing and answers nothing."""

    @answers(202, empty=True)
    def handle(self: "ServerActions", req: ApiRequest, server_id: str) -> webob.Response:
        return self.do(req, server_id, rule, action)

    return handle


class ServerActions(Acting):
    start = _plain(policies.START, "start")
    stop = _plain(policies.STOP, "stop")
    pause = _plain(rules.PAUSE, "pause")
    unpause = _plain(rules.UNPAUSE, "unpause")
    suspend = _plain(rules.SUSPEND, "suspend")
    resume = _plain(rules.RESUME, "resume")
    unrescue = _plain(rules.UNRESCUE, "unrescue")
    shelve = _plain(rules.SHELVE, "shelve")
    shelve_offload = _plain(rules.SHELVE_OFFLOAD, "shelve_offload")
    revert_resize = _plain(policies.REVERT_RESIZE, "revert_resize")
    force_delete = _plain(rules.FORCE_DELETE, "force_delete")
    restore = _plain(rules.RESTORE, "restore")

    @answers(202, body=schemas.REBOOT, empty=True)
    def reboot(self, req: ApiRequest, server_id: str) -> webob.Response:
        kind = req.read(schemas.REBOOT)["reboot"]["type"].upper()
        action = "reboot_hard" if kind == "HARD" else "reboot"
        return self.do(req, server_id, policies.REBOOT, action)

    @answers(body=schemas.RESCUE)
    def rescue(self, req: ApiRequest, server_id: str) -> webob.Response:
        wanted = req.read(schemas.RESCUE)["rescue"] or {}
        server = self.server(req, server_id, rules.RESCUE)
        password, hashed = self.password(wanted)
        wish = {"image": wanted.get("rescue_image_ref"), **hashed}
        with self.image_named_in_body():
            self.acts.act(req.context, server, "rescue", wish)
        return reply({"adminPass": password})

    @answers(202, body=schemas.CHANGE_PASSWORD, empty=True)
    def change_password(self, req: ApiRequest, server_id: str) -> webob.Response:
        wanted = req.read(schemas.CHANGE_PASSWORD)["changePassword"]
        server = self.server(req, server_id, rules.ADMIN_PASSWORD)
        _password, hashed = self.password(wanted)
        self.acts.act(req.context, server, "change_password", hashed)
        return empty(202)

    @answers(body=schemas.CONSOLE_OUTPUT)
    def console_output(self, req: ApiRequest, server_id: str) -> webob.Response:
        wanted = req.read(schemas.CONSOLE_OUTPUT)["os-getConsoleOutput"]
        server = self.server(req, server_id, policies.CONSOLE_OUTPUT)
        output = self.servers.console_output(req.context, server, _lines(wanted.get("length")))
        return reply({"output": output.translate(_NOT_SHOWN)})

    @answers(202, body=schemas.CRASH_DUMP, empty=True, refuses=(501,))
    def trigger_crash_dump(self, req: ApiRequest, server_id: str) -> webob.Response:
        req.read(schemas.CRASH_DUMP)
        server = self.server(req, server_id, policies.CRASH_DUMP)
        if server.vm_state not in _CAN_DUMP:
            word = "trigger_crash_dump"
            raise errors.InvalidState(word, server.uuid, "vm_state", server.vm_state)
        raise errors.Unsupported("The hypervisor cannot make a guest write a crash dump.")

    @answers(202, body=schemas.LOCK, empty=True)
    def lock(self, req: ApiRequest, server_id: str) -> webob.Response:
        wanted = _object(req.read(schemas.LOCK)["lock"])
        server = self.server(req, server_id, rules.LOCK)
        self.acts.lock(req.context, server, wanted.get("locked_reason"))
        return empty(202)

    @answers(202, empty=True)
    def unlock(self, req: ApiRequest, server_id: str) -> webob.Response:
        server = self.server(req, server_id, rules.UNLOCK)

        def may(locked: Instance) -> None:
            if locked.locked_by == "admin":
                self.policy.check_owned(req.context, rules.UNLOCK_OVERRIDE, locked)

        self.acts.unlock(req.context, server, may)
        return empty(202)

    @answers(202, body=schemas.RESET_STATE, empty=True)
    def reset_state(self, req: ApiRequest, server_id: str) -> webob.Response:
        state = req.read(schemas.RESET_STATE)["os-resetState"]["state"]
        self.acts.reset_state(req.context, self.server(req, server_id, rules.RESET_STATE), state)
        return empty(202)


def _object(value: Any) -> Mapping[str, Any]:
    """Before it had a schema, anything could be said and meant nothing."""
    return value if isinstance(value, dict) else {}


def _lines(length: int | str | None) -> int | None:
    """How many of the last lines; -1 and nothing mean all."""
    return None if length is None or int(length) < 0 else int(length)
