"""Rules of what is attached to a server: volumes, interfaces, security groups."""

from typing import Final

from minicloud.api.policies.base import READER_OR_ADMIN, rule

VOLUMES_INDEX: Final = "os_compute_api:os-volumes-attachments:index"
VOLUMES_SHOW: Final = "os_compute_api:os-volumes-attachments:show"
INTERFACES_LIST: Final = "os_compute_api:os-attach-interfaces:list"
INTERFACES_SHOW: Final = "os_compute_api:os-attach-interfaces:show"
SECURITY_GROUPS_LIST: Final = "os_compute_api:os-security-groups:list"

_ONE: Final = "GET /servers/{server_id}"

RULES: Final = [
    rule(VOLUMES_INDEX, READER_OR_ADMIN, "List volumes.", f"{_ONE}/os-volume_attachments"),
    rule(VOLUMES_SHOW, READER_OR_ADMIN, "Show a volume.", f"{_ONE}/os-volume_attachments/{{id}}"),
    rule(INTERFACES_LIST, READER_OR_ADMIN, "List interfaces.", f"{_ONE}/os-interface"),
    rule(INTERFACES_SHOW, READER_OR_ADMIN, "Show an interface.", f"{_ONE}/os-interface/{{id}}"),
    rule(SECURITY_GROUPS_LIST, READER_OR_ADMIN, "List groups.", f"{_ONE}/os-security-groups"),
]
