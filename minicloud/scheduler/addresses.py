"""The addresses of hosts as numbers, so that a network is compared with all of them at once."""

import socket
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network

import numpy as np
import numpy.typing as npt

Network = IPv4Network | IPv6Network

_NONE, _HALF = 0, 2**64 - 1


class Addresses:
    """128 bits each in two columns, big end first; what is no address is in no network."""

    def __init__(self, texts: Sequence[str]) -> None:
        packed = [_packed(text) for text in texts]
        self._family = np.array([family for family, _bytes in packed], np.int8)
        halves = np.frombuffer(b"".join(each for _family, each in packed), ">u8")
        self._high = halves[0::2].astype(np.uint64)
        self._low = halves[1::2].astype(np.uint64)

    def within(self, network: Network) -> npt.NDArray[np.bool_]:
        found = np.asarray(self._family == network.version)
        mask, wanted = int(network.netmask), int(network.network_address)
        if network.version == 6:
            found &= (self._high & np.uint64(mask >> 64)) == np.uint64(wanted >> 64)
        found &= (self._low & np.uint64(mask & _HALF)) == np.uint64(wanted & _HALF)
        return found


def _packed(text: str) -> tuple[int, bytes]:
    """(version, 16 bytes)."""
    with suppress(OSError, ValueError):
        return 4, socket.inet_pton(socket.AF_INET, text).rjust(16, b"\0")
    with suppress(OSError, ValueError):
        return 6, socket.inet_pton(socket.AF_INET6, text)
    return _NONE, bytes(16)
