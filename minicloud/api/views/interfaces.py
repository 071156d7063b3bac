"""Interfaces of servers as Nova shows them."""

from collections.abc import Mapping
from typing import Any

from minicloud.api.versions import Since


def show(nic: Mapping[str, Any], version: int) -> dict[str, Any]:
    shown = {
        "port_state": "ACTIVE",
        "fixed_ips": [{"subnet_id": nic["subnet"], "ip_address": nic["address"]}],
        "port_id": nic["port_id"],
        "net_id": nic["network"],
        "mac_addr": nic["mac"],
    }
    if version >= Since.INTERFACE_TAGS:
        shown["tag"] = nic["tag"]
    return shown
