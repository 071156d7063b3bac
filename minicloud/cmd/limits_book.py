"""Opens what the commands of `minicloud-manage limits` work on."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oslo_config import cfg

from minicloud import errors
from minicloud.api.ratelimit import books, sources

if TYPE_CHECKING:
    from redis import Redis

_TIMEOUT_S: Final = 5.0


@dataclass(frozen=True)
class Opened:
    """The limits, and the Redis that they are in; None: they are in a file."""

    book: books.Book
    client: "Redis | None"


@contextmanager
def opened(conf: cfg.ConfigOpts) -> Iterator[Opened]:
    """CannotStart, with a line for the operator, for whatever goes wrong within the block."""
    try:
        if conf.ratelimit.store == sources.MEMORY:
            yield Opened(books.file_book(conf), None)
        else:
            with _redis(conf) as client:
                yield Opened(books.redis_book(conf, client), client)
    except errors.CannotStart:
        raise
    except errors.MinicloudError as error:
        raise errors.CannotStart(str(error)) from error


@contextmanager
def _redis(conf: cfg.ConfigOpts) -> Iterator["Redis"]:
    from redis.exceptions import RedisError

    client = sources.client(conf, _TIMEOUT_S)
    try:
        yield client
    except RedisError as error:
        raise errors.CannotStart(
            f"the Redis of the limits, {sources.address(conf)}, cannot be used: {error} "
            "([ratelimit] store says where it is)"
        ) from error
    finally:
        client.close()


def at(version: int) -> str:
    """A version, with the time that it is."""
    from datetime import UTC, datetime

    try:
        moment = datetime.fromtimestamp(version / 1000, UTC)
    except (ValueError, OverflowError):  # somebody else's number
        return f"version {version}"
    return f"version {version} (of {moment:%Y-%m-%d %H:%M:%S} UTC)"


def doubt_id(project: str) -> None:
    """Limits go by ids, and whoever gives a name is told nothing of it by what happens."""
    if not re.fullmatch("[0-9a-f]{32}", project.replace("-", "")):
        print(
            f"note: {project!r} does not look like the id of a project; that of a name is told by "
            f"`openstack project show {project} -f value -c id`"
        )
