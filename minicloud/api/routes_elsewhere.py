"""The URLs of what is not here: proxies of other services, and what Nova has given up."""

from typing import Final

from minicloud.api.policies import elsewhere as p
from minicloud.api.policies import extensions
from minicloud.api.policies import server_attachments as attachments
from minicloud.api.row import Row

_S: Final = "/servers/{server_id}"
_PROXIES: Final = 35  # the last version of most of them


def _old(verb: str, path: str, noun: str, method: str, rule: str) -> Row:
    return Row(verb, path, noun, method, rule, until=_PROXIES)


NETWORKS: Final = (
    _old("GET", "/os-networks", "networks", "index", p.NETWORKS_LIST),
    _old("GET", "/os-networks/{ref}", "networks", "show", p.NETWORKS_SHOW),
    _old("GET", "/os-tenant-networks", "tenant_networks", "index", p.TENANT_NETWORKS_LIST),
    _old("GET", "/os-tenant-networks/{ref}", "tenant_networks", "show", p.TENANT_NETWORKS_SHOW),
    _old("GET", "/os-floating-ip-pools", "floating_ip_pools", "index", p.POOLS),
    _old("GET", "/os-floating-ips", "floating_ips", "index", p.FLOATING_LIST),
    _old("POST", "/os-floating-ips", "floating_ips", "create", p.FLOATING_CREATE),
    _old("GET", "/os-floating-ips/{ref}", "floating_ips", "show", p.FLOATING_SHOW),
    _old("DELETE", "/os-floating-ips/{ref}", "floating_ips", "delete", p.FLOATING_DELETE),
    _old("GET", "/os-security-groups", "security_groups", "index", p.GROUPS_LIST),
    _old("POST", "/os-security-groups", "security_groups", "create", p.GROUPS_CREATE),
    _old("GET", "/os-security-groups/{ref}", "security_groups", "show", p.GROUPS_SHOW),
    _old("PUT", "/os-security-groups/{ref}", "security_groups", "update", p.GROUPS_UPDATE),
    _old("DELETE", "/os-security-groups/{ref}", "security_groups", "delete", p.GROUPS_DELETE),
    _old("POST", "/os-security-group-rules", "security_group_rules", "create", p.RULES_CREATE),
    _old(
        "DELETE",
        "/os-security-group-rules/{ref}",
        "security_group_rules",
        "delete",
        p.RULES_DELETE,
    ),
)

_ASSISTED: Final = "/os-assisted-volume-snapshots"

VOLUMES: Final = (
    _old("GET", "/os-volumes", "volumes", "index", p.VOLUMES_LIST),
    _old("POST", "/os-volumes", "volumes", "create", p.VOLUMES_CREATE),
    _old("GET", "/os-volumes/detail", "volumes", "index", p.VOLUMES_DETAIL),
    _old("GET", "/os-volumes/{ref}", "volumes", "show", p.VOLUMES_SHOW),
    _old("DELETE", "/os-volumes/{ref}", "volumes", "delete", p.VOLUMES_DELETE),
    _old("GET", "/os-snapshots", "snapshots", "index", p.SNAPSHOTS_LIST),
    _old("POST", "/os-snapshots", "snapshots", "create", p.SNAPSHOTS_CREATE),
    _old("GET", "/os-snapshots/detail", "snapshots", "index", p.SNAPSHOTS_DETAIL),
    _old("GET", "/os-snapshots/{ref}", "snapshots", "show", p.SNAPSHOTS_SHOW),
    _old("DELETE", "/os-snapshots/{ref}", "snapshots", "delete", p.SNAPSHOTS_DELETE),
    Row("POST", _ASSISTED, "snapshots", "create", p.ASSISTED_CREATE),
    Row("DELETE", _ASSISTED + "/{ref}", "snapshots", "delete", p.ASSISTED_DELETE),
)

_NODES: Final = "/os-baremetal-nodes"

BARE_METAL: Final = (
    _old("GET", _NODES, "baremetal_nodes", "index", p.NODES_LIST),
    _old("POST", _NODES, "baremetal_nodes", "create", p.NODES_LIST),
    _old("GET", _NODES + "/{ref}", "baremetal_nodes", "show", p.NODES_SHOW),
    _old("DELETE", _NODES + "/{ref}", "baremetal_nodes", "delete", p.NODES_SHOW),
    Row("POST", _NODES + "/{ref}/action", "baremetal_nodes", "act", p.NODES_SHOW),
)

_I: Final = "/images/{image_id}"
_META: Final = _I + "/metadata"


def _meta(verb: str, path: str, method: str, rule: str) -> Row:
    return Row(verb, path, "image_metadata", method, rule, until=38)


IMAGES: Final = (
    _old("GET", "/images", "images", "index", p.IMAGES_READ),
    _old("GET", "/images/detail", "images", "detail", p.IMAGES_READ),
    _old("GET", _I, "images", "show", p.IMAGES_READ),
    _old("DELETE", _I, "images", "delete", p.IMAGES_WRITE),
    _meta("GET", _META, "index", p.IMAGES_READ),
    _meta("POST", _META, "create", p.IMAGES_WRITE),
    _meta("PUT", _META, "replace", p.IMAGES_WRITE),
    _meta("GET", _META + "/{key}", "show", p.IMAGES_READ),
    _meta("PUT", _META + "/{key}", "update", p.IMAGES_WRITE),
    _meta("DELETE", _META + "/{key}", "delete", p.IMAGES_WRITE),
)

