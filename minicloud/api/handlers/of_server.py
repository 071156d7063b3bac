"""What all handlers have in common that are about one server: finding it, for those who may."""

from minicloud.api.policy import Policy
from minicloud.api.request import ApiRequest
from minicloud.db.models import Instance
from minicloud.zones.base import Zone


def own_or_any(req: ApiRequest) -> bool:
    """An administrator finds the servers of every project, others those of their own."""
    return req.context.is_admin


class OfServer:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self.servers, self.policy = zone.servers, policy

    def server(
        self, req: ApiRequest, server_id: str, rule: str, *, deleted: bool = False
    ) -> Instance:
        """The server, if the caller may do this to it; another project's is not there."""
        found = self.servers.find(
            req.context, server_id, anywhere=own_or_any(req), deleted=deleted
        )
        self.policy.check_owned(req.context, rule, found)
        return found
