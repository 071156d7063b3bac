"""Rules of what other services have in Nova's name: networks, volumes, bare metal, images."""

from typing import Final

from minicloud.api.policies.base import (
    ADMIN,
    ANYONE,
    MEMBER_OR_ADMIN,
    READER_OR_ADMIN,
    SERVICE_OR_ADMIN,
    rule,
)

_OS: Final = "os_compute_api:os-"
NETWORKS_LIST: Final = _OS + "networks:list"
NETWORKS_SHOW: Final = _OS + "networks:show"
TENANT_NETWORKS_LIST: Final = _OS + "tenant-networks:list"
TENANT_NETWORKS_SHOW: Final = _OS + "tenant-networks:show"
POOLS: Final = _OS + "floating-ip-pools"
FLOATING_LIST: Final = _OS + "floating-ips:list"
FLOATING_SHOW: Final = _OS + "floating-ips:show"
FLOATING_CREATE: Final = _OS + "floating-ips:create"
FLOATING_DELETE: Final = _OS + "floating-ips:delete"
FLOATING_ADD: Final = _OS + "floating-ips:add"
FLOATING_REMOVE: Final = _OS + "floating-ips:remove"
FIXED_ADD: Final = _OS + "multinic:add"
FIXED_REMOVE: Final = _OS + "multinic:remove"
GROUPS_LIST: Final = _OS + "security-groups:get"
GROUPS_SHOW: Final = _OS + "security-groups:show"
GROUPS_CREATE: Final = _OS + "security-groups:create"
GROUPS_UPDATE: Final = _OS + "security-groups:update"
GROUPS_DELETE: Final = _OS + "security-groups:delete"
GROUPS_ADD: Final = _OS + "security-groups:add"
GROUPS_REMOVE: Final = _OS + "security-groups:remove"
RULES_CREATE: Final = _OS + "security-groups:rule:create"
RULES_DELETE: Final = _OS + "security-groups:rule:delete"
VOLUMES_LIST: Final = _OS + "volumes:list"
VOLUMES_DETAIL: Final = _OS + "volumes:detail"
VOLUMES_SHOW: Final = _OS + "volumes:show"
VOLUMES_CREATE: Final = _OS + "volumes:create"
VOLUMES_DELETE: Final = _OS + "volumes:delete"
SNAPSHOTS_LIST: Final = _OS + "volumes:snapshots:list"
SNAPSHOTS_DETAIL: Final = _OS + "volumes:snapshots:detail"
SNAPSHOTS_SHOW: Final = _OS + "volumes:snapshots:show"
SNAPSHOTS_CREATE: Final = _OS + "volumes:snapshots:create"
SNAPSHOTS_DELETE: Final = _OS + "volumes:snapshots:delete"
ASSISTED_CREATE: Final = _OS + "assisted-volume-snapshots:create"
ASSISTED_DELETE: Final = _OS + "assisted-volume-snapshots:delete"
NODES_LIST: Final = _OS + "baremetal-nodes:list"
NODES_SHOW: Final = _OS + "baremetal-nodes:show"
INJECT: Final = _OS + "admin-actions:inject_network_info"
IMAGES_READ: Final = "minicloud:images:read"
IMAGES_WRITE: Final = "minicloud:images:write"

_ACTION: Final = "POST /servers/{server_id}/action"
_GROUPS: Final = "/os-security-groups"

