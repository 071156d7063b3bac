"""A body that each route and action accepts; "$key" stands for what the path says there."""

from typing import Any, Final

from tests.functional.image_rows import IMAGE
from tests.functional.microversions.world import KEY

NOBODY: Final = "99999999-0000-4000-8000-000000000009"
_DETAIL: Final = {"metadata": {"new": "value"}}

_SECRETS: Final = {"original_password": "a wrong one", "password": "another"}
_LOGIN: Final = {"user": {"name": "nobody", "domain": {"id": "default"}, "password": "wrong"}}
_OF_SERVICES: Final[dict[str, Any]] = {
    "POST /identity/v3/auth/tokens": {
        "auth": {"identity": {"methods": ["password"], "password": _LOGIN}}
    },
    "POST /identity/v3/projects": {"project": {"name": "new"}},
    "PATCH /identity/v3/projects/{id}": {"project": {"description": "d"}},
    "POST /identity/v3/users": {"user": {"name": "new"}},
    "PATCH /identity/v3/users/{id}": {"user": {"description": "d"}},
    "POST /identity/v3/users/{id}/password": {"user": _SECRETS},
    "POST /identity/v3/users/{user_id}/application_credentials": {
        "application_credential": {"name": "new"}
    },
    "POST /identity/v3/domains": {"domain": {"name": "new"}},
    "PATCH /identity/v3/domains/{id}": {"domain": {"description": "d"}},
    "POST /identity/v3/roles": {"role": {"name": "new"}},
    "PATCH /identity/v3/roles/{id}": {"role": {"description": "d"}},
    "POST /identity/v3/regions": {"region": {"id": "new"}},
    "PATCH /identity/v3/regions/{id}": {"region": {"description": "d"}},
    "POST /identity/v3/services": {"service": {"type": "new"}},
    "PATCH /identity/v3/services/{id}": {"service": {"description": "d"}},
    "POST /identity/v3/endpoints": {
        "endpoint": {"service_id": "$catalog_service", "interface": "public", "url": "http://x"}
    },
    "PATCH /identity/v3/endpoints/{id}": {"endpoint": {"url": "http://y"}},
    "POST /identity/v3/groups": {"group": {"name": "new"}},
    "POST /image/v2/images": {"name": "new"},
    "PATCH /image/v2/images/{id}": [{"op": "replace", "path": "/name", "value": "renamed"}],
    "PUT /image/v2/images/{id}/file": b"bytes",
    "POST /image/v2/images/{id}/members": {"member": "$project"},
}

BODIES: Final[dict[str, Any]] = {
    "POST /servers": {
        "server": {"name": "n", "flavorRef": "small", "imageRef": IMAGE, "networks": "auto"}
    },
    "POST /scheduling/what-if": {
        "server": {"name": "n", "flavorRef": "small", "imageRef": IMAGE, "networks": "auto"}
    },
    "PUT /servers/{server_id}": {"server": {"name": "renamed"}},
    "POST /servers/{server_id}/metadata": _DETAIL,
    "PUT /servers/{server_id}/metadata": _DETAIL,
    "PUT /servers/{server_id}/metadata/{key}": {"meta": {"$key": "v"}},
    "PUT /servers/{server_id}/tags": {"tags": ["new"]},
    "POST /servers/{server_id}/remote-consoles": {
        "remote_console": {"protocol": "vnc", "type": "novnc"}
    },
    "PUT /servers/{server_id}/tags/{tag}": None,
    "POST /os-keypairs": {"keypair": {"name": "new", "type": "ssh", "public_key": KEY}},
    "POST /os-server-groups": {"server_group": {"name": "new", "policy": "affinity"}},
    "POST /images/{image_id}/metadata": _DETAIL,
    "PUT /images/{image_id}/metadata": _DETAIL,
    "PUT /images/{image_id}/metadata/{key}": {"meta": {"$key": "v"}},
    "PUT /os-quota-sets/{project_id}": {"quota_set": {"cores": 99}},
    "PUT /os-quota-class-sets/{name}": {"quota_class_set": {"cores": 99}},
    "POST /flavors": {"flavor": {"name": "n", "id": "n", "ram": 1, "vcpus": 1, "disk": 1}},
    "PUT /flavors/{flavor_id}": {"flavor": {"description": "d"}},
    "POST /flavors/{flavor_id}/os-extra_specs": {"extra_specs": {"new": "v"}},
    "PUT /flavors/{flavor_id}/os-extra_specs/{key}": {"$key": "v"},
    "POST /os-server-external-events": {
        "events": [{"name": "network-changed", "server_uuid": "$server", "tag": NOBODY}]
    },
    **_OF_SERVICES,
    "POST /os-aggregates": {"aggregate": {"name": "n"}},
    "PUT /os-aggregates/{aggregate_id}": {"aggregate": {"name": "n"}},
    "POST /os-aggregates/{aggregate_id}/images": {"cache": [{"id": IMAGE}]},
    "PUT /os-hosts/{host_name}": {"status": "disable"},
    "PUT /os-services/{service_id}": {"status": "enabled"},
    "PUT /os-services/{service_id} to 2.52": {"host": "node1", "binary": "nova-compute"},
    "add_host": {"host": "node4"},
    "remove_host": {"host": "node4"},
    "set_metadata": {"metadata": {"a": "b"}},
    "addTenantAccess": {"tenant": "0" * 32},
    "removeTenantAccess": {"tenant": "$project"},
    "reboot": {"type": "HARD"},
    "resize": {"flavorRef": "large"},
    "rebuild": {"imageRef": IMAGE},
    "createImage": {"name": "n"},
    "createBackup": {"name": "n", "backup_type": "daily", "rotation": 1},
    "changePassword": {"adminPass": "a secret"},
    "os-migrateLive": {"host": None, "block_migration": "auto"},
    "evacuate": {},
    "os-resetState": {"state": "active"},
    "os-getConsoleOutput": {},
    "os-getVNCConsole": {"type": "novnc"},
    "os-getSPICEConsole": {"type": "spice-html5"},
    "os-getSerialConsole": {"type": "serial"},
    "addSecurityGroup": {"name": "g"},
    "removeSecurityGroup": {"name": "g"},
    "addFixedIp": {"networkId": NOBODY},
    "removeFixedIp": {"address": "10.99.99.9"},
    "addFloatingIp": {"address": "10.99.99.9"},
    "removeFloatingIp": {"address": "10.99.99.9"},
}
