"""The rate limits of a program that serves the API, where they are enabled."""

import logging
import os
from typing import TYPE_CHECKING

from oslo_config import cfg

from minicloud.cmd.parts import Parts
from minicloud.runtime import dice
from minicloud.runtime.clock import Clock
from minicloud.runtime.loop import Loop

if TYPE_CHECKING:
    from minicloud.api.ratelimit.limiter import Limiter

LOG = logging.getLogger(__name__)


def limiters(conf: cfg.ConfigOpts, running: Parts, clock: Clock) -> "tuple[Limiter, ...]":
    """The limiter, for `app.load`; none where requests are not limited."""
    if not conf.ratelimit.enabled:
        return ()
    from minicloud.api.ratelimit import assembly, sources  # which take a while

    if conf.ratelimit.store == sources.MEMORY:
        limiter = assembly.limiter(conf, clock, sources.file_of(conf, clock))
    else:
        limiter = _shared(conf, running, clock)
    running.on_stop(limiter.close)
    return (limiter,)


def _shared(conf: cfg.ConfigOpts, running: Parts, clock: Clock) -> "Limiter":
    """Limits and levels in Redis, and a thread that hears what operators say there."""
    from redis.exceptions import RedisError

    from minicloud.api.ratelimit import assembly, sources
    from minicloud.api.ratelimit.control import ControlChannel

    options = conf.ratelimit
    client = sources.client(conf, options.store_timeout_s)
    source = sources.redis_of(conf, client)
    try:
        source.refresh()
    except RedisError as error:
        LOG.warning("the limits are those of the file until Redis is there: %s", str(error))
    node = f"{conf.host}/{os.getpid()}"
    channel = ControlChannel(
        client, source, options.control_channel, node, clock, dice.new(), options.reload_spread_s
    )
    loop = Loop("rate limits", channel.step, 0.0, clock)
    running.on_stop(client.close)
    running.on_stop(channel.close)
    loop.start()
    running.on_stop(loop.stop)
    return assembly.limiter(conf, clock, source, source.key)
