"""GET /os-networks and /os-tenant-networks, as they were before there was a network service."""

import webob

from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.views import networks as views
from minicloud.zones.base import Zone


class Networks:
    def __init__(self, zone: Zone) -> None:
        self._networks = zone.networks

    def index(self, req: ApiRequest) -> webob.Response:
        is_admin = req.context.is_admin
        found = self._networks.list(req.context)
        return reply({"networks": [views.show(one, is_admin=is_admin) for one in found]})

    def show(self, req: ApiRequest, ref: str) -> webob.Response:
        found = self._networks.show(req.context, ref)
        return reply({"network": views.show(found, is_admin=req.context.is_admin)})


class TenantNetworks:
    def __init__(self, zone: Zone) -> None:
        self._networks = zone.networks

    def index(self, req: ApiRequest) -> webob.Response:
        found = self._networks.list(req.context)
        return reply({"networks": [views.brief(one) for one in found]})

    def show(self, req: ApiRequest, ref: str) -> webob.Response:
        return reply({"network": views.brief(self._networks.show(req.context, ref))})
