"""POST /servers/{server_id}/action: to another flavor, to another host."""

from typing import Any

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.faults import named_in_body
from minicloud.api.handlers.acting import Acting
from minicloud.api.policies import server_actions as rules
from minicloud.api.policies import servers as policies
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import server_actions as schemas
from minicloud.api.schemas.fields import is_true
from minicloud.api.versions import Since
from minicloud.db import rows
from minicloud.instance_states import VmState


class ServerMoves(Acting):
    @answers(202, body=schemas.RESIZE, empty=True)
    def resize(self, req: ApiRequest, server_id: str) -> webob.Response:
        wanted = req.read(schemas.RESIZE)["resize"]
        flavor = str(wanted["flavorRef"]).rstrip("/").rsplit("/", 1)[-1]
        wish = {"flavor": flavor, "disk_config": wanted.get("OS-DCF:diskConfig")}
        with named_in_body(errors.FlavorNotFound):
            return self.do(req, server_id, policies.RESIZE, "resize", wish)

    @answers(204)
    def confirm_resize(self, req: ApiRequest, server_id: str) -> webob.Response:
        self.do(req, server_id, policies.CONFIRM_RESIZE, "confirm_resize")
        return empty(204)

    @answers(202, body=schemas.MIGRATE, empty=True)
    def migrate(self, req: ApiRequest, server_id: str) -> webob.Response:
        wanted = req.read(schemas.MIGRATE)["migrate"]
        host = wanted.get("host") if isinstance(wanted, dict) else None
        server = self.server(req, server_id, rules.MIGRATE)
        if host and req.version >= Since.MIGRATE_TO_HOST:
            self.policy.check_owned(req.context, rules.MIGRATE_TO_HOST, server)
        else:
            host = None
        self.acts.act(req.context, server, "migrate", {"host": host})
        return empty(202)

    @answers(202, body=schemas.MIGRATE_LIVE, empty=True)
    def migrate_live(self, req: ApiRequest, server_id: str) -> webob.Response:
        wanted = req.read(schemas.MIGRATE_LIVE)["os-migrateLive"]
        unchecked = req.version < Since.LIVE_MIGRATION_CHECKED
        server = self.server(req, server_id, rules.MIGRATE_LIVE)
        if wanted["host"]:
            self.policy.check_owned(req.context, rules.MIGRATE_LIVE_TO_HOST, server)
        self.acts.act(req.context, server, "live_migrate", _to(wanted, unchecked=unchecked))
        return empty(202)

    @answers(body=schemas.EVACUATE, empty=None)
    def evacuate(self, req: ApiRequest, server_id: str) -> webob.Response:
        wanted = req.read(schemas.EVACUATE)["evacuate"]
        server = self.server(req, server_id, rules.EVACUATE)
        password, hashed = self.password(wanted)
        wish = {
            **_to(wanted, unchecked=req.version < Since.EVACUATION_CHECKED),
            **hashed,
            "stay_off": req.version >= Since.EVACUATED_STAY_OFF,
        }
        self.acts.act(req.context, server, "evacuate", wish)
        return reply({"adminPass": password}) if req.version < Since.EVACUATE_PLAIN else empty(200)

    @answers(202, body=schemas.UNSHELVE, empty=True)
    def unshelve(self, req: ApiRequest, server_id: str) -> webob.Response:
        wanted = req.read(schemas.UNSHELVE)["unshelve"]
        server = self.server(req, server_id, rules.UNSHELVE)
        wish: dict[str, Any] = {}
        if isinstance(wanted, dict) and req.version >= Since.UNSHELVE_TO_ZONE:
            wish = {k: wanted[k] for k in ("availability_zone", "host") if k in wanted}
        if "host" in wish:
            self.policy.check_owned(req.context, rules.UNSHELVE_TO_HOST, server)
        here = server.vm_state == VmState.SHELVED
        self.acts.act(req.context, server, "unshelve_here" if here else "unshelve", wish)
        return empty(202)

    @answers(202, empty=True)
    def abort(self, req: ApiRequest, server_id: str, migration_id: str) -> webob.Response:
        server = self.server(req, server_id, rules.ABORT_MIGRATION)
        ref = _number(migration_id, server.uuid)
        self.acts.abort_migration(req.context, server, ref)
        return empty(202)

    @answers(202, empty=True)
    def force_complete(self, req: ApiRequest, server_id: str, migration_id: str) -> webob.Response:
        server = self.server(req, server_id, rules.FORCE_COMPLETE)
        ref = _number(migration_id, server.uuid)
        self.acts.force_complete_migration(req.context, server, ref)
        return empty(202)


def _to(wanted: dict[str, Any], *, unchecked: bool) -> dict[str, Any]:
    """The host that is asked for; `unchecked`: in this version it was taken as it was given."""
    return {"host": wanted.get("host"), "force": unchecked or is_true(wanted.get("force"))}


def _number(migration_id: str, uuid: str) -> int:
    number = rows.number(migration_id)
    if number is None:
        raise errors.MigrationNotFound(migration_id, uuid)
    return number
