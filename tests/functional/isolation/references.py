"""Things that are named not in a path but in a body or a query, and what naming them brings.

`own`: the answer when it is a thing of the caller's own project, and `strange`: when it is
another's or none. `who` asks, a member if nobody is named. A word after "$" is the kind of that
thing (things.py), one after "@" of a thing of the caller's own that is named besides.
"""

from dataclasses import dataclass
from typing import Any, Final

from tests.functional.image_rows import IMAGE


@dataclass(frozen=True)
class Reference:
    verb: str
    path: str
    own: int
    strange: int
    body: Any = None
    version: int = 104
    who: str = "member"

    def __str__(self) -> str:
        return f"{self.verb} {self.path} {self.body or ''} at 2.{self.version} by {self.who}"


_OF_QUERY: Final = """
# verb and path                                                     own  strange  version  who
GET /servers?marker=$server                                         200  400  1
GET /servers?marker=$server                                         200  400  104
GET /servers/detail?marker=$server                                  200  400  104
GET /servers?all_tenants=1&project_id=$project                      403  403  104
GET /servers/detail?all_tenants=1&tenant_id=$project                403  403  1
GET /servers?project_id=$project                                    200  200  1
GET /servers/detail?tenant_id=$project                              200  200  1
GET /servers/detail?user_id=$user                                   200  200  104
GET /servers/detail?uuid=$server                                    200  200  1
GET /servers/detail?image=$image                                    200  200  104
GET /servers/detail?flavor=$flavor                                  200  200  104
GET /servers/detail?key_name=$keypair                               200  200  104
GET /servers/detail?tags=$tag                                       200  200  104
GET /servers/detail?not-tags=$tag                                   200  200  104
GET /servers/detail?reservation_id=$reservation                     200  200  104
GET /servers/detail?ip=^$address$                                    200  200  104
GET /servers/detail?name=$server_name                               200  200  104
GET /servers/detail?changes-since=2020-01-01T00:00:00Z&name=$server_name  200  200  104
GET /servers?deleted=1&name=$server_name                            200  200  1
GET /servers/@server/os-instance-actions?marker=$request            200  400  104
GET /os-keypairs?user_id=$user                                      200  403  104
GET /os-keypairs?marker=$keypair                                    200  400  104
GET /os-keypairs/$keypair?user_id=$user                             200  403  104
DELETE /os-keypairs/$keypair?user_id=$user                          204  403  104
GET /os-server-groups?all_projects=$project                         403  403  104
GET /images?marker=$image                                           200  400  1
GET /images/detail?name=$image_name                                 200  200  1
GET /images/detail?server=$server                                   200  200  1
GET /images/detail?property-$property=v                             200  200  1
GET /flavors?marker=$flavor                                         200  400  104
GET /flavors/detail?name=$flavor                                    200  200  104
GET /flavors/detail?is_public=None&name=$flavor                     200  200  104
GET /limits?tenant_id=$project                                      200  403  104
GET /os-quota-sets/@project?user_id=$user                           200  200  104
GET /os-quota-sets/@project/detail?user_id=$user                    200  200  104
GET /os-simple-tenant-usage/@project?start=2020-01-01T00:00:00&marker=$server  200  400  104
GET /os-migrations?instance_uuid=$server                            403  403  104
GET /os-migrations?project_id=$project                              403  403  104
GET /os-migrations?project_id=$project                              200  403  104  manager
GET /os-migrations?project_id=@project&marker=$migration_uuid       200  400  104  manager
GET /os-migrations?project_id=@project&instance_uuid=$moving        200  200  104  manager
GET /os-migrations?project_id=@project&user_id=$user                200  200  104  manager
GET /servers/@moving/migrations/$migration                          403  403  104  manager
DELETE /servers/@moving/migrations/$migration                       202  404  104  manager
GET /identity/v3/role_assignments?user.id=$user                     200  403  1
GET /identity/v3/role_assignments?scope.project.id=$project         403  403  1
GET /identity/v3/projects?name=$project_name                        403  403  1
GET /image/v2/images?marker=$image                                  200  400  1
GET /image/v2/images?owner=$project                                 200  200  1
GET /image/v2/images?name=$image_name                               200  200  1
GET /image/v2/images?tag=$tag                                       200  200  1
GET /image/v2/images?id=$image                                      200  200  1
GET /image/v2/images?sort_key=owner&visibility=private&marker=$image  200  400  1
GET /os-hypervisors/$server/servers                                 403  403  1
"""

