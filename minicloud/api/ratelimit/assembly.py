"""The limiter that the options ask for."""

from oslo_config import cfg

from minicloud.api.ratelimit import sources
from minicloud.api.ratelimit.limiter import Limiter
from minicloud.api.ratelimit.source import Source
from minicloud.api.ratelimit.store import Store
from minicloud.runtime.clock import Clock


def limiter(conf: cfg.ConfigOpts, clock: Clock, source: Source, version_key: str = "") -> Limiter:
    """`version_key`: the hash in Redis whose field `version` tells when `source` is behind."""
    closed = conf.ratelimit.store_failure == "closed"
    return Limiter(source, store(conf, clock, version_key), clock, closed)


def store(conf: cfg.ConfigOpts, clock: Clock, version_key: str = "") -> Store:
    """[ratelimit] store; CannotStart when it is neither memory nor an address of Redis."""
    options = conf.ratelimit
    if options.store == sources.MEMORY:
        from minicloud.api.ratelimit.memory_store import MemoryStore

        return MemoryStore(lambda: int(clock.monotonic() * 1_000_000))
    from minicloud.api.ratelimit.redis_store import RedisStore

    client = sources.client(conf, options.store_timeout_s)
    return RedisStore(client, options.key_prefix, clock, version_key, options.store_pause_s)
