"""What the handlers of actions have in common: find the server, judge, ask the zone."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import webob

from minicloud.api.faults import named_in_body
from minicloud.api.handlers.of_server import OfServer
from minicloud.api.handlers.server_create import generated_password
from minicloud.api.policy import Policy
from minicloud.api.reply import empty
from minicloud.api.request import ApiRequest
from minicloud.errors import FlavorNotFound, ImageNotFound
from minicloud.runtime import passwords
from minicloud.zones.base import Zone


class Acting(OfServer):
    def __init__(self, zone: Zone, policy: Policy) -> None:
        super().__init__(zone, policy)
        self.acts = zone.acts

    def do(
        self,
        req: ApiRequest,
        server_id: str,
        rule: str,
        action: str,
        wish: Mapping[str, Any] | None = None,
    ) -> webob.Response:
        self.acts.act(req.context, self.server(req, server_id, rule), action, wish)
        return empty(202)

    def password(self, wanted: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        """(the password to answer, the form in which a guest is told it).

        Only its hash travels and is kept, as a guest's agent and cloud-init take it. That takes
        its time, so the server is looked for before.
        """
        chosen = wanted["adminPass"] if "adminPass" in wanted else generated_password()
        return chosen, {"password_hash": passwords.for_a_guest(chosen)}

    def image_named_in_body(self) -> AbstractContextManager[None]:
        return named_in_body(ImageNotFound, FlavorNotFound)
