"""`minicloud up --servicegroup`: who knows which services live, and the server that needs."""

import argparse
import logging
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from oslo_config import cfg

from minicloud.cmd import settings
from minicloud.conf import register_opts
from minicloud.errors import CannotStart
from minicloud.runtime.masking import masked
from minicloud.runtime.servers.base import Server
from minicloud.runtime.servers.etcd import Etcd
from minicloud.runtime.servers.memcached import Memcached
from minicloud.runtime.servers.redis import Redis
from minicloud.runtime.servers.zookeeper import ZooKeeper

DATABASE: Final = "db"
_PRIVATE: Final[Mapping[str, type[Server]]] = {
    "zk": ZooKeeper,
    "mc": Memcached,
    "redis": Redis,
    "etcd": Etcd,
}
_OPTIONS: Final = {  # group and option of the address, and what of the URL is not written there
    "zk": ("zookeeper", "address", "zookeeper://"),
    "mc": ("memcache", "servers", "memcached://"),
    "redis": ("redis", "url", ""),
    "etcd": ("etcd", "url", "etcd3+"),
}


@dataclass(frozen=True)
class Choice:
    """The database, the name of a driver with a private server, or the URL of one that exists."""

    word: str

    @classmethod
    def of(cls, options: argparse.Namespace) -> "Choice":
        word: str = options.servicegroup
        if word != DATABASE and word not in _PRIVATE and "://" not in word:
            raise CannotStart(
                f"--servicegroup {word}: expected {', '.join(_PRIVATE)}, {DATABASE}, or a URL as "
                "zookeeper://h1:2181,h2:2181"
            )
        return cls(word)

    @property
    def kind(self) -> type[Server] | None:
        """The private server that it needs."""
        return _PRIVATE.get(self.word)

    def check(self) -> None:
        """CannotStart where nobody answers at the URL, or not as it should."""
        if "://" not in self.word:
            return
        # What it imports takes a while, warns of itself, and logs each attempt.
        warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
        logging.getLogger("kazoo").addHandler(logging.NullHandler())
        from minicloud.servicegroup import stores

        conf = register_opts(cfg.ConfigOpts())
        conf([], default_config_files=[], default_config_dirs=[])
        conf.set_override("driver", self.word, "servicegroup")
        try:
            stores.connect(conf).close()
        except CannotStart as error:
            told = str(error).replace("[servicegroup] driver", "--servicegroup")
            raise CannotStart(told) from None

    def settings(self, private: Mapping[str, str]) -> settings.Settings:
        """The configuration; `private` has the URLs of the private servers by their names."""
        chosen = {"servicegroup": {"driver": settings.literal(self.word)}}
        if self.kind is None:
            return chosen
        group, option, scheme = _OPTIONS[self.word]
        address = private[self.kind.name].removeprefix(scheme)
        return {**chosen, group: {option: settings.literal(address)}}

    def where(self, private: Mapping[str, str]) -> str:
        """For people, without a password."""
        if self.kind is None:
            return masked(self.word)
        host = private[self.kind.name].rpartition("/")[2].rpartition("@")[2]
        return f"{self.word}, {self.kind.name} at {host}"
