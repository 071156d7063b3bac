"""Which roles imply which: shown as Keystone shows it, and as its bootstrap makes it."""

from typing import Any

import webob

from minicloud.db import rows
from minicloud.db.models import Role
from minicloud.db.roles import IMPLIES
from minicloud.errors import NotFound, Unsupported
from minicloud.identity.collection import collection_view, self_link
from minicloud.identity.parts import Parts
from minicloud.runtime.wsgi import Call, Route, done, shown

_MANY = "/v3/roles/{prior_id}/implies"
_ONE = _MANY + "/{implied_id}"


class ImpliedRoles:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/v3/role_inferences", self.all),
            Route("GET", _MANY, self.list),
            Route("GET", _ONE, self.show),
            Route("HEAD", _ONE, self.has),
            Route("PUT", _ONE, self.fixed),
            Route("DELETE", _ONE, self.fixed),
        ]

    def all(self, call: Call) -> webob.Response:
        self._parts.admin(call)
        known = self._roles()
        pairs = [(known[a], known[b]) for a, b in IMPLIES.items() if a in known and b in known]
        listed = [
            {"prior_role": _view(call, prior), "implies": [_view(call, role)]}
            for prior, role in pairs
        ]
        return shown(collection_view(call, "role_inferences", listed))

    def list(self, call: Call) -> webob.Response:
        prior, below = self._pair(call)
        implies = [_view(call, below)] if below else []
        return shown({"role_inference": {"prior_role": _view(call, prior), "implies": implies}})

    def show(self, call: Call) -> webob.Response:
        prior, below = self._pair(call)
        return shown(
            {
                "role_inference": {
                    "prior_role": _view(call, prior),
                    "implies": _view(call, self._named(call, below)),
                }
            }
        )

    def has(self, call: Call) -> webob.Response:
        self._named(call, self._pair(call)[1])
        return done()

    def fixed(self, call: Call) -> webob.Response:
        self._parts.admin(call)
        raise Unsupported(
            "Which roles imply others is fixed here: admin manager, manager member, member reader."
        )

    def _roles(self) -> dict[str, Role]:
        found = self._parts.database.read(lambda db: rows.listed(db, Role, {}))
        return {role.name: role for role in found}

    def _pair(self, call: Call) -> tuple[Role, Role | None]:
        """The role that is asked about, and the one that it implies."""
        self._parts.admin(call)
        known = self._roles()
        for role in known.values():
            if role.id == call.path["prior_id"]:
                return role, known.get(IMPLIES.get(role.name, ""))
        raise NotFound(f"Could not find role: {call.path['prior_id'][:255]}.")

    def _named(self, call: Call, below: Role | None) -> Role:
        if below is None or below.id != call.path["implied_id"]:
            raise NotFound("Could not find that implied role.")
        return below


def _view(call: Call, role: Role) -> dict[str, Any]:
    return {"id": role.id, "name": role.name, "links": self_link(call, "roles", role.id)}