_NEW: Final = {"name": "n", "flavorRef": "small", "imageRef": IMAGE, "networks": "auto"}


def _server(**fields: Any) -> dict[str, Any]:
    return {"server": {**_NEW, **fields}}


def _hinted(**hints: Any) -> dict[str, Any]:
    return {**_server(), "os:scheduler_hints": hints}


_DEVICE: Final = {"boot_index": 0, "destination_type": "local"}
_LOGIN: Final = {"methods": ["token"], "token": {"id": "@own_token"}}


def _scoped(**project: Any) -> dict[str, Any]:
    return {"auth": {"identity": _LOGIN, "scope": {"project": project}}}


_TOKENS: Final = "/identity/v3/auth/tokens"
_CREDENTIALS: Final = "/identity/v3/users/@user/application_credentials"
_ACT: Final = "/servers/@server/action"
_OF_BODY: Final = (
    Reference("POST", "/servers", 202, 400, _server(imageRef="$image")),
    Reference("POST", "/servers", 202, 400, _server(flavorRef="$flavor")),
    Reference("POST", "/servers", 202, 400, _server(key_name="$keypair")),
    Reference("POST", "/servers", 202, 400, _hinted(group="$group")),
    Reference("POST", "/servers", 202, 202, _hinted(same_host="$server")),
    Reference("POST", "/servers", 202, 202, _hinted(different_host=["$server"])),
    Reference("POST", "/servers", 400, 400, _server(networks=[{"port": "$port"}])),
    Reference(
        "POST",
        "/servers",
        202,
        400,
        _server(
            imageRef="",
            block_device_mapping_v2=[{"source_type": "image", "uuid": "$image", **_DEVICE}],
        ),
    ),
    Reference("POST", "/servers", 403, 403, _server(host="$server")),
    Reference("POST", _TOKENS, 201, 401, _scoped(id="$project")),
    Reference("POST", _TOKENS, 201, 401, _scoped(name="$project_name", domain={"id": "default"})),
    Reference(
        "POST",
        _CREDENTIALS,
        201,
        403,
        {"application_credential": {"name": "n", "project_id": "$project"}},
    ),
    Reference("POST", "/image/v2/images", 201, 403, {"name": "n", "owner": "$project"}),
    Reference("POST", "/servers", 403, 403, _server(availability_zone="nova:$server")),
    Reference("POST", _ACT, 202, 400, {"rebuild": {"imageRef": "$image"}}),
    Reference("POST", _ACT, 202, 400, {"rebuild": {"imageRef": IMAGE, "key_name": "$keypair"}}),
    Reference("POST", _ACT, 202, 400, {"resize": {"flavorRef": "$flavor"}}),
    Reference("POST", _ACT, 200, 400, {"rescue": {"rescue_image_ref": "$image"}}),
    Reference("POST", _ACT, 501, 501, {"addSecurityGroup": {"name": "$group"}}),
    Reference(
        "POST",
        "/servers/@server/os-interface",
        501,
        501,
        {"interfaceAttachment": {"port_id": "$port"}},
    ),
)


def _read(line: str) -> Reference:
    verb, path, own, strange, version, *who = line.split()
    asker = who[0] if who else "member"
    return Reference(verb, path, int(own), int(strange), None, int(version), asker)


REFERENCES: Final = (
    *(_read(line) for line in _OF_QUERY.strip().splitlines() if not line.startswith("#")),
    *_OF_BODY,
)
