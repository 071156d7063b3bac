"""Bodies of the server actions that concern addresses and security groups."""

from typing import Any, Final

from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import TEXT, closed

_ADDRESS: Final = {"type": "string", "minLength": 2, "maxLength": 39}


def _action(key: str, form: dict[str, Any]) -> Body:
    return Body({1: closed({key: form}, (key,))})


ADD_GROUP: Final = _action("addSecurityGroup", closed({"name": TEXT}, ("name",)))
REMOVE_GROUP: Final = _action("removeSecurityGroup", closed({"name": TEXT}, ("name",)))
ADD_FIXED_IP: Final = _action(
    "addFixedIp",
    closed({"networkId": {"type": ["string", "integer"], "maxLength": 255}}, ("networkId",)),
)
REMOVE_FIXED_IP: Final = _action("removeFixedIp", closed({"address": _ADDRESS}, ("address",)))
ADD_FLOATING_IP: Final = _action(
    "addFloatingIp", closed({"address": _ADDRESS, "fixed_address": _ADDRESS}, ("address",))
)
REMOVE_FLOATING_IP: Final = _action(
    "removeFloatingIp", closed({"address": _ADDRESS}, ("address",))
)
INJECT: Final = _action("injectNetworkInfo", {})
