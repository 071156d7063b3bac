"""Options of [network]: the simulated networks that servers get their addresses from."""

import re
import uuid
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Final

from oslo_config import cfg, types

GROUP = "network"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", re.ASCII)
_IDS: Final = uuid.UUID("6d1a6f0e-6c7c-5d8e-9f2b-2f9a6c1f0b47")  # names become ids within it
_FEWEST_BITS: Final = 8  # of an address that tell servers apart


@dataclass(frozen=True)
class Network:
    """A simulated network; its id follows from its name and never changes."""

    name: str
    cidr: IPv4Network | IPv6Network

    @property
    def id(self) -> str:
        return str(uuid.uuid5(_IDS, self.name))

    @property
    def subnet_id(self) -> str:
        return str(uuid.uuid5(_IDS, f"{self.name}/{self.cidr}"))


def parsed(text: str) -> Network:
    """The network that `name:cidr` says; ValueError."""
    name, _, cidr = text.strip().partition(":")
    if not _NAME.fullmatch(name) or not cidr:
        raise ValueError(f"{text!r} is not of the form name:cidr")
    network = Network(name, ip_network(cidr.strip()))
    if network.cidr.max_prefixlen - network.cidr.prefixlen < _FEWEST_BITS:
        raise ValueError(f"{text!r} is too small: 2^{_FEWEST_BITS} addresses are the least")
    return network


class _NetworkText(types.String):  # type: ignore[misc]
    def __call__(self, value: object) -> str:
        text: str = super().__call__(value)
        parsed(text)
        return text


OPTS = [
    cfg.ListOpt(
        "networks",
        item_type=_NetworkText(),
        default=["private:10.0.0.0/8"],
        sample_default="private:10.0.0.0/8",
        help="The simulated networks, each as name:cidr. A server that names none gets an "
        "interface on the first. The lower half of a network's addresses is for those that ask "
        "for one (fixed_ip), the rest is given out in turn, and comes round again once a quarter "
        "of the network has been given out: let it be large. No traffic flows in any of them.",
    ),
]


def networks(conf: cfg.ConfigOpts) -> tuple[Network, ...]:
    """In the order of the option."""
    return tuple(parsed(text) for text in conf.network.networks)


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    return [(GROUP, OPTS)]
