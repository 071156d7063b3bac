"""A caller of the identity and image applications, over WSGI and without a network."""

import io
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import webob
from oslo_config import cfg

from minicloud.auth.choice import authenticator
from minicloud.db import models
from minicloud.db.engine import Database
from minicloud.identity import app as identity_app
from minicloud.identity.bootstrap import bootstrap
from minicloud.image import app as image_app
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.wsgi import Application
from tests.options import defaults

PASSWORD = "the operator's"


class TestClock(SystemClock):
    """The machine's time, put forward by hand."""

    __test__ = False

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass
class Cloud:
    """The two services on one database, with devstack's users."""

    database: Database
    conf: cfg.ConfigOpts
    clock: TestClock
    identity: Application
    image: Application

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        token: str | None = None,
        service: str = "identity",
        **headers: str,
    ) -> webob.Response:
        """A request; a body that is neither bytes nor a file is sent as JSON."""
        request = webob.Request.blank(
            path, base_url=f"http://cloud:8774/{service}", method=method, headers=headers
        )
        if token:
            request.headers["X-Auth-Token"] = token
        if isinstance(body, io.IOBase):
            request.environ["wsgi.input"] = body
        elif body is not None:
            request.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return request.get_response(getattr(self, service))

    def token(self, user: str, project: str | None = None, password: str = PASSWORD) -> str:
        answer = self.ask("POST", "/v3/auth/tokens", login(user, project, password))
        assert answer.status_int == 201, answer.text
        return str(answer.headers["X-Subject-Token"])

    def ident(self, nouns: str, name: str) -> str:
        """The id of a row by its name."""
        admin = self.token("admin", "admin")
        found = self.ask("GET", f"/v3/{nouns}?name={name}", token=admin).json[nouns]
        return str(found[0]["id"])


def login(user: str, project: str | None = None, password: str = PASSWORD) -> dict[str, Any]:
    domain = {"id": "default"}
    who = {"name": user, "domain": domain, "password": password}
    auth: dict[str, Any] = {"identity": {"methods": ["password"], "password": {"user": who}}}
    if project:
        auth["scope"] = {"project": {"name": project, "domain": domain}}
    return {"auth": auth}


def with_token(token: str, scope: Any = None) -> dict[str, Any]:
    auth: dict[str, Any] = {"identity": {"methods": ["token"], "token": {"id": token}}}
    return {"auth": auth | ({"scope": scope} if scope else {})}


def begin(directory: Path, url: str | None = None, **overrides: Any) -> Cloud:
    """A new cloud in this directory, and on this empty database."""
    conf = defaults()
    conf.set_override("state_path", str(directory))
    conf.set_override("bcrypt_rounds", 4, group="identity")
    for name, value in overrides.items():
        group, _, option = name.partition("__")
        conf.set_override(option, value, group=group)
    clock = TestClock()
    database = Database(url or f"sqlite:///{directory}/cloud.sqlite", clock)
    models.Base.metadata.create_all(database.engine)
    bootstrap(database, conf, PASSWORD)
    return Cloud(
        database,
        conf,
        clock,
        identity_app.application(database, conf),
        image_app.application(database, conf, authenticator(conf, database)),
    )


def clouds(request: pytest.FixtureRequest, directory: Path) -> Iterator[Cloud]:
    """A cloud for a test: on SQLite, or on what MINICLOUD_TEST_DATABASE names."""
    kind = os.environ.get("MINICLOUD_TEST_DATABASE", "sqlite")
    with ExitStack() as stack:
        url = None
        if kind != "sqlite":
            url = stack.enter_context(request.getfixturevalue("servers").fresh_database(kind))
        cloud = begin(directory, url)
        stack.callback(cloud.database.dispose)
        yield cloud
