"""The bytes of an image: taken in and given out as a stream."""

import webob
from sqlalchemy.orm import Session

from minicloud.db import images
from minicloud.errors import BadRequest, Conflict, Forbidden, NotFound
from minicloud.image.parts import Parts
from minicloud.runtime.wsgi import Call, TooLarge, WrongType, done


class Files:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def upload(self, call: Call) -> webob.Response:
        """The image is queued until all bytes are here: an upload that breaks off leaves it so."""
        _caller, image = self._parts.own(call)
        store, database = self._parts.store, self._parts.database
        if call.http.content_type != "application/octet-stream":
            raise WrongType("of this body")
        if image.status != "queued":
            raise Conflict(f"Image {image.id} has its data already.")
        if image.disk_format is None or image.container_format is None:
            raise BadRequest("The image needs its disk_format and container_format first.")
        if (call.http.content_length or 0) > store.max_bytes:
            raise TooLarge(store.max_bytes)
        with store.received(image.id, call.http.body_file) as received:
            now = database.now()

            def work(db: Session) -> bool:
                # the row is ours from here to the commit, so the rename is the only one
                here = (received.size_bytes, received.checksum, received.hash_value)
                if not images.activate(db, image.id, *here, now):
                    return False
                store.keep(image.id, received)
                return True

            if not database.write(work, "image.activate"):
                raise Conflict(f"Image {image.id} has its data already, or is gone.")
        return done()

    def download(self, call: Call) -> webob.Response:
        """Without bytes when there are none: an image that is queued, a simulated snapshot."""
        caller, image = self._parts.seen(call)
        if image.status == "deactivated" and not caller.is_admin:
            raise Forbidden("The requested image has been deactivated.")
        if image.status == "queued" or not image.size_bytes:
            return done()
        chunks = self._parts.store.chunks(image.id)
        if chunks is None:
            raise NotFound(f"The bytes of image {image.id} are not there.")
        response = webob.Response(content_type="application/octet-stream", app_iter=chunks)
        response.content_length = image.size_bytes
        response.content_md5 = image.checksum
        return response
