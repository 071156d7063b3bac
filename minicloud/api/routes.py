"""Every URL of the compute API, on one page; what belongs to other services has a page of its own.

Below /v2.1 and /v2, each with and without a project id. `noun` is a file of handlers/, `method`
its function. A row cannot be without the policy rule that guards it.
"""

from dataclasses import replace
from typing import Final

from minicloud.api.policies import (
    aggregates,
    decisions,
    extensions,
    flavors,
    guests,
    hosts,
    hypervisors,
    instance_actions,
    keypairs,
    limits,
    migrations,
    quota_sets,
    scheduling,
    server_groups,
    server_metadata,
    server_password,
    server_tags,
    servers,
    services,
    usages,
)
from minicloud.api.policies import availability_zones as az
from minicloud.api.policies import server_actions as acts
from minicloud.api.policies import server_attachments as attachments
from minicloud.api.routes_elsewhere import ELSEWHERE
from minicloud.api.row import OPEN, Row

DOCUMENTS: Final = {
    "index": Row("GET", "/", "versions", "index", OPEN),
    "choices": Row("GET", "/*", "versions", "choices", OPEN),
    "show": Row("GET", "", "versions", "show", OPEN),
    "openapi": Row("GET", "/openapi.json", "openapi", "show", OPEN),
}

_S: Final = "/servers/{server_id}"
_SM: Final = _S + "/migrations/{migration_id}"
_F: Final = "/flavors/{flavor_id}"
_FS: Final = _F + "/os-extra_specs/{key}"
_A: Final = "/os-aggregates/{aggregate_id}"
_K: Final = "/os-keypairs/{keypair_name}"
_M: Final = _S + "/metadata"
_T: Final = _S + "/tags"
_P: Final = _S + "/os-server-password"
_Q: Final = "/os-quota-sets/{project_id}"
_QC: Final = "/os-quota-class-sets/{name}"
_UA: Final = "/os-instance_usage_audit_log"
_UT: Final = "/os-simple-tenant-usage"
_H: Final = "/os-hypervisors"
_HO: Final = "/os-hosts/{host_name}"
_G: Final = "/os-server-groups"
_O: Final = "/os-services/{service_id}"

