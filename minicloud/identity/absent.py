"""What nobody has here: groups, trusts, roles elsewhere than on projects."""

import webob

from minicloud.errors import NotFound, Unsupported
from minicloud.identity.collection import collection_view
from minicloud.identity.parts import Parts
from minicloud.runtime.wsgi import Call, Route, shown

_HOLDERS = ("users/{user_id}", "groups/{group_id}")
_PLACES = ("domains/{domain_id}", "system")
_OF_GROUPS = "/v3/projects/{project_id}/groups/{group_id}/roles"

_EMPTY = {  # address -> the key of its list
    "/v3/credentials": "credentials",
    "/v3/policies": "policies",
    "/v3/limits": "limits",
    "/v3/registered_limits": "registered_limits",
    "/v3/OS-TRUST/trusts": "trusts",
}


class Absent:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> list[Route]:
        one, member = "/v3/groups/{id}", "/v3/groups/{id}/users/{user_id}"
        return [
            Route("GET", "/v3/groups", self.none),
            Route("POST", "/v3/groups", self.not_made),
            Route("GET", "/v3/users/{user_id}/groups", self.of_user),
            *(Route(verb, one, self.missing) for verb in ("GET", "PATCH", "DELETE")),
            Route("GET", one + "/users", self.missing),
            *(Route(verb, member, self.missing) for verb in ("PUT", "GET", "HEAD", "DELETE")),
            *(Route("GET", path, self.empty) for path in _EMPTY),
            *self._roles(_OF_GROUPS),
            *(
                route
                for place in _PLACES
                for holder in _HOLDERS
                for route in self._roles(f"/v3/{place}/{holder}/roles")
            ),
        ]

    def _roles(self, path: str) -> list[Route]:
        one = path + "/{role_id}"
        return [
            Route("GET", path, self.no_roles),
            Route("PUT", one, self.not_given),
            *(Route(verb, one, self.missing) for verb in ("GET", "HEAD", "DELETE")),
        ]

    def none(self, call: Call) -> webob.Response:
        self._parts.admin(call)
        return shown(collection_view(call, "groups", []))

    def empty(self, call: Call) -> webob.Response:
        self._parts.admin(call)
        nouns = _EMPTY[call.http.path_info.rstrip("/")]
        return shown(collection_view(call, nouns, []))

    def of_user(self, call: Call) -> webob.Response:
        self._parts.admin_or(call, call.path["user_id"])
        return shown(collection_view(call, "groups", []))

    def not_made(self, call: Call) -> webob.Response:
        self._parts.admin(call)
        raise Unsupported("There are no groups here: give roles to users.")

    def missing(self, call: Call) -> webob.Response:
        self._parts.admin(call)
        if "id" in call.path:
            raise NotFound(f"Could not find group: {call.path['id'][:255]}.")
        raise NotFound("Could not find that assignment: roles are given to users on projects.")

    def no_roles(self, call: Call) -> webob.Response:
        self._parts.admin(call)
        return shown(collection_view(call, "roles", []))

    def not_given(self, call: Call) -> webob.Response:
        self._parts.admin(call)
        raise Unsupported("Roles are given to users on projects, and nowhere else.")
