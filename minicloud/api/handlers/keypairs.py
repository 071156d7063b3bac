"""/os-keypairs"""

import re
from typing import Final

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.policies import keypairs as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import keypairs as schemas
from minicloud.api.versions import Since
from minicloud.api.views import keypairs as views
from minicloud.zones.base import Zone
from minicloud.zones.key_pairs import SSH, NewKeyPair

_SAFE_NAME: Final = re.compile(r"[a-zA-Z0-9 _-]+")


class Keypairs:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._key_pairs, self._policy = zone.key_pairs, policy

    @answers(query=schemas.LIST)
    def index(self, req: ApiRequest) -> webob.Response:
        asked = req.query(schemas.LIST)
        user_id = self._owner(req, policies.INDEX, asked.get("user_id"))
        page = req.page(asked)
        paged = req.version >= Since.KEY_PAIR_PAGING
        found = self._key_pairs.list(
            req.context, user_id, page.limit if paged else None, page.marker
        )
        shown = [{"keypair": views.brief(row, req.version)} for row in found]
        names = [row.name for row in found] if paged else []
        return reply({"keypairs": shown, **req.next_links("keypairs", page, names)})

    @answers(200, later={Since.KEY_PAIR_TYPE: 201}, body=schemas.CREATE, room="check_room")
    def create(self, req: ApiRequest) -> webob.Response:
        user_id, new = self._new(req)
        made = self._key_pairs.create(req.context, user_id, new)
        status = 201 if req.version >= Since.KEY_PAIR_TYPE else 200
        return reply({"keypair": views.created(made, req.version)}, status)

    def check_room(self, req: ApiRequest) -> None:
        user_id, _new = self._new(req)
        self._key_pairs.check_room(req.context, user_id)

    @answers(query=schemas.ONE)
    def show(self, req: ApiRequest, keypair_name: str) -> webob.Response:
        user_id = self._owner(req, policies.SHOW, req.query(schemas.ONE).get("user_id"))
        row = self._key_pairs.show(req.context, user_id, keypair_name)
        return reply({"keypair": views.detail(row, req.version)})

    @answers(202, later={Since.KEY_PAIR_TYPE: 204}, query=schemas.ONE, empty=True)
    def delete(self, req: ApiRequest, keypair_name: str) -> webob.Response:
        user_id = self._owner(req, policies.DELETE, req.query(schemas.ONE).get("user_id"))
        self._key_pairs.delete(req.context, user_id, keypair_name)
        return empty(204 if req.version >= Since.KEY_PAIR_TYPE else 202)

    def _new(self, req: ApiRequest) -> tuple[str, NewKeyPair]:
        """Whose it is to be, and what."""
        wanted = req.read(schemas.CREATE)["keypair"]
        user_id = self._owner(req, policies.CREATE, wanted.get("user_id"))
        name = _name(req, wanted["name"])
        return user_id, NewKeyPair(name, wanted.get("type", SSH), wanted.get("public_key"))

    def _owner(self, req: ApiRequest, rule: str, named: str | None) -> str:
        """Whose key pairs are meant, if the caller may."""
        user_id = named or req.context.user_id
        self._policy.check(
            req.context, rule, {"user_id": user_id, "project_id": req.context.project_id}
        )
        return user_id


def _name(req: ApiRequest, text: str) -> str:
    name = text.strip()
    if req.version < Since.KEY_PAIRS_IMPORTED and not _SAFE_NAME.fullmatch(name):
        raise errors.InvalidKeyPair("Keypair name contains unsafe characters")
    return name
