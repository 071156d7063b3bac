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
    rule(UPDATE, MEMBER_OR_ADMIN, "Change a server.", "PUT /servers/{server_id}"),
    rule(DELETE, MEMBER_OR_ADMIN, "Delete a server.", "DELETE /servers/{server_id}"),
    rule(START, MEMBER_OR_ADMIN, "Start a server.", _ACTION),
    rule(STOP, MEMBER_OR_ADMIN, "Stop a server.", _ACTION),
    rule(REBOOT, MEMBER_OR_ADMIN, "Reboot a server.", _ACTION),
    rule(REBUILD, MEMBER_OR_ADMIN, "Give a server a new disk.", _ACTION),
    rule(RESIZE, MEMBER_OR_ADMIN, "Give a server another flavor.", _ACTION),
    rule(CONFIRM_RESIZE, MEMBER_OR_ADMIN, "Keep the new flavor of a server.", _ACTION),
    rule(REVERT_RESIZE, MEMBER_OR_ADMIN, "Give a server its old flavor back.", _ACTION),
    rule(CREATE_IMAGE, MEMBER_OR_ADMIN, "Save a server's disk to an image.", _ACTION),
    rule(CRASH_DUMP, MEMBER_OR_ADMIN, "Make a server write a crash dump.", _ACTION),
    rule(
        EXTENDED,
        ADMIN,
        "See a server's host and further attributes.",
        "GET /servers/{server_id}",
        "GET /servers/detail",
    ),
    rule(CONSOLE_OUTPUT, MEMBER_OR_ADMIN, "Read a server's console.", _ACTION),
    rule(IPS_INDEX, READER_OR_ADMIN, "List addresses.", "GET /servers/{server_id}/ips"),
    rule(IPS_SHOW, READER_OR_ADMIN, "Show addresses.", "GET /servers/{server_id}/ips/{network}"),
]
