"""When silence tells something of a member, and when only that nobody was written down.

Where nothing at all was written for a while, of no member of any group, it was the database that
was away, or all who write. Then silence is counted from the last moment that anybody was heard;
and whoever writes first afterwards gives those who lived then their time once more, before what
it has heard itself makes the others look old. A pause that is too long tells that all are gone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.conf.servicegroup import down_time_s
from minicloud.db import services

SKEW: Final = timedelta(seconds=5)  # how far ahead of the database's clock a time stamp may be
_LONGEST: Final = 5  # down times; as long as what was read of a store stands without it
_INTERVALS: Final = 2  # the programs that write are heard of once in each


@dataclass(frozen=True)
class Silence:
    interval: timedelta
    down_time: timedelta

    @classmethod
    def of(cls, conf: cfg.ConfigOpts) -> "Silence":
        interval = timedelta(seconds=conf.servicegroup.report_interval_s)
        return cls(interval, timedelta(seconds=down_time_s(conf)))

    def since(self, db: Session, now: datetime) -> datetime:
        """Who was heard of from this moment on is alive."""
        newest = services.newest(db, now + SKEW)
        paused = newest is not None and self._is_pause(now - newest)
        return (newest if newest is not None and paused else now) - self.down_time

    def may_be_all(self, last: datetime | None, now: datetime) -> bool:
        """Whether a pause may be why a member was heard last then; not if it is dead for long."""
        return last is not None and now - last <= (_LONGEST + 1) * self.down_time

    def may_have_paused(self, quiet_s: float) -> bool:
        """Whether a program that has not written for so long should look."""
        return quiet_s > _INTERVALS * self.interval.total_seconds()

    def end_pause(self, db: Session, now: datetime) -> int:
        """Give their time once more to those who lived when the writing ended; how many."""
        newest = services.newest(db, now + SKEW)
        if newest is None or not self._is_pause(now - newest):
            return 0
        return services.heard_again(db, newest - self.down_time, newest, now)

    def _is_pause(self, length: timedelta) -> bool:
        return _INTERVALS * self.interval < length <= _LONGEST * self.down_time
