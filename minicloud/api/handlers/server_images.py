"""POST /servers/{server_id}/action: to an image, and anew from one."""

import uuid as uuids
from typing import Any

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.handlers.acting import Acting
from minicloud.api.handlers.server_create import ADDRESS
from minicloud.api.policies import server_actions as rules
from minicloud.api.policies import servers as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import server_actions as schemas
from minicloud.api.schemas.forms import base64_text
from minicloud.api.versions import Since
from minicloud.api.views import servers as views
from minicloud.zones.base import Zone

_COLUMNS = {
    "name": "display_name",
    "metadata": "meta",
    "description": "display_description",
    "key_name": "key_name",
    "hostname": "hostname",
    "OS-DCF:diskConfig": "disk_config",
}


class ServerImages(Acting):
    def __init__(self, zone: Zone, policy: Policy) -> None:
        super().__init__(zone, policy)
        self._limits = zone.limits

    @answers(202, body=schemas.CREATE_IMAGE, empty=None)
    def create_image(self, req: ApiRequest, server_id: str) -> webob.Response:
        wanted = req.read(schemas.CREATE_IMAGE)["createImage"]
        return self._save(req, server_id, policies.CREATE_IMAGE, "create_image", wanted)

    @answers(202, body=schemas.CREATE_BACKUP, empty=None)
    def create_backup(self, req: ApiRequest, server_id: str) -> webob.Response:
        wanted = dict(req.read(schemas.CREATE_BACKUP)["createBackup"])
        wanted["rotation"] = int(wanted["rotation"])
        return self._save(req, server_id, rules.CREATE_BACKUP, "create_backup", wanted)

    @answers(202, body=schemas.REBUILD)
    def rebuild(self, req: ApiRequest, server_id: str) -> webob.Response:
        wanted = req.read(schemas.REBUILD)["rebuild"]
        server = self.server(req, server_id, policies.REBUILD)
        if wanted.get("trusted_image_certificates"):
            self.policy.check_owned(req.context, policies.REBUILD_TRUSTED_CERTS, server)
        password, hashed = self.password(wanted)
        image = wanted["imageRef"].rstrip("/").rsplit("/", 1)[-1]
        _refuse_what_is_not_there(wanted)
        wish = {"image": image, "facts": _facts(req, wanted), **hashed}
        with self.image_named_in_body():
            self.acts.act(req.context, server, "rebuild", wish)
        return self._rebuilt(req, server_id, password)

    def _rebuilt(self, req: ApiRequest, server_id: str, password: str) -> webob.Response:
        view = self.servers.show(req.context, server_id, anywhere=True)
        shape = views.Shape.of(req, self.policy)
        server = views.rebuilt(view, shape)
        headers = [("Location", req.links.to("servers", server_id))]
        return reply({"server": server | {"adminPass": password}}, 202, headers=headers)

    def _save(
        self, req: ApiRequest, server_id: str, rule: str, action: str, wanted: dict[str, Any]
    ) -> webob.Response:
        image_id = str(uuids.uuid4())
        name = wanted["name"].strip() if req.legacy else wanted["name"]
        wish = {**wanted, "name": name, "image_id": image_id}
        server = self.server(req, server_id, rule)
        if req.version < Since.IMAGE_LIMITS_GONE:
            self._check_metadata(req, wanted.get("metadata") or {})
        self.acts.act(req.context, server, action, wish)
        if req.version >= Since.IMAGE_ID_IN_BODY:
            return reply({"image_id": image_id}, 202)
        location = [("Location", f"{req.mount}/images/{image_id}"), ("Content-Length", "0")]
        return webob.Response(status=202, headerlist=location)

    def _check_metadata(self, req: ApiRequest, meta: dict[str, str]) -> None:
        most = self._limits.absolute(req.context, req.context.project_id)["metadata_items"]
        if 0 <= most < len(meta):
            raise errors.Forbidden("Image metadata limit exceeded")


def _refuse_what_is_not_there(wanted: dict[str, Any]) -> None:
    if wanted.get("personality"):
        raise errors.BadRequest("Personality files are not supported.")
    if wanted.get("trusted_image_certificates"):
        raise errors.BadRequest("Trusted image certificates are not supported.")


def _facts(req: ApiRequest, wanted: dict[str, Any]) -> dict[str, Any]:
    """The columns that change with the disk."""
    facts = {_COLUMNS[name]: value for name, value in wanted.items() if name in _COLUMNS}
    if req.legacy and "display_name" in facts:
        facts["display_name"] = facts["display_name"].strip()
    for name, column in (("accessIPv4", "access_ip_v4"), ("accessIPv6", "access_ip_v6")):
        if name in wanted:
            facts[column] = ADDRESS[name](name, wanted[name]) if wanted[name] else None
    if "user_data" in wanted:
        text = wanted["user_data"]
        facts["user_data"] = base64_text("user_data", text) if text else None
    return facts
