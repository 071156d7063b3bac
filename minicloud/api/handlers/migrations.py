"""GET /os-migrations and /servers/{server_id}/migrations"""

import webob

from minicloud.api.contract import answers
from minicloud.api.handlers.of_server import OfServer
from minicloud.api.policies import migrations as policies
from minicloud.api.policy import Policy, owner
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import migrations as schemas
from minicloud.api.schemas.query import Asked
from minicloud.api.versions import Since
from minicloud.api.views import migrations as views
from minicloud.zones.base import Zone
from minicloud.zones.migrations import MigrationFilters


class Migrations(OfServer):
    def __init__(self, zone: Zone, policy: Policy) -> None:
        super().__init__(zone, policy)
        self._migrations = zone.migrations

    @answers(query=schemas.LIST)
    def list(self, req: ApiRequest) -> webob.Response:
        asked = req.query(schemas.LIST)
        page, filters = req.page(asked), _filters(asked)
        if filters.equal.get("project_id") != req.context.project_id:
            self.policy.check(req.context, policies.LIST_ALL)
        if not page.limit:
            return reply({"migrations": []})
        found = self._migrations.list(req.context, filters, page)
        hosts = self.policy.allows(req.context, policies.LIST_HOST)
        shown = [views.show(view, req.version, req.links, hosts=hosts) for view in found]
        links = {}
        if req.version >= Since.MIGRATION_PAGING:
            links = req.next_links("migrations", page, [view.row.uuid for view in found])
        return reply({"migrations": shown, **links})

    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        server = self.server(req, server_id, policies.INDEX)
        found = self._migrations.of_server(req.context, server)
        hosts = self.policy.allows(req.context, policies.INDEX_HOST, owner(server))
        shown = [views.of_server(view, req.version, hosts=hosts) for view in found]
        return reply({"migrations": shown})

    def show(self, req: ApiRequest, server_id: str, migration_id: str) -> webob.Response:
        server = self.server(req, server_id, policies.SHOW)
        view = self._migrations.one(req.context, server, migration_id)
        return reply({"migration": views.of_server(view, req.version)})


def _filters(asked: Asked) -> MigrationFilters:
    since, before = asked.changed()
    named = {column: asked.get(name) for name, column in schemas.EQUAL.items()}
    equal = {column: value for column, value in named.items() if value is not None}
    return MigrationFilters(asked.get("host"), equal, since, before)
