"""Where the service group is kept, as the configuration says."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from oslo_config import cfg

from minicloud import errors
from minicloud.runtime.masking import masked

_SCHEMES: Final = {
    "zookeeper": "zk",
    "kazoo": "zk",
    "memcached": "mc",
    "redis": "redis",
    "rediss": "redis",
    "etcd3+http": "etcd",
    "etcd3+https": "etcd",
}
_PORTS: Final = {"zk": 2181, "mc": 11211, "redis": 6379, "etcd": 2379}
STORES: Final = frozenset(_PORTS)
_HOST: Final = re.compile(r"^(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]@?#]+)(?::([0-9]+))?$")


@dataclass(frozen=True)
class Address:
    """`driver`: its name; `url` for tooz, with what of it is secret; `shown` without that.

    `hosts` are host:port; `options` go beside the URL."""

    driver: str
    url: str = field(repr=False)
    shown: str
    hosts: tuple[str, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict, repr=False)


def driver_of(chosen: str) -> str:
    """The name of the driver that a name or a URL chooses."""
    if "://" not in chosen:
        return chosen
    scheme = chosen.split("://", 1)[0].lower()
    if scheme not in _SCHEMES:
        known = ", ".join(f"{one}://" for one in sorted(_SCHEMES))
        raise errors.CannotStart(
            f"[servicegroup] driver: {scheme}:// keeps no members that end by themselves; "
            f"known are {known} and the names db, zk, mc, redis, etcd"
        )
    return _SCHEMES[scheme]


def address_of(conf: cfg.ConfigOpts) -> Address:
    """Where the chosen driver looks; CannotStart where that makes no sense."""
    chosen = conf.servicegroup.driver
    driver = driver_of(chosen)
    if "://" in chosen:
        return _from_url(driver, "[servicegroup] driver", chosen)
    return _NAMED[driver](conf)


def _zookeeper(conf: cfg.ConfigOpts) -> Address:
    option, value = "[zookeeper] address", conf.zookeeper.address
    hosts = [word.strip() for word in value.strip(" \t\"'").split(",")]
    return _address("zk", option, [host for host in hosts if host])


def _memcached(conf: cfg.ConfigOpts) -> Address:
    option, servers = "[memcache] servers", conf.memcache.servers
    return _address("mc", option, [one.strip(" \t\"'") for one in servers if one.strip(" \t\"'")])


def _address(driver: str, option: str, words: list[str]) -> Address:
    hosts = _hosts(driver, option, words)
    scheme = "zookeeper" if driver == "zk" else "memcached"
    url = f"{scheme}://{hosts[0] if driver == 'mc' else ','.join(hosts)}"
    return Address(driver, url, f"{url} ({option})", hosts)


def _hosts(driver: str, option: str, words: list[str]) -> tuple[str, ...]:
    """host:port of each; one without a port has the driver's."""
    found = []
    for word in words:
        match = _HOST.match(word)
        port = int(match[2] or _PORTS[driver]) if match else 0
        if match is None or not 0 < port < 65536:
            raise errors.CannotStart(f"{option}: {masked(word)!r} is not host:port")
        found.append(f"{match[1]}:{port}")
    if not found:
        raise errors.CannotStart(f"{option} names no server")
    return tuple(found)


def _from_url(driver: str, option: str, url: str) -> Address:
    try:
        parts = urlsplit(url.strip(" \t\"'"))
    except ValueError as error:
        raise errors.CannotStart(f"{option}: {error}") from None
    place = parts.netloc.rpartition("@")[2]
    if driver == "redis" and not place:
        hosts: tuple[str, ...] = ()  # a socket, by its path
    else:
        words = place.split(",") if driver == "zk" else [place]
        hosts = _hosts(driver, option, [word for word in words if word])
    made = _for_tooz(parts)
    return Address(driver, made, f"{parts.scheme}://{place or parts.path} ({option})", hosts)


def _for_tooz(parts: SplitResult) -> str:
    """tooz takes TLS to Redis as an option, and the database's number too."""
    options = dict(parse_qsl(parts.query))
    scheme, path = parts.scheme.lower(), parts.path
    if scheme in ("redis", "rediss"):
        if scheme == "rediss":
            scheme = "redis"
            options.setdefault("ssl", "true")
        if parts.netloc and path.strip("/"):
            options.setdefault("db", path.strip("/"))
            path = ""
    return urlunsplit((scheme, parts.netloc, path, urlencode(options), ""))


def _redis(conf: cfg.ConfigOpts) -> Address:
    return _of_option("redis", "[redis] url", conf.redis.url, ("redis", "rediss"))


def _etcd(conf: cfg.ConfigOpts) -> Address:
    url = conf.etcd.url
    if url.split("://")[0] in ("http", "https"):
        url = f"etcd3+{url}"
    return _of_option("etcd", "[etcd] url", url, ("etcd3+http", "etcd3+https"))


def _of_option(driver: str, option: str, url: str, schemes: tuple[str, ...]) -> Address:
    scheme = url.strip(" \t\"'").split("://", 1)[0].lower()
    if "://" not in url or scheme not in schemes:
        wanted = " or ".join(f"{one}://" for one in schemes)
        raise errors.CannotStart(f"{option}: {masked(url)!r} does not begin with {wanted}")
    return _from_url(driver, option, url)


_NAMED: Final[Mapping[str, Callable[[cfg.ConfigOpts], Address]]] = {
    "zk": _zookeeper,
    "mc": _memcached,
    "redis": _redis,
    "etcd": _etcd,
}
