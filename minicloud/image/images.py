"""Images: listed, shown, made, changed, deleted."""

from typing import Any, Final
from uuid import uuid4

import webob
from sqlalchemy.orm import Session

from minicloud.auth.caller import Caller
from minicloud.db import images
from minicloud.db.models import Image
from minicloud.errors import BadRequest, Forbidden, ImageNotFound
from minicloud.image import documents, filters, schemas
from minicloud.image.documents import shown_image
from minicloud.image.parts import Parts
from minicloud.runtime.wsgi import Call, WrongType, done, shown

PATCH_TYPE: Final = "application/openstack-images-v2.1-json-patch"
OLD_PATCH_TYPE: Final = "application/openstack-images-v2.0-json-patch"


class Images:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def list(self, call: Call) -> webob.Response:
        caller = self._parts.reader(call)
        limit = min(filters.number(call, "limit", self._parts.max_limit), self._parts.max_limit)
        wanted = filters.wanted(call, limit + 1)  # one more, to know whether there is a next page

        def work(db: Session) -> list[Image]:
            marker = wanted.marker
            if marker and images.get(db, marker, caller.project_id, caller.is_admin) is None:
                raise BadRequest("Invalid input: the marker is no image.")
            return images.listed(db, wanted, caller.project_id, caller.is_admin)

        found = self._parts.database.read(work)
        page = found[:limit]
        body = {
            "images": [shown_image(image) for image in page],
            "first": filters.page_link(call, None),
            "schema": "/v2/schemas/images",
        }
        if page and len(found) > limit:
            body["next"] = filters.page_link(call, page[-1].id)
        return shown(body)

    def show(self, call: Call) -> webob.Response:
        _caller, image = self._parts.seen(call)
        return shown(shown_image(image))

    def create(self, call: Call) -> webob.Response:
        caller, now = self._parts.member(call), self._parts.database.now()
        document = call.read(schemas.OBJECT)
        values = {
            "owner": caller.project_id,
            "visibility": "shared",
            "protected": False,
            "min_disk_gb": 0,
            "min_ram_mb": 0,
            "tags": [],
            **documents.columns(document, caller),
        }
        if values["owner"] is None:
            raise Forbidden("The token is not scoped to a project.")
        _may_publish(caller, values["visibility"])
        image = Image(
            id=document.get("id") or str(uuid4()),
            status="queued",
            created_at=now,
            updated_at=now,
            **values,
        )

        def work(db: Session, again: bool) -> None:
            if not (again and images.is_there(db, image)):
                images.insert(db, image)

        self._parts.database.write_once(work, "image.create")
        return shown(shown_image(image), 201, {"Location": f"{call.here}/v2/images/{image.id}"})

    def update(self, call: Call) -> webob.Response:
        caller, image = self._parts.own(call)
        document = documents.patched(documents.written(image), _changes(call))
        if document["owner"] == image.owner:  # as it was: nothing to permit
            del document["owner"]
        if document["visibility"] != image.visibility:
            _may_publish(caller, document["visibility"])
        self.change(image, documents.columns(document, caller))
        return self.show(call)

    def change(self, image: Image, values: dict[str, object]) -> None:
        """Write what was made of this state of the image, unless it has changed since."""
        now = self._parts.database.now()
        values = {**values, "updated_at": now}
        self._parts.database.write_once(
            lambda db, again: images.change(db, image, values, again=again), "image.update"
        )

    def delete(self, call: Call) -> webob.Response:
        _caller, image = self._parts.own(call)
        if image.protected:
            raise Forbidden(f"Image {image.id} is protected and cannot be deleted.")

        def work(db: Session, again: bool) -> None:
            if not images.delete(db, image.id) and not again:
                raise ImageNotFound(image.id)

        self._parts.database.write_once(work, "image.delete")
        self._parts.store.forget(image.id)
        return done()

    def deactivate(self, call: Call) -> webob.Response:
        """Its bytes are kept and given to administrators only, and nothing boots from it."""
        return self._switch(call, "active", "deactivated")

    def reactivate(self, call: Call) -> webob.Response:
        return self._switch(call, "deactivated", "active")

    def _switch(self, call: Call, old: str, new: str) -> webob.Response:
        _caller, image = self._parts.own(call)
        now = self._parts.database.now()
        if image.status not in (old, new):
            raise Forbidden(f"Image {image.id} is {image.status}: it cannot become {new}.")
        self._parts.database.write(
            lambda db: images.change_status(db, image.id, old, new, now), "image.switch"
        )
        return done()

    def tag(self, call: Call) -> webob.Response:
        _caller, image = self._parts.own(call)
        tag = call.path["tag"]
        if len(tag) > 255:
            raise BadRequest("Invalid input: a tag has at most 255 characters.")
        if tag not in image.tags:
            self.change(image, {"tags": sorted([*image.tags, tag])})
        return done()

    def untag(self, call: Call) -> webob.Response:
        _caller, image = self._parts.own(call)
        tag = call.path["tag"]
        if tag not in image.tags:
            raise ImageNotFound(image.id)
        self.change(image, {"tags": [each for each in image.tags if each != tag]})
        return done()


def _changes(call: Call) -> list[dict[str, Any]]:
    if call.http.content_type == PATCH_TYPE:
        changes: list[dict[str, Any]] = call.read(schemas.PATCH)
        return changes
    if call.http.content_type == OLD_PATCH_TYPE:
        return [documents.renewed(change) for change in call.read(schemas.OLD_PATCH)]
    raise WrongType("of this body" if call.http.content_type else "that is not named")


def _may_publish(caller: Caller, visibility: str) -> None:
    if visibility == "public" and not caller.is_admin:
        raise Forbidden("You are not permitted to make an image public.")