ROWS: Final = (
    Row("GET", "/extensions", "extensions", "index", extensions.LIST),
    Row("GET", "/extensions/{alias}", "extensions", "show", extensions.LIST),
    Row("GET", "/flavors", "flavors", "index", flavors.READ),
    Row("POST", "/flavors", "flavors", "create", flavors.CREATE),
    Row("GET", "/flavors/detail", "flavors", "detail", flavors.READ),
    Row("GET", _F, "flavors", "show", flavors.READ),
    Row("PUT", _F, "flavors", "update", flavors.UPDATE, since=55),
    Row("DELETE", _F, "flavors", "delete", flavors.DELETE),
    Row("GET", _F + "/os-flavor-access", "flavor_access", "index", flavors.ACCESS_INDEX),
    Row("POST", _F + "/os-extra_specs", "flavor_extra_specs", "create", flavors.SPECS_CREATE),
    Row("PUT", _FS, "flavor_extra_specs", "update", flavors.SPECS_UPDATE),
    Row("DELETE", _FS, "flavor_extra_specs", "delete", flavors.SPECS_DELETE),
    Row("GET", _F + "/os-extra_specs", "flavor_extra_specs", "index", flavors.SPECS_INDEX),
    Row("GET", _F + "/os-extra_specs/{key}", "flavor_extra_specs", "show", flavors.SPECS_SHOW),
    Row("GET", "/limits", "limits", "index", limits.SHOW),
    Row("GET", "/os-aggregates", "aggregates", "index", aggregates.INDEX),
    Row("POST", "/os-aggregates", "aggregates", "create", aggregates.CREATE),
    Row("GET", _A, "aggregates", "show", aggregates.SHOW),
    Row("PUT", _A, "aggregates", "update", aggregates.UPDATE),
    Row("DELETE", _A, "aggregates", "delete", aggregates.DELETE),
    Row("POST", _A + "/images", "aggregates", "images", aggregates.IMAGES, since=81),
    Row("GET", "/os-availability-zone", "availability_zones", "index", az.LIST),
    Row("GET", "/os-availability-zone/detail", "availability_zones", "detail", az.DETAIL),
    Row("GET", "/os-hosts", "hosts", "index", hosts.LIST, until=42),
    Row("GET", _HO, "hosts", "show", hosts.SHOW, until=42),
    Row("PUT", _HO, "hosts", "update", hosts.UPDATE, until=42),
    Row("GET", _HO + "/reboot", "hosts", "power", hosts.REBOOT, until=42),
    Row("GET", _HO + "/shutdown", "hosts", "power", hosts.SHUTDOWN, until=42),
    Row("GET", _HO + "/startup", "hosts", "power", hosts.START, until=42),
    Row("GET", _H, "hypervisors", "index", hypervisors.LIST),
    Row("GET", _H + "/detail", "hypervisors", "detail", hypervisors.LIST_DETAIL),
    Row("GET", _H + "/statistics", "hypervisors", "statistics", hypervisors.STATISTICS, until=87),
    Row("GET", _H + "/{ref}", "hypervisors", "show", hypervisors.SHOW),
    Row("GET", _H + "/{ref}/uptime", "hypervisors", "uptime", hypervisors.UPTIME, until=87),
    Row("GET", _H + "/{ref}/search", "hypervisors", "search", hypervisors.SEARCH, until=52),
    Row("GET", _H + "/{ref}/servers", "hypervisors", "servers", hypervisors.SERVERS, until=52),
    Row("GET", "/os-keypairs", "keypairs", "index", keypairs.INDEX),
    Row("POST", "/os-keypairs", "keypairs", "create", keypairs.CREATE),
    Row("GET", _K, "keypairs", "show", keypairs.SHOW),
    Row("DELETE", _K, "keypairs", "delete", keypairs.DELETE),
    Row("GET", _UA, "usage_audits", "index", usages.AUDITS_LIST),
    Row("GET", _UA + "/{before}", "usage_audits", "show", usages.AUDITS_SHOW),
    Row("GET", _QC, "quota_class_sets", "show", quota_sets.SHOW_CLASS),
    Row("PUT", _QC, "quota_class_sets", "update", quota_sets.UPDATE_CLASS),
    Row("GET", _Q, "quota_sets", "show", quota_sets.SHOW),
    Row("PUT", _Q, "quota_sets", "update", quota_sets.UPDATE),
    Row("DELETE", _Q, "quota_sets", "delete", quota_sets.DELETE),
    Row("GET", _Q + "/detail", "quota_sets", "detail", quota_sets.DETAIL),
    Row("GET", _Q + "/defaults", "quota_sets", "defaults", quota_sets.DEFAULTS),
    Row("GET", _UT, "usages", "index", usages.LIST),
    Row("GET", _UT + "/{project_id}", "usages", "show", usages.SHOW),
    Row("GET", _G, "server_groups", "index", server_groups.INDEX),
    Row("POST", _G, "server_groups", "create", server_groups.CREATE),
    Row("GET", _G + "/{server_group_id}", "server_groups", "show", server_groups.SHOW),
    Row("DELETE", _G + "/{server_group_id}", "server_groups", "delete", server_groups.DELETE),
    Row("POST", "/scheduling/what-if", "scheduling", "what_if", scheduling.WHAT_IF),
    Row("GET", _S + "/scheduling", "decisions", "show", decisions.SHOW),
    Row("GET", _S + "/scheduling/now", "scheduling", "now", scheduling.NOW),
    Row("GET", "/os-migrations", "migrations", "list", migrations.LIST),
    Row("POST", "/os-server-external-events", "external_events", "create", guests.EVENTS),
    Row("GET", "/os-services", "services", "index", services.LIST),
    Row("PUT", _O, "services", "order", services.UPDATE, until=52),
    Row("PUT", _O, "services", "update", services.UPDATE, since=53),
    Row("DELETE", _O, "services", "delete", services.DELETE),
    Row("GET", "/servers", "servers", "index", servers.INDEX),
    Row("POST", "/servers", "servers", "create", servers.CREATE),
    Row("GET", "/servers/detail", "servers", "detail", servers.DETAIL),
    Row("GET", _S, "servers", "show", servers.SHOW),
    Row("PUT", _S, "servers", "update", servers.UPDATE),
    Row("DELETE", _S, "servers", "delete", servers.DELETE),
    Row("GET", _S + "/diagnostics", "diagnostics", "show", guests.DIAGNOSTICS),
    Row("GET", _S + "/ips", "server_ips", "index", servers.IPS_INDEX),
    Row("GET", _S + "/ips/{network}", "server_ips", "show", servers.IPS_SHOW),
    Row("GET", _S + "/migrations", "migrations", "index", migrations.INDEX, since=23),
    Row("GET", _S + "/migrations/{migration_id}", "migrations", "show", migrations.SHOW, since=23),
    Row("GET", _M, "server_metadata", "index", server_metadata.INDEX),
    Row("POST", _M, "server_metadata", "create", server_metadata.CREATE),
    Row("PUT", _M, "server_metadata", "update_all", server_metadata.UPDATE_ALL),
    Row("GET", _M + "/{key}", "server_metadata", "show", server_metadata.SHOW),
    Row("PUT", _M + "/{key}", "server_metadata", "update", server_metadata.UPDATE),
    Row("DELETE", _M + "/{key}", "server_metadata", "delete", server_metadata.DELETE),
    Row("GET", _P, "server_password", "index", server_password.SHOW),
    Row("DELETE", _P, "server_password", "clear", server_password.CLEAR),
    Row("GET", _S + "/os-instance-actions", "instance_actions", "index", instance_actions.LIST),
    Row(
        "GET",
        _S + "/os-instance-actions/{request_id}",
        "instance_actions",
        "show",
        instance_actions.SHOW,
    ),
    Row("GET", _S + "/os-interface", "server_interfaces", "index", attachments.INTERFACES_LIST),
    Row(
        "GET", _S + "/os-interface/{ref}", "server_interfaces", "show", attachments.INTERFACES_SHOW
    ),
    Row(
        "GET",
        _S + "/os-security-groups",
        "server_security_groups",
        "index",
        attachments.SECURITY_GROUPS_LIST,
    ),
    Row(
        "GET", _S + "/os-volume_attachments", "server_volumes", "index", attachments.VOLUMES_INDEX
    ),
    Row(
        "GET",
        _S + "/os-volume_attachments/{ref}",
        "server_volumes",
        "show",
        attachments.VOLUMES_SHOW,
    ),
    Row("GET", _T, "server_tags", "index", server_tags.INDEX, since=26),
    Row("PUT", _T, "server_tags", "update_all", server_tags.UPDATE_ALL, since=26),
    Row("DELETE", _T, "server_tags", "delete_all", server_tags.DELETE_ALL, since=26),
    Row("GET", _T + "/{tag}", "server_tags", "show", server_tags.SHOW, since=26),
    Row("PUT", _T + "/{tag}", "server_tags", "update", server_tags.UPDATE, since=26),
    Row("DELETE", _T + "/{tag}", "server_tags", "delete", server_tags.DELETE, since=26),
)

