"""Bodies that ask for a console."""

from typing import Any, Final

from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import closed
from minicloud.api.schemas.query import Query
from minicloud.api.versions import Since


def _action(key: str, *types: str) -> Body:
    form = closed({"type": {"type": "string", "enum": list(types)}}, ("type",))
    return Body({1: closed({key: form}, (key,))})


def _remote(protocols: list[str], types: list[str]) -> dict[str, Any]:
    form = {
        "protocol": {"type": "string", "enum": protocols},
        "type": {"type": "string", "enum": types},
    }
    return closed({"remote_console": closed(form, ("protocol", "type"))}, ("remote_console",))


_PROTOCOLS: Final = ["vnc", "spice", "rdp", "serial"]
_TYPES: Final = ["novnc", "xvpvnc", "rdp-html5", "spice-html5", "serial"]

VNC: Final = _action("os-getVNCConsole", "novnc", "xvpvnc")
SPICE: Final = _action("os-getSPICEConsole", "spice-html5")
SERIAL: Final = _action("os-getSerialConsole", "serial")
REMOTE: Final = Body(
    {
        Since.REMOTE_CONSOLES: _remote(_PROTOCOLS, _TYPES),
        Since.MKS_CONSOLE: _remote([*_PROTOCOLS, "mks"], [*_TYPES, "webmks"]),
        Since.SPICE_DIRECT: _remote([*_PROTOCOLS, "mks"], [*_TYPES, "webmks", "spice-direct"]),
    }
)
SHOW: Final = Query({}, strict_from=Since.SPICE_DIRECT)
