"""/os-hosts"""

from typing import Final

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import hosts as schemas
from minicloud.api.views import hosts as views
from minicloud.db.models import Service
from minicloud.zones.base import Zone

_COMPUTE: Final = "nova-compute"
_UNSUPPORTED: Final = "The requested functionality is not supported."


class Hosts:
    def __init__(self, zone: Zone) -> None:
        self._hosts, self._services = zone.hosts, zone.services

    @answers(query=schemas.LIST)
    def index(self, req: ApiRequest) -> webob.Response:
        """Those that are in service."""
        zone = req.query(schemas.LIST).get("zone")
        found = [view for view in self._hosts.services(req.context) if not view.row.disabled]
        shown = [views.show(view) for view in found if zone in (None, "", view.zone)]
        return reply({"hosts": shown})

    def show(self, req: ApiRequest, host_name: str) -> webob.Response:
        found = self._hosts.use(req.context, host_name)
        if found is None:
            raise errors.ComputeHostNotFound(host_name)
        return reply({"host": views.resources(*found)})

    @answers(body=schemas.UPDATE, refuses=(501,))
    def update(self, req: ApiRequest, host_name: str) -> webob.Response:
        wanted = req.read(schemas.UPDATE)
        service = self._service(req, host_name)
        if "maintenance_mode" in wanted:
            raise errors.Unsupported(_UNSUPPORTED)  # its hypervisors know no such mode
        enabled = wanted["status"].lower() == "enable"
        facts = {"disabled": not enabled, "disabled_reason": None}
        self._services.change(req.context, service, facts)
        return reply({"host": host_name, "status": "enabled" if enabled else "disabled"})

    @answers(refuses=(501,))
    def power(self, req: ApiRequest, host_name: str) -> webob.Response:
        """No hypervisor driver can turn its own host off or on."""
        self._service(req, host_name)
        raise errors.Unsupported(_UNSUPPORTED)

    def _service(self, req: ApiRequest, host: str) -> Service:
        found = self._hosts.services(req.context, host=host, binary=_COMPUTE)
        if not found:
            raise errors.ComputeHostNotFound(host)
        return found[0].row