_ACT: Final = _S + "/action"


def _action(key: str, method: str, rule: str, since: int = 1, until: int = 104) -> Row:
    return Row("POST", _ACT, "server_actions", method, rule, since, until, key)


def _of_aggregate(key: str, rule: str) -> Row:
    return Row("POST", _A + "/action", "aggregates", key, rule, key=key)


def _of_flavor(key: str, method: str, rule: str) -> Row:
    return Row("POST", _F + "/action", "flavor_access", method, rule, key=key)


ACTIONS: Final = (
    _of_flavor("addTenantAccess", "add", flavors.ACCESS_ADD),
    _of_flavor("removeTenantAccess", "remove", flavors.ACCESS_REMOVE),
    _of_aggregate("add_host", aggregates.ADD_HOST),
    _of_aggregate("remove_host", aggregates.REMOVE_HOST),
    _of_aggregate("set_metadata", aggregates.SET_METADATA),
    *(
        Row("POST", _ACT, "server_actions", method, rule, key=key)
        for key, method, rule in (
            ("pause", "pause", acts.PAUSE),
            ("unpause", "unpause", acts.UNPAUSE),
            ("suspend", "suspend", acts.SUSPEND),
            ("resume", "resume", acts.RESUME),
            ("rescue", "rescue", acts.RESCUE),
            ("unrescue", "unrescue", acts.UNRESCUE),
            ("shelve", "shelve", acts.SHELVE),
            ("shelveOffload", "shelve_offload", acts.SHELVE_OFFLOAD),
            ("revertResize", "revert_resize", servers.REVERT_RESIZE),
            ("forceDelete", "force_delete", acts.FORCE_DELETE),
            ("restore", "restore", acts.RESTORE),
            ("changePassword", "change_password", acts.ADMIN_PASSWORD),
            ("lock", "lock", acts.LOCK),
            ("unlock", "unlock", acts.UNLOCK),
            ("os-resetState", "reset_state", acts.RESET_STATE),
        )
    ),
    *(
        Row("POST", _ACT, "server_moves", method, rule, key=key)
        for key, method, rule in (
            ("resize", "resize", servers.RESIZE),
            ("confirmResize", "confirm_resize", servers.CONFIRM_RESIZE),
            ("migrate", "migrate", acts.MIGRATE),
            ("os-migrateLive", "migrate_live", acts.MIGRATE_LIVE),
            ("evacuate", "evacuate", acts.EVACUATE),
            ("unshelve", "unshelve", acts.UNSHELVE),
        )
    ),
    *(
        Row("POST", _ACT, "server_images", method, rule, key=key)
        for key, method, rule in (
            ("createImage", "create_image", servers.CREATE_IMAGE),
            ("createBackup", "create_backup", acts.CREATE_BACKUP),
            ("rebuild", "rebuild", servers.REBUILD),
        )
    ),
    Row("POST", _ACT, "consoles", "vnc", acts.REMOTE_CONSOLES, until=5, key="os-getVNCConsole"),
    Row(
        "POST", _ACT, "consoles", "spice", acts.REMOTE_CONSOLES, until=5, key="os-getSPICEConsole"
    ),
    Row(
        "POST",
        _ACT,
        "consoles",
        "serial",
        acts.REMOTE_CONSOLES,
        until=5,
        key="os-getSerialConsole",
    ),
    Row("POST", _S + "/remote-consoles", "consoles", "create", acts.REMOTE_CONSOLES, since=6),
    Row("GET", "/os-console-auth-tokens/{console_token}", "consoles", "show", acts.CONSOLE_TOKENS),
    _action("trigger_crash_dump", "trigger_crash_dump", servers.CRASH_DUMP, since=17),
    Row("DELETE", _SM, "server_moves", "abort", acts.ABORT_MIGRATION, since=24),
    Row(
        "POST",
        _SM + "/action",
        "server_moves",
        "force_complete",
        acts.FORCE_COMPLETE,
        since=22,
        key="force_complete",
    ),
    _action("os-start", "start", servers.START),
    _action("os-stop", "stop", servers.STOP),
    _action("reboot", "reboot", servers.REBOOT),
    _action("os-getConsoleOutput", "console_output", servers.CONSOLE_OUTPUT),
)

# Servers, under the name that they had when they booted from volumes.
VOLUMES_BOOT: Final = tuple(
    replace(
        row,
        path=row.path.replace("/servers", "/os-volumes_boot"),
        until=row.until if row.key else min(row.until, 102),
    )
    for row in ROWS + ACTIONS + ELSEWHERE
    if row.path in ("/servers", "/servers/detail", _S, _ACT)
)

ALL: Final = ROWS + ACTIONS + VOLUMES_BOOT + ELSEWHERE
NOUNS: Final = frozenset(row.path.split("/")[1] for row in ALL)
