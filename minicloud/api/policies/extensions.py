"""Rules of the list of extensions, and of what is no more."""

from typing import Final

from minicloud.api.policies.base import ANYONE, rule

LIST: Final = "os_compute_api:extensions"
GONE: Final = "minicloud:gone"

RULES: Final = [
    rule(LIST, ANYONE, "List extensions.", "GET /extensions", "GET /extensions/{alias}"),
    rule(GONE, ANYONE, "Be told that an address is gone for good."),
]
