"""A scheduler that would put everything on one host."""

from minicloud.context import RequestContext
from minicloud.db import models
from minicloud.zones.base import NewServers
from minicloud.zones.scheduling import Prospect


class FakeScheduling:
    def what_if(
        self,
        context: RequestContext,
        wanted: NewServers,
        tell: int,
        project_id: str | None = None,
    ) -> Prospect:
        return self._prospect(wanted.min_count)

    def last(
        self, context: RequestContext, server: models.Instance
    ) -> models.InstanceAction | None:
        return None

    def now(self, context: RequestContext, server: models.Instance, tell: int) -> Prospect:
        return self._prospect(1)

    def _prospect(self, count: int) -> Prospect:
        fits = {"count": 2, "exact": True, "most": None, "hosts": [["h", 2]], "more_hosts": 0}
        told = {
            "hosts": ["h"] * count,
            "best": ["h"],
            "more_best": 0,
            "refused": None,
            "explanation": {"hosts": 1, "accepted": 1, "counts": {}, "refused": [], "best": []},
            "fits": fits,
        }
        return Prospect(told, count, 7)
