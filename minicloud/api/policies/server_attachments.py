"""Rules of what is attached to a server: volumes, interfaces, security groups, shares."""

from typing import Final

from minicloud.api.policies.base import MEMBER_OR_ADMIN, READER_OR_ADMIN, rule

VOLUMES_INDEX: Final = "os_compute_api:os-volumes-attachments:index"
VOLUMES_SHOW: Final = "os_compute_api:os-volumes-attachments:show"
VOLUMES_CREATE: Final = "os_compute_api:os-volumes-attachments:create"
VOLUMES_UPDATE: Final = "os_compute_api:os-volumes-attachments:update"
VOLUMES_DELETE: Final = "os_compute_api:os-volumes-attachments:delete"
INTERFACES_LIST: Final = "os_compute_api:os-attach-interfaces:list"
INTERFACES_SHOW: Final = "os_compute_api:os-attach-interfaces:show"
INTERFACES_CREATE: Final = "os_compute_api:os-attach-interfaces:create"
INTERFACES_DELETE: Final = "os_compute_api:os-attach-interfaces:delete"
SECURITY_GROUPS_LIST: Final = "os_compute_api:os-security-groups:list"
SHARES_INDEX: Final = "os_compute_api:os-server-shares:index"
SHARES_SHOW: Final = "os_compute_api:os-server-shares:show"
SHARES_CREATE: Final = "os_compute_api:os-server-shares:create"
SHARES_DELETE: Final = "os_compute_api:os-server-shares:delete"
TOPOLOGY: Final = "compute:server:topology:index"

_ONE: Final = "/servers/{server_id}"
_VOLUMES: Final = f"{_ONE}/os-volume_attachments"
_PORTS: Final = f"{_ONE}/os-interface"
_SHARES: Final = f"{_ONE}/shares"

RULES: Final = [
    rule(VOLUMES_INDEX, READER_OR_ADMIN, "List volumes.", f"GET {_VOLUMES}"),
    rule(VOLUMES_SHOW, READER_OR_ADMIN, "Show a volume.", f"GET {_VOLUMES}/{{id}}"),
    rule(VOLUMES_CREATE, MEMBER_OR_ADMIN, "Attach a volume.", f"POST {_VOLUMES}"),
    rule(VOLUMES_UPDATE, MEMBER_OR_ADMIN, "Change an attachment.", f"PUT {_VOLUMES}/{{id}}"),
    rule(VOLUMES_DELETE, MEMBER_OR_ADMIN, "Detach a volume.", f"DELETE {_VOLUMES}/{{id}}"),
    rule(INTERFACES_LIST, READER_OR_ADMIN, "List interfaces.", f"GET {_PORTS}"),
    rule(INTERFACES_SHOW, READER_OR_ADMIN, "Show an interface.", f"GET {_PORTS}/{{id}}"),
    rule(INTERFACES_CREATE, MEMBER_OR_ADMIN, "Attach an interface.", f"POST {_PORTS}"),
    rule(INTERFACES_DELETE, MEMBER_OR_ADMIN, "Detach an interface.", f"DELETE {_PORTS}/{{id}}"),
    rule(SECURITY_GROUPS_LIST, READER_OR_ADMIN, "List groups.", f"GET {_ONE}/os-security-groups"),
    rule(SHARES_INDEX, READER_OR_ADMIN, "List shares.", f"GET {_SHARES}"),
    rule(SHARES_SHOW, READER_OR_ADMIN, "Show a share.", f"GET {_SHARES}/{{id}}"),
    rule(SHARES_CREATE, MEMBER_OR_ADMIN, "Attach a share.", f"POST {_SHARES}"),
    rule(SHARES_DELETE, MEMBER_OR_ADMIN, "Detach a share.", f"DELETE {_SHARES}/{{id}}"),
    rule(TOPOLOGY, READER_OR_ADMIN, "See a server's memory nodes.", f"GET {_ONE}/topology"),
]
