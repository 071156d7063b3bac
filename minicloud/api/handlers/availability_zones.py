"""GET /os-availability-zone"""

from typing import Final

import webob

from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.views import availability_zones as views
from minicloud.zones.base import Zone

INTERNAL: Final = "internal"  # where the cloud's own programs are


class AvailabilityZones:
    def __init__(self, zone: Zone) -> None:
        self._hosts = zone.hosts

    def index(self, req: ApiRequest) -> webob.Response:
        zones = self._hosts.availability_zones(req.context)
        shown = [views.brief(zone) for zone in zones if zone.name != INTERNAL]
        return reply({"availabilityZoneInfo": shown})

    def detail(self, req: ApiRequest) -> webob.Response:
        zones = self._hosts.availability_zones(req.context)
        return reply({"availabilityZoneInfo": [views.detail(zone) for zone in zones]})
