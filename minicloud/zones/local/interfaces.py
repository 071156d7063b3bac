"""From the interfaces that a new server is to have to what is written down of them."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.conf.network import Network
from minicloud.db import addresses, quotas
from minicloud.zones.base import NewServers, WishedInterface


def of(wanted: NewServers, networks: Sequence[Network]) -> list[dict[str, Any]]:
    """What the row keeps of each interface; BadRequest for what cannot be had."""
    if wanted.interfaces is None:
        return [_kept(network, WishedInterface(network.id)) for network in networks[:1]]
    by_id = {network.id: network for network in networks}
    kept = []
    for one in wanted.interfaces:
        network = by_id.get(one.network)
        if network is None:
            raise errors.BadRequest(_unknown(one.network, networks))
        kept.append(_kept(network, one))
    wishes = [(one["network"], one["fixed_ip"]) for one in kept if one["fixed_ip"]]
    if len(set(wishes)) < len(wishes):
        raise errors.BadRequest("A fixed IP address can be asked for once only.")
    if wishes and wanted.max_count > 1:
        raise errors.BadRequest("max_count cannot be greater than 1 if an fixed_ip is specified.")
    return kept


def reserve(db: Session, kept: Sequence[dict[str, Any]]) -> None:
    """Hold the wished addresses until the transaction ends; BadRequest if one is another's."""
    wishes = [(one["network"], one["fixed_ip"]) for one in kept if one["fixed_ip"]]
    for network in sorted({network for network, _address in wishes}):
        quotas.guard(db, network)
    held = addresses.taken(db, wishes)
    if held is not None:
        raise errors.BadRequest(
            f"Fixed IP address {held[1]} is already in use on network {held[0]}."
        )


def _kept(network: Network, wished: WishedInterface) -> dict[str, Any]:
    return {
        "network": network.id,
        "label": network.name,
        "cidr": str(network.cidr),
        "subnet": network.subnet_id,
        "fixed_ip": _fixed_ip(network, wished.fixed_ip),
        "tag": wished.tag,
    }


def _fixed_ip(network: Network, text: str | None) -> str | None:
    if not text:
        return None
    address = str(ip_address(text))
    if not addresses.is_for_wishes(str(network.cidr), address):
        last = network.cidr.network_address + network.cidr.num_addresses // 2 - 1
        raise errors.BadRequest(
            f"Fixed IP {address} is not a valid ip address for network {network.id}: "
            f"{network.cidr.network_address + 2} to {last} can be asked for."
        )
    return address


def _unknown(ref: str, networks: Sequence[Network]) -> str:
    there = ", ".join(f"{network.name} ({network.id})" for network in networks)
    return f"Network {ref} could not be found. There are: {there or 'none'}."
