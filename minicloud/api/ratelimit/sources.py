"""The source that the options ask for, and what changes it."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from oslo_config import cfg

from minicloud import errors
from minicloud.api.ratelimit import file_source
from minicloud.runtime.clock import Clock
from minicloud.runtime.files import shipped

if TYPE_CHECKING:
    from redis import Redis

    from minicloud.api.ratelimit.redis_source import RedisSource, RedisTable

MEMORY: Final = "memory"
_NO_ADDRESS: Final = (
    "[ratelimit] store: neither memory nor an address of Redis, such as redis://host:6379/0, "
    "rediss://:password@host:6379/0 or unix:///path; in a password / is written %2F, and # %23"
)


def limits_file(conf: cfg.ConfigOpts) -> Path:
    """[ratelimit] limits_file: a path, or a name next to the configuration; else as shipped."""
    name: str = conf.ratelimit.limits_file
    if Path(name).is_absolute():
        return Path(name)
    found = conf.find_file(name)
    return Path(found) if found else shipped(f"etc/minicloud/{name}")


def file_of(conf: cfg.ConfigOpts, clock: Clock) -> file_source.FileSource:
    return file_source.FileSource(limits_file(conf), clock)


def redis_of(conf: cfg.ConfigOpts, client: "Redis") -> "RedisSource":
    from minicloud.api.ratelimit.redis_source import RedisSource  # slow, and mostly not needed

    path = limits_file(conf)
    return RedisSource(redis_table(conf, client), address(conf), lambda: file_source.read(path))


def redis_table(conf: cfg.ConfigOpts, client: "Redis") -> "RedisTable":
    from minicloud.api.ratelimit.redis_source import RedisTable

    return RedisTable(client, f"{{{conf.ratelimit.key_prefix}}}:limits")


def client(conf: cfg.ConfigOpts, timeout_s: float) -> "Redis":
    """CannotStart when [ratelimit] store is no address of Redis."""
    from minicloud.api.ratelimit.redis_store import client_of

    try:
        return client_of(conf.ratelimit.store, timeout_s)
    except ValueError:  # its text may repeat a password: of one with a slash it says it is no port
        raise errors.CannotStart(_NO_ADDRESS) from None


def address(conf: cfg.ConfigOpts) -> str:
    """[ratelimit] store without a password, to be shown."""
    scheme, slashes, rest = conf.ratelimit.store.partition("://")
    host = rest.partition("?")[0].rpartition("@")[2]  # a password may be a parameter as well
    return f"{scheme}{slashes}{host}"


def is_shipped(path: Path) -> bool:
    """Whether this is the file that came with the code."""
    try:
        return path.resolve() == shipped("etc/minicloud/limits.yaml").resolve()
    except errors.CannotStart:
        return False
