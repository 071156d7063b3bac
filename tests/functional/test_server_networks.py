"""Addresses of servers: what may be asked for, who gets which, and where they are shown."""

from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from minicloud.conf import network
from minicloud.db import addresses, instances
from minicloud.db.engine import Database
from tests.functional.over_books import application, asked, database
from tests.functional.server_rows import get, place, post, run, stock

__all__ = ["database"]  # a fixture

_NETWORKS = ("private:10.0.0.0/8", "lab:fd00:1::/64")
PRIVATE, LAB = (network.parsed(text).id for text in _NETWORKS)
NOWHERE = "deadbeef-0000-4000-8000-000000000000"


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Any:
    stock(database)
    return application(database, tmp_path, _NETWORKS)


def _placed(app: Any, database: Database, **fields: Any) -> str:
    status, ref = post(app, **fields)
    assert status == 202, ref
    run(database, ref)
    return f"/servers/{ref}"


def _addresses(app: Any, path: str) -> dict[str, list[str]]:
    shown = get(app, path)["server"]["addresses"]
    return {label: [one["addr"] for one in ones] for label, ones in shown.items()}


def test_a_network_keeps_its_id_and_different_names_have_different_ones() -> None:
    assert network.parsed("private:192.168.0.0/16").id == PRIVATE
    assert PRIVATE != LAB


@pytest.mark.parametrize("text", ["private", ":10.0.0.0/8", "x:10.0.0.1/8", "x:10.0.0.0/25"])
def test_what_is_no_network_stops_the_program(
    database: Database, tmp_path: Path, text: str
) -> None:
    with pytest.raises(ValueError, match=text.partition(":")[2] or "of the form name:cidr"):
        application(database, tmp_path, [text])


@pytest.mark.parametrize(
    ("version", "fields", "labels"),
    [
        (1, {}, ["private"]),
        (1, {"networks": []}, ["private"]),
        (37, {"networks": "auto"}, ["private"]),
        (37, {"networks": "none"}, []),
        (1, {"networks": [{"uuid": LAB}]}, ["lab"]),
        (42, {"networks": [{"uuid": LAB}, {"uuid": PRIVATE}]}, ["lab", "private"]),
    ],
)
def test_a_server_gets_an_interface_on_each_network_it_asks_for_or_on_the_first(
    app: Any, database: Database, version: int, fields: dict[str, Any], labels: list[str]
) -> None:
    path = _placed(app, database, version=version, **fields)

    assert list(_addresses(app, path)) == labels


def test_networks_must_be_said_from_2_37(app: Any) -> None:
    assert post(app, version=36)[0] == 202
    assert post(app, version=37)[0] == 400
    assert post(app, version=36, networks="auto")[0] == 400


def test_addresses_come_with_the_host_and_stay(app: Any, database: Database) -> None:
    _, ref = post(app)
    before = get(app, f"/servers/{ref}")["server"]["addresses"]

    given = place(database, ref).addresses
    assert given
    kept = [nic | {"address": "10.0.0.77"} for nic in given]  # as after a change of networks
    waiting = instances.TABLE.update().values(task_state="scheduling", addresses=kept)
    database.write(lambda db: db.execute(waiting))

    assert before == {}
    assert place(database, ref).addresses == kept


def test_no_two_servers_have_an_address_a_port_or_a_mac_in_common(
    app: Any, database: Database
) -> None:
    twice = [{"uuid": PRIVATE}, {"uuid": PRIVATE}, {"uuid": LAB}]
    refs = [post(app, networks=twice)[1] for _ in range(5)]

    nics = [nic for ref in refs for nic in place(database, ref).addresses or ()]

    for name in ("address", "port_id", "mac"):
        assert len({nic[name] for nic in nics}) == len(nics) == 15
    assert all(ip_address(nic["address"]) in ip_network("10.0.0.0/8") for nic in nics[::3])


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "192.168.7.0/24", "fd00::/64"])
def test_what_is_given_out_is_in_the_network_and_never_what_may_be_wished_for(cidr: str) -> None:
    nic = {"network": "n", "label": "l", "subnet": "s", "cidr": cidr}
    for row_id in (1, 2, 10**6, 2**40):
        for one in addresses.of_instance(row_id, PRIVATE, [nic] * 3):
            assert ip_address(one["address"]) in ip_network(cidr)
            assert not addresses.is_for_wishes(cidr, one["address"])


def test_a_wished_address_is_given_to_one_server_at_a_time(app: Any, database: Database) -> None:
    wish: dict[str, Any] = {"networks": [{"uuid": PRIVATE, "fixed_ip": "10.0.0.5"}]}
    path = _placed(app, database, **wish)

    refused = post(app, **wish, user="bob")
    elsewhere = post(app, networks=[{"uuid": PRIVATE, "fixed_ip": "10.0.0.50"}])

    assert _addresses(app, path) == {"private": ["10.0.0.5"]}
    assert refused[0] == 400
    assert "10.0.0.5 is already in use" in refused[1]
    assert elsewhere[0] == 202