RULES: Final = [
    rule(NETWORKS_LIST, READER_OR_ADMIN, "List networks.", "GET /os-networks"),
    rule(NETWORKS_SHOW, READER_OR_ADMIN, "Show a network.", "GET /os-networks/{id}"),
    rule(TENANT_NETWORKS_LIST, READER_OR_ADMIN, "List networks.", "GET /os-tenant-networks"),
    rule(TENANT_NETWORKS_SHOW, READER_OR_ADMIN, "Show one.", "GET /os-tenant-networks/{id}"),
    rule(POOLS, ANYONE, "List pools of floating addresses.", "GET /os-floating-ip-pools"),
    rule(FLOATING_LIST, READER_OR_ADMIN, "List floating addresses.", "GET /os-floating-ips"),
    rule(FLOATING_SHOW, READER_OR_ADMIN, "Show one.", "GET /os-floating-ips/{id}"),
    rule(FLOATING_CREATE, MEMBER_OR_ADMIN, "Allocate one.", "POST /os-floating-ips"),
    rule(FLOATING_DELETE, MEMBER_OR_ADMIN, "Release one.", "DELETE /os-floating-ips/{id}"),
    rule(
        FLOATING_ADD,
        MEMBER_OR_ADMIN,
        "Give a server a floating address.",
        f"{_ACTION} (addFloatingIp)",
    ),
    rule(
        FLOATING_REMOVE,
        MEMBER_OR_ADMIN,
        "Take a server's floating address.",
        f"{_ACTION} (removeFloatingIp)",
    ),
    rule(FIXED_ADD, MEMBER_OR_ADMIN, "Give a server a fixed address.", f"{_ACTION} (addFixedIp)"),
    rule(
        FIXED_REMOVE,
        MEMBER_OR_ADMIN,
        "Take a server's fixed address.",
        f"{_ACTION} (removeFixedIp)",
    ),
    rule(GROUPS_LIST, READER_OR_ADMIN, "List security groups.", f"GET {_GROUPS}"),
    rule(GROUPS_SHOW, READER_OR_ADMIN, "Show one.", f"GET {_GROUPS}/{{id}}"),
    rule(GROUPS_CREATE, MEMBER_OR_ADMIN, "Make one.", f"POST {_GROUPS}"),
    rule(GROUPS_UPDATE, MEMBER_OR_ADMIN, "Change one.", f"PUT {_GROUPS}/{{id}}"),
    rule(GROUPS_DELETE, MEMBER_OR_ADMIN, "Delete one.", f"DELETE {_GROUPS}/{{id}}"),
    rule(
        GROUPS_ADD,
        MEMBER_OR_ADMIN,
        "Put a server into a security group.",
        f"{_ACTION} (addSecurityGroup)",
    ),
    rule(
        GROUPS_REMOVE,
        MEMBER_OR_ADMIN,
        "Take a server out of a security group.",
        f"{_ACTION} (removeSecurityGroup)",
    ),
    rule(RULES_CREATE, MEMBER_OR_ADMIN, "Make a rule.", "POST /os-security-group-rules"),
    rule(RULES_DELETE, MEMBER_OR_ADMIN, "Delete it.", "DELETE /os-security-group-rules/{id}"),
    rule(VOLUMES_LIST, READER_OR_ADMIN, "List volumes.", "GET /os-volumes"),
    rule(VOLUMES_DETAIL, READER_OR_ADMIN, "List them in detail.", "GET /os-volumes/detail"),
    rule(VOLUMES_SHOW, READER_OR_ADMIN, "Show a volume.", "GET /os-volumes/{id}"),
    rule(VOLUMES_CREATE, MEMBER_OR_ADMIN, "Make a volume.", "POST /os-volumes"),
    rule(VOLUMES_DELETE, MEMBER_OR_ADMIN, "Delete a volume.", "DELETE /os-volumes/{id}"),
    rule(SNAPSHOTS_LIST, READER_OR_ADMIN, "List snapshots of volumes.", "GET /os-snapshots"),
    rule(SNAPSHOTS_DETAIL, READER_OR_ADMIN, "List them in detail.", "GET /os-snapshots/detail"),
    rule(SNAPSHOTS_SHOW, READER_OR_ADMIN, "Show one.", "GET /os-snapshots/{id}"),
    rule(SNAPSHOTS_CREATE, MEMBER_OR_ADMIN, "Make one.", "POST /os-snapshots"),
    rule(SNAPSHOTS_DELETE, MEMBER_OR_ADMIN, "Delete one.", "DELETE /os-snapshots/{id}"),
    rule(
        ASSISTED_CREATE,
        SERVICE_OR_ADMIN,
        "Make one on a host.",
        "POST /os-assisted-volume-snapshots",
    ),
    rule(
        ASSISTED_DELETE,
        SERVICE_OR_ADMIN,
        "Delete it.",
        "DELETE /os-assisted-volume-snapshots/{id}",
    ),
    rule(NODES_LIST, ADMIN, "List bare metal nodes.", "GET /os-baremetal-nodes"),
    rule(NODES_SHOW, ADMIN, "Show a bare metal node.", "GET /os-baremetal-nodes/{id}"),
    rule(INJECT, ADMIN, "Tell a server its addresses.", f"{_ACTION} (injectNetworkInfo)"),
    rule(IMAGES_READ, READER_OR_ADMIN, "Read images.", "GET /images", "GET /images/{id}"),
    rule(
        IMAGES_WRITE,
        MEMBER_OR_ADMIN,
        "Delete images and write their metadata.",
        "DELETE /images/{id}",
        "PUT /images/{id}/metadata",
    ),
]