_PORTS: Final = _S + "/os-interface"
_DISKS: Final = _S + "/os-volume_attachments"
_SHARES: Final = _S + "/shares"

ATTACHMENTS: Final = (
    Row("POST", _PORTS, "server_interfaces", "create", attachments.INTERFACES_CREATE),
    Row("DELETE", _PORTS + "/{ref}", "server_interfaces", "delete", attachments.INTERFACES_DELETE),
    Row("POST", _DISKS, "server_volumes", "create", attachments.VOLUMES_CREATE),
    Row("PUT", _DISKS + "/{ref}", "server_volumes", "update", attachments.VOLUMES_UPDATE),
    Row("DELETE", _DISKS + "/{ref}", "server_volumes", "delete", attachments.VOLUMES_DELETE),
    Row("GET", _SHARES, "server_shares", "index", attachments.SHARES_INDEX, since=97),
    Row("POST", _SHARES, "server_shares", "create", attachments.SHARES_CREATE, since=97),
    Row("GET", _SHARES + "/{ref}", "server_shares", "show", attachments.SHARES_SHOW, since=97),
    Row(
        "DELETE",
        _SHARES + "/{ref}",
        "server_shares",
        "delete",
        attachments.SHARES_DELETE,
        since=97,
    ),
    Row("GET", _S + "/topology", "server_topology", "index", attachments.TOPOLOGY, since=78),
)


def _action(key: str, method: str, rule: str, until: int = 104) -> Row:
    return Row("POST", _S + "/action", "server_networks", method, rule, until=until, key=key)


def _gone_action(key: str) -> Row:
    return Row("POST", _S + "/action", "extensions", "gone", extensions.GONE, key=key)


SERVER_ACTIONS: Final = (
    _action("addSecurityGroup", "add_group", p.GROUPS_ADD),
    _action("removeSecurityGroup", "remove_group", p.GROUPS_REMOVE),
    _action("addFixedIp", "add_fixed_ip", p.FIXED_ADD, until=43),
    _action("removeFixedIp", "remove_fixed_ip", p.FIXED_REMOVE, until=43),
    _action("addFloatingIp", "add_floating_ip", p.FLOATING_ADD, until=43),
    _action("removeFloatingIp", "remove_floating_ip", p.FLOATING_REMOVE, until=43),
    _action("injectNetworkInfo", "inject_network_info", p.INJECT),
    _gone_action("resetNetwork"),
    _gone_action("os-getRDPConsole"),
)

GONE: Final = (
    ("/os-agents", "GET POST"),
    ("/os-agents/{ref}", "PUT DELETE"),
    ("/os-cells", "GET POST"),
    ("/os-cells/capacities", "GET"),
    ("/os-cells/detail", "GET"),
    ("/os-cells/info", "GET"),
    ("/os-cells/sync_instances", "POST"),
    ("/os-cells/{ref}", "GET PUT DELETE"),
    ("/os-cells/{ref}/capacities", "GET"),
    ("/os-certificates", "POST"),
    ("/os-certificates/{ref}", "GET"),
    ("/os-cloudpipe", "GET POST"),
    ("/os-cloudpipe/{ref}", "PUT"),
    ("/os-fixed-ips/{ref}", "GET"),
    ("/os-fixed-ips/{ref}/action", "POST"),
    ("/os-floating-ip-dns", "GET"),
    ("/os-floating-ip-dns/{ref}", "PUT DELETE"),
    ("/os-floating-ip-dns/{domain_id}/entries/{ref}", "GET PUT DELETE"),
    ("/os-floating-ips-bulk", "GET POST"),
    ("/os-floating-ips-bulk/{ref}", "GET PUT"),
    ("/os-fping", "GET"),
    ("/os-fping/{ref}", "GET"),
    ("/os-networks", "POST"),
    ("/os-networks/add", "POST"),
    ("/os-networks/{ref}", "DELETE"),
    ("/os-networks/{ref}/action", "POST"),
    ("/os-security-group-default-rules", "GET POST"),
    ("/os-security-group-default-rules/{ref}", "GET DELETE"),
    ("/os-tenant-networks", "POST"),
    ("/os-tenant-networks/{ref}", "DELETE"),
    (_S + "/consoles", "GET POST"),
    (_S + "/consoles/{ref}", "GET DELETE"),
    (_S + "/os-virtual-interfaces", "GET"),
)

TOMBSTONES: Final = tuple(
    Row(verb, path, "extensions", "gone", extensions.GONE)
    for path, verbs in GONE
    for verb in verbs.split()
)

ELSEWHERE: Final = (
    NETWORKS + VOLUMES + BARE_METAL + IMAGES + ATTACHMENTS + SERVER_ACTIONS + TOMBSTONES
)
