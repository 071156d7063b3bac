"""Images: listed, shown, made, changed, deleted."""

import csv
import re
from typing import Final
from urllib.parse import urlencode
from uuid import uuid4

import webob
from sqlalchemy.orm import Session

from minicloud.db import images
from minicloud.db.images import Wanted
from minicloud.db.models import Image
from minicloud.db.tokens import Grant
from minicloud.errors import BadRequest, Conflict, Forbidden, ImageNotFound
from minicloud.image import documents, schemas
from minicloud.image.documents import shown_image
from minicloud.image.parts import Parts
from minicloud.runtime.wsgi import Call, WrongType, done, shown

PATCH_TYPE: Final = "application/openstack-images-v2.1-json-patch"
_LISTED_BY: Final = {
    **{name: name for name in ("id", "name", "status", "visibility", "owner")},
    **{name: name for name in ("disk_format", "container_format", "checksum", "os_hash_value")},
}
_NUMBERS: Final = {"min_disk": "min_disk_gb", "min_ram": "min_ram_mb"}
_PAGING: Final = {"limit", "marker", "sort", "sort_key", "sort_dir", "tag", "size_min", "size_max"}
_IGNORED: Final = {"os_hidden", "member_status"}


class Images:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def list(self, call: Call) -> webob.Response:
        grant = self._parts.grant(call)
        limit = min(_number(call, "limit", self._parts.max_limit), self._parts.max_limit)
        wanted = _wanted(call, limit + 1)  # one more, to know whether there is a next page

        def work(db: Session) -> list[Image]:
            marker = wanted.marker
            if marker and images.get(db, marker, grant.project_id, grant.is_admin) is None:
                raise BadRequest("Invalid input: the marker is no image.")
            return images.listed(db, wanted, grant.project_id, grant.is_admin)

        found = self._parts.database.read(work)
        page = found[:limit]
        body = {
            "images": [shown_image(image) for image in page],
            "first": _page_link(call, None),
            "schema": "/v2/schemas/images",
        }
        if page and len(found) > limit:
            body["next"] = _page_link(call, page[-1].id)
        return shown(body)

    def show(self, call: Call) -> webob.Response:
        _grant, image = self._parts.seen(call)
        return shown(shown_image(image))

    def create(self, call: Call) -> webob.Response:
        grant, now = self._parts.grant(call), self._parts.database.now()
        document = call.read(schemas.OBJECT)
        values = {
            "owner": grant.project_id,
            "visibility": "shared",
            "protected": False,
            "min_disk_gb": 0,
            "min_ram_mb": 0,
            "tags": [],
            **documents.columns(document, grant),
        }
        if values["owner"] is None:
            raise Forbidden("The token is not scoped to a project.")
        _may_publish(grant, values["visibility"])
        image = Image(
            id=document.get("id") or str(uuid4()),
            status="queued",
            created_at=now,
            updated_at=now,
            **values,
        )
        self._parts.database.write(lambda db: images.insert(db, image), "image.create")
        return shown(shown_image(image), 201, {"Location": f"{call.here}/v2/images/{image.id}"})

    def update(self, call: Call) -> webob.Response:
        if call.http.content_type != PATCH_TYPE:
            raise WrongType(PATCH_TYPE if not call.http.content_type else "of this body")
        grant, image = self._parts.own(call)
        document = documents.patched(documents.written(image), call.read(schemas.PATCH))
        if document["owner"] == image.owner:  # as it was: nothing to permit
            del document["owner"]
        if document["visibility"] != image.visibility:
            _may_publish(grant, document["visibility"])
        self.change(image, documents.columns(document, grant))
        return self.show(call)

    def change(self, image: Image, values: dict[str, object]) -> None:
        """Write what was made of this state of the image, unless it has changed since."""
        now = self._parts.database.now()
        values = {**values, "updated_at": now}
        if not self._parts.database.write(
            lambda db: images.update(db, image.id, image.updated_at, values), "image.update"
        ):
            raise Conflict("The image was changed by someone else meanwhile.")

    def delete(self, call: Call) -> webob.Response:
        _grant, image = self._parts.own(call)
        if image.protected:
            raise Forbidden(f"Image {image.id} is protected and cannot be deleted.")
        if not self._parts.database.write(lambda db: images.delete(db, image.id), "image.delete"):
            raise ImageNotFound(image.id)
        self._parts.store.forget(image.id)
        return done()

    def tag(self, call: Call) -> webob.Response:
        _grant, image = self._parts.own(call)
        tag = call.path["tag"]
        if len(tag) > 255:
            raise BadRequest("Invalid input: a tag has at most 255 characters.")
        if tag not in image.tags:
            self.change(image, {"tags": sorted([*image.tags, tag])})
        return done()

    def untag(self, call: Call) -> webob.Response:
        _grant, image = self._parts.own(call)
        tag = call.path["tag"]
        if tag not in image.tags:
            raise ImageNotFound(image.id)
        self.change(image, {"tags": [each for each in image.tags if each != tag]})
        return done()


