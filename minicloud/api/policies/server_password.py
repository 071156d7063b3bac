"""Rules of the password that a server's guest may have sent, encrypted."""

from typing import Final

from minicloud.api.policies.base import MEMBER_OR_ADMIN, READER_OR_ADMIN, rule

SHOW: Final = "os_compute_api:os-server-password:show"
CLEAR: Final = "os_compute_api:os-server-password:clear"

_PATH: Final = "/servers/{server_id}/os-server-password"

RULES: Final = [
    rule(SHOW, READER_OR_ADMIN, "Show the encrypted password.", f"GET {_PATH}"),
    rule(CLEAR, MEMBER_OR_ADMIN, "Forget the encrypted password.", f"DELETE {_PATH}"),
]
