"""GET /os-migrations and /servers/{server_id}/migrations"""

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.handlers.servers import own_or_any
from minicloud.api.policies import migrations as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import migrations as schemas
from minicloud.api.schemas.query import Asked
from minicloud.api.versions import Since
from minicloud.api.views import migrations as views
from minicloud.db.models import Instance
from minicloud.zones.base import Zone
from minicloud.zones.migrations import MigrationFilters


class Migrations:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._migrations, self._servers, self._policy = zone.migrations, zone.servers, policy

    @answers(query=schemas.LIST)
    def list(self, req: ApiRequest) -> webob.Response:
        asked = req.query(schemas.LIST)
        page = req.page(asked)
        if not page.limit:
            return reply({"migrations": []})
        found = self._migrations.list(req.context, _filters(asked), page)
        shown = [views.show(view, req.version, req.links) for view in found]
        links = {}
        if req.version >= Since.MIGRATION_PAGING:
            links = req.next_links("migrations", page, [view.row.uuid for view in found])
        return reply({"migrations": shown, **links})

    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        server = self._server(req, server_id, policies.INDEX)
        found = self._migrations.of_server(req.context, server)
        return reply({"migrations": [views.of_server(view, req.version) for view in found]})

    def show(self, req: ApiRequest, server_id: str, migration_id: str) -> webob.Response:
        server = self._server(req, server_id, policies.SHOW)
        view = self._migrations.one(req.context, server, migration_id)
        return reply({"migration": views.of_server(view, req.version)})

    def _server(self, req: ApiRequest, server_id: str, rule: str) -> Instance:
        server = self._servers.find(req.context, server_id, anywhere=own_or_any(req))
        self._policy.check_owned(req.context, rule, server)
        return server


def _filters(asked: Asked) -> MigrationFilters:
    since, before = asked.moment("changes-since"), asked.moment("changes-before")
    if since and before and since > before:
        raise errors.BadRequest(
            "The value of changes-since must be less than or equal to changes-before."
        )
    named = {column: asked.get(name) for name, column in schemas.EQUAL.items()}
    equal = {column: value for column, value in named.items() if value is not None}
    return MigrationFilters(asked.get("host"), equal, since, before)