def _may_publish(grant: Grant, visibility: str) -> None:
    if visibility == "public" and not grant.is_admin:
        raise Forbidden("You are not permitted to make an image public.")


def _wanted(call: Call, limit: int) -> Wanted:
    equal: dict[str, list[object]] = {}
    properties = {}
    for key, text in call.query.items():
        if key in _LISTED_BY:
            if (key, text) != ("visibility", "all"):
                equal[_LISTED_BY[key]] = list(_one_of(text))
        elif key in _NUMBERS:
            equal[_NUMBERS[key]] = [_number(call, key, 0)]
        elif key == "protected":
            equal[key] = [_flag(text)]
        elif key in ("created_at", "updated_at"):
            raise BadRequest(f"Invalid input: {key} is no filter here.")
        elif key not in _PAGING | _IGNORED:
            if not re.match(images.PROPERTY_NAME, key):
                raise BadRequest("Invalid input: no property has such a name.")
            properties[key] = text
    sizes = [_number(call, key, 0) if key in call.query else None for key in _SIZES]
    return Wanted(
        equal=equal,
        properties=properties,
        tags=[value for key, value in call.pairs if key == "tag"],
        size_min=sizes[0],
        size_max=sizes[1],
        order=_order(call),
        marker=call.query.get("marker"),
        limit=limit,
    )


_SIZES: Final = ("size_min", "size_max")


def _order(call: Call) -> list[tuple[str, bool]]:
    """`sort=name:asc,size`, or pairs of sort_key and sort_dir; the id makes it unambiguous."""
    if "sort" in call.query:
        pairs = [part.partition(":")[::2] for part in call.query["sort"].split(",")]
    else:
        ways = [value for key, value in call.pairs if key == "sort_dir"]
        keys = [value for key, value in call.pairs if key == "sort_key"] or ["created_at"]
        ways = ways if len(ways) == len(keys) else (ways[:1] or [""]) * len(keys)
        pairs = list(zip(keys, ways, strict=True))
    order: dict[str, bool] = {}
    for key, way in pairs:
        if key not in images.SORTABLE or way not in ("", "asc", "desc"):
            raise BadRequest("Invalid input: images cannot be sorted like that.")
        order.setdefault(key, way != "asc")
    order.setdefault("id", True)
    return list(order.items())


def _one_of(text: str) -> list[str]:
    if not text.startswith("in:"):
        return [text.removeprefix("eq:")]
    try:
        return next(csv.reader([text[3:]], strict=True), [])[:1000]
    except csv.Error as error:
        raise BadRequest("Invalid input: the list of values cannot be read.") from error


def _number(call: Call, key: str, default: int) -> int:
    text = call.query.get(key)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadRequest(f"Invalid input: {key} is a number.")
    return int(text)


def _flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise BadRequest("Invalid input: protected is true or false.")
    return text.lower() == "true"


def _page_link(call: Call, marker: str | None) -> str:
    pairs = [pair for pair in call.pairs if pair[0] != "marker"]
    pairs += [("marker", marker)] if marker else []
    return "/v2/images" + (f"?{urlencode(pairs)}" if pairs else "")
