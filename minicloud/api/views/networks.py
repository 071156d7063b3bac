"""Networks as Nova showed them up to 2.35."""

from ipaddress import IPv4Network
from typing import Any, Final

from minicloud.conf.network import Network

_FOR_ADMINISTRATORS: Final = (
    *("created_at", "updated_at", "deleted_at", "deleted", "injected", "bridge", "vlan"),
    *("vpn_public_address", "vpn_public_port", "vpn_private_address", "dhcp_start", "project_id"),
    *("host", "bridge_interface", "multi_host", "priority", "rxtx_base", "mtu", "dhcp_server"),
    *("enable_dhcp", "share_address"),
)


def brief(network: Network) -> dict[str, Any]:
    """As a project's network."""
    return {"id": network.id, "label": network.name, "cidr": str(network.cidr)}


def show(network: Network, *, is_admin: bool) -> dict[str, Any]:
    """What is null has no simulated network."""
    of_4 = isinstance(network.cidr, IPv4Network)
    cidr, netmask, gateway = str(network.cidr), str(network.cidr.netmask), str(network.cidr[1])
    return {
        "id": network.id,
        "label": network.name,
        "cidr": cidr if of_4 else None,
        "netmask": netmask if of_4 else None,
        "gateway": gateway if of_4 else None,
        "broadcast": str(network.cidr.broadcast_address) if of_4 else None,
        "cidr_v6": None if of_4 else cidr,
        "netmask_v6": None if of_4 else netmask,
        "gateway_v6": None if of_4 else gateway,
        "dns1": None,
        "dns2": None,
        **(dict.fromkeys(_FOR_ADMINISTRATORS) if is_admin else {}),
    }
