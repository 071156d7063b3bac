"""Rules of servers and their actions."""

from typing import Final

from minicloud.api.policies.base import ADMIN, MEMBER_OR_ADMIN, READER_OR_ADMIN, rule

_SERVERS: Final = "os_compute_api:servers:"
INDEX: Final = _SERVERS + "index"
INDEX_ALL: Final = _SERVERS + "index:get_all_tenants"
DETAIL: Final = _SERVERS + "detail"
DETAIL_ALL: Final = _SERVERS + "detail:get_all_tenants"
ALL_FILTERS: Final = _SERVERS + "allow_all_filters"
SHOW: Final = _SERVERS + "show"
HOST_STATUS: Final = _SERVERS + "show:host_status"
HOST_STATUS_UNKNOWN: Final = _SERVERS + "show:host_status:unknown-only"
FLAVOR_SPECS: Final = _SERVERS + "show:flavor-extra-specs"
CREATE: Final = _SERVERS + "create"
FORCED_HOST: Final = _SERVERS + "create:forced_host"
ATTACH_NETWORK: Final = _SERVERS + "create:attach_network"
ATTACH_VOLUME: Final = _SERVERS + "create:attach_volume"
TRUSTED_CERTS: Final = _SERVERS + "create:trusted_certs"
ZERO_DISK: Final = _SERVERS + "create:zero_disk_flavor"
REBUILD_TRUSTED_CERTS: Final = _SERVERS + "rebuild:trusted_certs"
REQUESTED_HOST: Final = "compute:servers:create:requested_destination"
UPDATE: Final = _SERVERS + "update"
DELETE: Final = _SERVERS + "delete"
START: Final = _SERVERS + "start"
STOP: Final = _SERVERS + "stop"
REBOOT: Final = _SERVERS + "reboot"
REBUILD: Final = _SERVERS + "rebuild"
RESIZE: Final = _SERVERS + "resize"
CONFIRM_RESIZE: Final = _SERVERS + "confirm_resize"
REVERT_RESIZE: Final = _SERVERS + "revert_resize"
CREATE_IMAGE: Final = _SERVERS + "create_image"
CRASH_DUMP: Final = _SERVERS + "trigger_crash_dump"
EXTENDED: Final = "os_compute_api:os-extended-server-attributes"
CONSOLE_OUTPUT: Final = "os_compute_api:os-console-output"
IPS_INDEX: Final = "os_compute_api:ips:index"
IPS_SHOW: Final = "os_compute_api:ips:show"

_ACTION: Final = "POST /servers/{server_id}/action"

RULES: Final = [
    rule(INDEX, READER_OR_ADMIN, "List servers.", "GET /servers"),
    rule(INDEX_ALL, ADMIN, "List servers of all projects.", "GET /servers"),
    rule(DETAIL, READER_OR_ADMIN, "List servers with details.", "GET /servers/detail"),
    rule(DETAIL_ALL, ADMIN, "List servers of all projects with details.", "GET /servers/detail"),
    rule(ALL_FILTERS, ADMIN, "Filter lists by any field.", "GET /servers", "GET /servers/detail"),
    rule(SHOW, READER_OR_ADMIN, "Show a server.", "GET /servers/{server_id}"),
    rule(HOST_STATUS, ADMIN, "See the state of a server's host.", "GET /servers/{server_id}"),
    rule(
        HOST_STATUS_UNKNOWN,
        ADMIN,
        "See the state of a server's host only if it is not known.",
        "GET /servers/{server_id}",
    ),
    rule(
        FLAVOR_SPECS,
        READER_OR_ADMIN,
        "See the extra specs of a server's flavor.",
        "GET /servers/{server_id}",
    ),
    rule(CREATE, MEMBER_OR_ADMIN, "Create servers.", "POST /servers"),
    rule(FORCED_HOST, ADMIN, "Name the host of a new server by its zone.", "POST /servers"),
    rule(REQUESTED_HOST, ADMIN, "Name the host of a new server.", "POST /servers"),
    rule(ATTACH_NETWORK, MEMBER_OR_ADMIN, "Name a new server's networks.", "POST /servers"),
    rule(ATTACH_VOLUME, MEMBER_OR_ADMIN, "Name a new server's block devices.", "POST /servers"),
    rule(TRUSTED_CERTS, MEMBER_OR_ADMIN, "Name the certificates of an image.", "POST /servers"),
    rule(
        ZERO_DISK,
        ADMIN,
        "Boot from an image with a flavor of no disk: it takes as much as the image has.",
        "POST /servers",
    ),
    rule(UPDATE, MEMBER_OR_ADMIN, "Change a server.", "PUT /servers/{server_id}"),
    rule(DELETE, MEMBER_OR_ADMIN, "Delete a server.", "DELETE /servers/{server_id}"),
    rule(START, MEMBER_OR_ADMIN, "Start a server.", f"{_ACTION} (os-start)"),
    rule(STOP, MEMBER_OR_ADMIN, "Stop a server.", f"{_ACTION} (os-stop)"),
    rule(REBOOT, MEMBER_OR_ADMIN, "Reboot a server.", f"{_ACTION} (reboot)"),
    rule(REBUILD, MEMBER_OR_ADMIN, "Give a server a new disk.", f"{_ACTION} (rebuild)"),
    rule(
        REBUILD_TRUSTED_CERTS,
        MEMBER_OR_ADMIN,
        "Name the certificates of an image.",
        f"{_ACTION} (rebuild)",
    ),
    rule(RESIZE, MEMBER_OR_ADMIN, "Give a server another flavor.", f"{_ACTION} (resize)"),
    rule(
        CONFIRM_RESIZE,
        MEMBER_OR_ADMIN,
        "Keep the new flavor of a server.",
        f"{_ACTION} (confirmResize)",
    ),
    rule(
        REVERT_RESIZE,
        MEMBER_OR_ADMIN,
        "Give a server its old flavor back.",
        f"{_ACTION} (revertResize)",
    ),
    rule(
        CREATE_IMAGE,
        MEMBER_OR_ADMIN,
        "Save a server's disk to an image.",
        f"{_ACTION} (createImage)",
    ),
    rule(
        CRASH_DUMP,
        MEMBER_OR_ADMIN,
        "Make a server write a crash dump.",
        f"{_ACTION} (trigger_crash_dump)",
    ),
    rule(
        EXTENDED,
        ADMIN,
        "See a server's host and further attributes.",
        "GET /servers/{server_id}",
        "GET /servers/detail",
    ),
    rule(
        CONSOLE_OUTPUT,
        MEMBER_OR_ADMIN,
        "Read a server's console.",
        f"{_ACTION} (os-getConsoleOutput)",
    ),
    rule(IPS_INDEX, READER_OR_ADMIN, "List addresses.", "GET /servers/{server_id}/ips"),
    rule(IPS_SHOW, READER_OR_ADMIN, "Show addresses.", "GET /servers/{server_id}/ips/{network}"),
]
