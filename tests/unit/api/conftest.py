"""An API over a zone in memory, and a client that speaks to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
import webob
from oslo_config import cfg

from minicloud.api.app import load
from minicloud.api.mounts import Mounts
from minicloud.zones.base import ZoneHolder
from tests.options import defaults
from tests.unit.api.fake_zone import FakeZone

App = Callable[[dict[str, Any], Any], Any]


@dataclass
class Reply:
    status: int
    headers: Any
    text: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.text)

    @property
    def fault(self) -> tuple[str, str]:
        """Kind and message; the code in the body is that of the status line."""
        ((kind, fault),) = self.json.items()
        assert fault["code"] == self.status
        return kind, fault["message"]


@dataclass
class Client:
    app: App
    token: str | None = "alice:p1"
    version: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def call(
        self,
        verb: str,
        path: str,
        body: Any = None,
        *,
        version: str | int | None = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
        environ: dict[str, Any] | None = None,
    ) -> Reply:
        request = webob.Request.blank(f"/compute{path}", method=verb, environ=environ)
        request.headers.update(self.headers | (headers or {}))
        if token or self.token:
            request.headers.setdefault("X-Auth-Token", token or self.token)
        version = version if version is not None else self.version
        if version is not None:
            text = f"2.{version}" if isinstance(version, int) else version
            request.headers["OpenStack-API-Version"] = f"compute {text}"
        if body is not None or raw is not None:
            request.body = raw if raw is not None else orjson.dumps(body)
            if "Content-Type" not in (headers or {}):
                request.content_type = "application/json"
        response = request.get_response(self.app)
        return Reply(response.status_int, response.headers, response.body)

    def get(self, path: str, version: str | int | None = None, **more: Any) -> Reply:
        return self.call("GET", path, version=version, **more)

    def post(self, path: str, body: Any, version: str | int | None = None, **more: Any) -> Reply:
        return self.call("POST", path, body, version=version, **more)


@pytest.fixture(scope="session")
def conf() -> cfg.ConfigOpts:
    return defaults()


@pytest.fixture
def zone() -> FakeZone:
    return FakeZone()


@pytest.fixture
def app(conf: cfg.ConfigOpts, zone: FakeZone) -> App:
    return Mounts({"compute": load(conf, ZoneHolder(zone), name="compute_noauth2")})


@pytest.fixture
def client(app: App) -> Client:
    return Client(app)


@pytest.fixture
def admin(app: App) -> Client:
    return Client(app, token="admin:p1")
