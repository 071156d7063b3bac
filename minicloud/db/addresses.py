"""The addresses of a server, computed from the id of its row: nobody is asked, nothing is locked.

A network's lower half is for addresses that were wished for. Of the upper half the first part
goes to the first interface of a server there, the second to further ones.
"""

import uuid
from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db.models import Instance

_MARIADB: Final = (
    "EXISTS (SELECT 1 FROM JSON_TABLE(instances.addresses, '$[*]' COLUMNS ("
    "address VARCHAR(39) PATH '$.address', version INT PATH '$.version')) AS nic "
    "WHERE nic.version = {version} AND nic.address REGEXP :{name})"
)
_EXISTS: Final[Mapping[str, str]] = {
    "sqlite": "EXISTS (SELECT 1 FROM json_each(instances.addresses) AS nic "
    "WHERE json_extract(nic.value, '$.version') = {version} "
    "AND json_extract(nic.value, '$.address') REGEXP :{name})",
    "postgresql": "EXISTS (SELECT 1 FROM json_array_elements(CASE "
    "json_typeof(instances.addresses) WHEN 'array' THEN instances.addresses END) AS nic "
    "WHERE nic->>'version' = '{version}' AND nic->>'address' ~ :{name})",
    "mysql": _MARIADB,
    "mariadb": _MARIADB,
}
_MOST: Final = 64  # interfaces of one server
_OUI: Final = "fa:16"  # locally administered


def of_instance(
    row_id: int, server_id: str, interfaces: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """What the column `addresses` holds: an entry for each interface that was asked for."""
    found, on_network = [], dict.fromkeys((one["network"] for one in interfaces), 0)
    for place, one in enumerate(interfaces):
        number = on_network[one["network"]]
        on_network[one["network"]] = number + 1
        address = ip_address(one.get("fixed_ip") or _address(one["cidr"], row_id, number))
        found.append(
            {
                "network": one["network"],
                "label": one["label"],
                "subnet": one["subnet"],
                "port_id": str(uuid.uuid5(uuid.UUID(server_id), f"port-{place}")),
                "mac": _mac(row_id, place),
                "address": str(address),
                "version": address.version,
                "tag": one.get("tag"),
            }
        )
    return found


def is_for_wishes(cidr: str, address: str) -> bool:
    """Whether the address may be wished for: in the lower half, and not one of its ends."""
    network, wished = ip_network(cidr), ip_address(address)
    if wished not in network:
        return False
    place = int(wished) - int(network.network_address)
    return 2 <= place < network.num_addresses // 2  # the network's own and its gateway's are not


def matching(db: Session, expression: str, version: int) -> sa.ColumnElement[bool]:
    """Whether an address of the instance's begins with what the regular expression says."""
    name = f"ip{version}"
    found = _EXISTS[db.get_bind().dialect.name].format(name=name, version=version)
    clause = sa.text(found).bindparams(sa.bindparam(name, f"^({expression})"))
    return cast("sa.ColumnElement[bool]", clause)


def taken(db: Session, wished: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """The first of these (network id, address) that a server which is there has wished for."""
    if not wished:
        return None
    text = sa.cast(Instance.request, sa.Text)
    named = sa.or_(*(text.contains(f'"{address}"', autoescape=True) for _, address in wished))
    found = set()
    for (request,) in db.execute(sa.select(Instance.request).where(Instance.deleted == 0, named)):
        for one in request.get("interfaces") or ():
            found.add((one["network"], one.get("fixed_ip")))
    return next((wish for wish in wished if wish in found), None)


def _address(cidr: str, row_id: int, number: int) -> str:
    network = ip_network(cidr)
    quarter = network.num_addresses // 4
    if number == 0:
        place = 2 * quarter + row_id % quarter
    else:  # the last address of all is for broadcasts
        place = 3 * quarter + (row_id * (_MOST - 1) + number - 1) % (quarter - 1)
    return str(network.network_address + place)


def _mac(row_id: int, place: int) -> str:
    value = (0x3E + place) << 24 | row_id % (1 << 24)
    return ":".join((_OUI, *(f"{byte:02x}" for byte in value.to_bytes(4, "big"))))
