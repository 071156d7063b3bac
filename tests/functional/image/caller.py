"""One user's requests to the image service."""

from typing import Any, Final

import webob

from minicloud.image.images import PATCH_TYPE
from tests.functional.service_client import Cloud

BYTES: Final = {"Content-Type": "application/octet-stream"}


class Caller:
    def __init__(self, cloud: Cloud, user: str, project: str) -> None:
        self._cloud, self._token = cloud, cloud.token(user, project)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> webob.Response:
        return self._cloud.ask(method, path, body, self._token, "image", **headers)

    def make(self, **image: Any) -> str:
        wanted = {"disk_format": "raw", "container_format": "bare", **image}
        answer = self.ask("POST", "/v2/images", wanted)
        assert answer.status_int == 201, answer.text
        return str(answer.json["id"])

    def patch(self, image_id: str, *changes: Any) -> webob.Response:
        headers = {"Content-Type": PATCH_TYPE}
        return self.ask("PATCH", f"/v2/images/{image_id}", list(changes), **headers)

    def names(self, query: str = "") -> list[str]:
        answer = self.ask("GET", f"/v2/images?{query}")
        assert answer.status_int == 200, answer.text
        return [image["name"] for image in answer.json["images"]]
