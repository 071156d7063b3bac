"""/os-aggregates"""

from uuid import UUID

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import aggregates as schemas
from minicloud.api.views import aggregates as views
from minicloud.db import rows
from minicloud.zones.base import AggregateView, Zone


class Aggregates:
    def __init__(self, zone: Zone) -> None:
        self._aggregates, self._images = zone.aggregates, zone.images

    def index(self, req: ApiRequest) -> webob.Response:
        found = self._aggregates.list(req.context)
        return reply({"aggregates": [views.show(view, req.version) for view in found]})

    @answers(body=schemas.CREATE)
    def create(self, req: ApiRequest) -> webob.Response:
        wanted = req.read(schemas.CREATE)["aggregate"]
        view = self._aggregates.create(
            req.context, wanted["name"].strip(), wanted.get("availability_zone")
        )
        return reply({"aggregate": views.created(view, req.version)})

    def show(self, req: ApiRequest, aggregate_id: str) -> webob.Response:
        return _one(req, self._aggregates.show(req.context, _number(aggregate_id)))

    @answers(body=schemas.UPDATE)
    def update(self, req: ApiRequest, aggregate_id: str) -> webob.Response:
        wanted = req.read(schemas.UPDATE)["aggregate"]
        meta = {key: wanted[key] for key in ("availability_zone",) if key in wanted}
        name = wanted["name"].strip() if "name" in wanted else None
        ref = _number(aggregate_id)
        return _one(req, self._aggregates.update(req.context, ref, name, meta))

    @answers(empty=True)
    def delete(self, req: ApiRequest, aggregate_id: str) -> webob.Response:
        self._aggregates.delete(req.context, _number(aggregate_id))
        return empty(200)

    @answers(body=schemas.ADD_HOST)
    def add_host(self, req: ApiRequest, aggregate_id: str) -> webob.Response:
        host = req.read(schemas.ADD_HOST)["add_host"]["host"]
        ref = _number(aggregate_id)
        return _one(req, self._aggregates.add_host(req.context, ref, host))

    @answers(body=schemas.REMOVE_HOST)
    def remove_host(self, req: ApiRequest, aggregate_id: str) -> webob.Response:
        host = req.read(schemas.REMOVE_HOST)["remove_host"]["host"]
        ref = _number(aggregate_id)
        return _one(req, self._aggregates.remove_host(req.context, ref, host))

    @answers(body=schemas.SET_METADATA)
    def set_metadata(self, req: ApiRequest, aggregate_id: str) -> webob.Response:
        """A key whose value is null is taken away."""
        meta = req.read(schemas.SET_METADATA)["set_metadata"]["metadata"]
        ref = _number(aggregate_id)
        zone = meta.get("availability_zone")
        if zone is not None and (not zone.strip() or ":" in zone):
            raise errors.BadRequest(
                f"Cannot update metadata of aggregate {ref}. "
                "Reason: an availability zone has a name, and no colon in it."
            )
        return _one(req, self._aggregates.update(req.context, ref, None, meta))

    @answers(202, body=schemas.IMAGES, empty=True)
    def images(self, req: ApiRequest, aggregate_id: str) -> webob.Response:
        """What boots faster afterwards is the hosts' affair; the images must be there."""
        named = [str(UUID(one["id"])) for one in req.read(schemas.IMAGES)["cache"]]
        if len(set(named)) < len(named):
            raise errors.BadRequest("Duplicate images in request")
        self._aggregates.show(req.context, _number(aggregate_id))
        for image_id in named:
            self._images.show(req.context, image_id)
        return empty(202)


def _number(ref: str) -> int:
    number = rows.number(ref)
    if number is None:
        raise errors.AggregateNotFound(ref)
    return number


def _one(req: ApiRequest, view: AggregateView) -> webob.Response:
    return reply({"aggregate": views.show(view, req.version)})