def test_an_address_is_free_again_when_its_server_is_gone(app: Any) -> None:
    wish: dict[str, Any] = {"networks": [{"uuid": PRIVATE, "fixed_ip": "10.0.0.5"}]}
    _, ref = post(app, **wish)

    assert asked(app, "DELETE", f"/servers/{ref}", user="alice").status_int == 204
    assert post(app, **wish)[0] == 202


@pytest.mark.parametrize(
    ("version", "fields", "message"),
    [
        (1, {"networks": [{"uuid": NOWHERE}]}, f"Network {NOWHERE} could not be found."),
        (1, {"networks": [{"port": NOWHERE}]}, f"Port {NOWHERE} could not be found."),
        (1, {"networks": [{}]}, "Bad network format"),
        (1, {"networks": [{"uuid": PRIVATE, "fixed_ip": "11.0.0.5"}]}, "Fixed IP 11.0.0.5"),
        (1, {"networks": [{"uuid": PRIVATE, "fixed_ip": "10.200.0.5"}]}, "can be asked for"),
        (1, {"networks": [{"uuid": PRIVATE, "fixed_ip": "10.0.0.1"}]}, "can be asked for"),
        (1, {"networks": [{"uuid": PRIVATE, "fixed_ip": "fd00:1::5"}]}, "not a valid ip"),
        (1, {"networks": [{"uuid": PRIVATE, "fixed_ip": "me"}]}, "no IP address"),
        (1, {"networks": [{"uuid": PRIVATE, "fixed_ip": "10.0.0.5"}] * 2}, "once only"),
        (
            1,
            {"networks": [{"uuid": PRIVATE, "fixed_ip": "10.0.0.5"}], "max_count": 2},
            "max_count",
        ),
        (1, {"networks": [{"port": NOWHERE}], "max_count": 2}, "Unable to launch multiple"),
        (31, {"networks": [{"uuid": PRIVATE, "tag": "a"}]}, "tag"),
        (37, {"networks": [{"uuid": PRIVATE, "tag": "a"}]}, "tag"),
        (37, {"networks": "some"}, "networks"),
    ],
)
def test_what_cannot_be_had_is_said(
    app: Any, version: int, fields: dict[str, Any], message: str
) -> None:
    status, said = post(app, version=version, **fields)

    assert status == 400
    assert message in said


def test_an_unknown_network_is_answered_with_those_there_are(app: Any) -> None:
    _, said = post(app, networks=[{"uuid": NOWHERE}])

    assert f"private ({PRIVATE}), lab ({LAB})" in said


def test_addresses_are_shown_in_four_places_alike(app: Any, database: Database) -> None:
    nets = [{"uuid": PRIVATE, "fixed_ip": "10.0.0.9", "tag": "front"}]
    path = _placed(app, database, version=42, networks=nets)

    (shown,) = get(app, path)["server"]["addresses"]["private"]
    (port,) = get(app, f"{path}/os-interface", version=70)["interfaceAttachments"]

    assert (shown["addr"], shown["version"], shown["OS-EXT-IPS:type"]) == ("10.0.0.9", 4, "fixed")
    assert get(app, f"{path}/ips") == {
        "addresses": {"private": [{"addr": "10.0.0.9", "version": 4}]}
    }
    assert get(app, f"{path}/ips/private") == {"private": [{"addr": "10.0.0.9", "version": 4}]}
    assert port["mac_addr"] == shown["OS-EXT-IPS-MAC:mac_addr"]
    assert (port["net_id"], port["port_state"], port["tag"]) == (PRIVATE, "ACTIVE", "front")
    assert port["fixed_ips"][0]["ip_address"] == "10.0.0.9"
    one = get(app, f"{path}/os-interface/{port['port_id']}", version=69)["interfaceAttachment"]
    assert one == {name: value for name, value in port.items() if name != "tag"}
    assert asked(app, "GET", f"{path}/ips/lab", user="alice").status_int == 404
    assert asked(app, "GET", f"{path}/os-interface/x", user="alice").status_int == 404


def test_lists_are_narrowed_by_an_expression_on_addresses(app: Any, database: Database) -> None:
    four = _placed(app, database, networks=[{"uuid": PRIVATE, "fixed_ip": "10.0.0.9"}])
    six = _placed(app, database, networks=[{"uuid": LAB, "fixed_ip": "fd00:1::9"}])
    post(app)

    def found(query: str, version: int = 5) -> set[str]:
        listed = get(app, f"/servers?{query}", version=version)["servers"]
        return {f"/servers/{server['id']}" for server in listed}

    assert found("ip=10.0.0.9") == found("ip=10.0") == found("ip=^10.*9$") == {four}
    assert found("ip=0.0.9") == found("ip=fd00") == set()
    assert found("ip6=fd00") == {six}
    assert len(found("ip6=fd00", version=4)) == 3
    assert asked(app, "GET", "/servers?ip=(", user="alice").status_int == 400
