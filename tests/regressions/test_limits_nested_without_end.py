"""A table in Redis that was nested too deeply to be read was a 500 for every request."""

from typing import Any

import pytest

from minicloud.api.ratelimit.redis_source import RedisTable, Unreadable
from minicloud.cmd.limits_book import at


class _Holding:
    """A Redis that holds nothing else."""

    def register_script(self, script: str) -> str:
        return script

    def hmget(self, *_: Any) -> list[bytes]:
        return [b"5", b"[" * 100_000]


def test_it_is_unreadable_as_other_nonsense_is() -> None:
    with pytest.raises(Unreadable):
        RedisTable(_Holding(), "limits").read()  # type: ignore[arg-type]


@pytest.mark.parametrize("version", [10**18, 10**30, -(10**18)])
def test_a_version_that_is_no_time_can_be_told(version: int) -> None:
    assert at(version) == f"version {version}"
