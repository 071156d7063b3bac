"""Every pipeline of the paste file: what a client claims about itself gets past none of them."""

import configparser
from collections.abc import Iterator
from typing import Any

import pytest
import webob
from keystonemiddleware.auth_token._request import _AuthTokenRequest
from oslo_config import cfg

from minicloud.api.app import load
from minicloud.api.middleware.context import Context
from minicloud.api.middleware.token import Token
from minicloud.auth.authenticator import Authenticator
from minicloud.auth.caller import MARKS
from minicloud.auth.in_process import InProcess
from minicloud.db.engine import Database
from minicloud.runtime.files import shipped
from minicloud.zones.base import ZoneHolder
from tests.unit.api.fake_zone import FakeZone

_FORGED = "forged"
_OURS = (
    *("X-Is-Admin", "X-Role", "X-System-Scope", "X-OpenStack-System-Scope"),
    *("OpenStack-System-Scope", "X-Service-System-Scope", "X-User", "X-User-Domain-Id"),
    *("X-Trust-Id", "X-Trustor-User-Id", "X-OAuth-Access-Token-Id", "X-Authenticated-Userid"),
    *("X-External-User", "X_User_Id", "X_ROLES", "X-Tenant"),
)
_CLAIMS = sorted({*_AuthTokenRequest.blank("/")._all_auth_headers(), *_OURS})


def _paste() -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None)
    found.read(shipped("etc/minicloud/api-paste.ini"))
    return found


_PASTE = _paste()
_SECTIONS = {name: _PASTE[name] for name in _PASTE.sections()}
PIPELINES = [name.partition(":")[2] for name in _SECTIONS if name.startswith("pipeline:")]
_MOUNTED = {
    application
    for name, section in _SECTIONS.items()
    if name.startswith("composite:")
    for key, application in section.items()
    if key.startswith("/")
}


class _Anybody(InProcess):
    """Takes every token for alice's."""

    def fetch_token(self, token: str, **_: Any) -> dict[str, Any]:
        named = {"id": "alice", "name": "alice", "domain": {"id": "default", "name": "Default"}}
        return {"token": {"user": named, "project": named, "roles": [{"name": "reader"}]}}


def _loaded(name: str, conf: cfg.ConfigOpts) -> Any:
    tokens = Authenticator(dict.fromkeys(("compute", "image"), _Anybody()))
    return load(conf, Database("sqlite://"), ZoneHolder(FakeZone()), tokens, name=name)


def _links(app: Any) -> Iterator[Any]:
    """The filters, outside in."""
    while hasattr(app, "_application"):
        yield app
        app = app._application


def _without(app: Any, kind: type[Any]) -> Any:
    """The pipeline without its filter of this kind."""
    for link in _links(app):
        inner: Any = link._application
        if type(inner) is kind:
            link._application = inner._application
            return app
    raise AssertionError(f"the pipeline has no {kind.__name__}")


def test_nothing_is_mounted_that_is_no_pipeline() -> None:
    assert set(PIPELINES) == _MOUNTED


@pytest.mark.parametrize("name", PIPELINES)
def test_every_pipeline_begins_by_taking_claims_away(name: str) -> None:
    assert _SECTIONS[f"pipeline:{name}"]["pipeline"].split()[0] == "identity_headers"


@pytest.mark.parametrize("path", ["/", "/v2.1/", "/v2.1/servers"])
@pytest.mark.parametrize("name", PIPELINES)
def test_no_claim_gets_to_the_end_of_any_pipeline(
    conf: cfg.ConfigOpts, name: str, path: str
) -> None:
    app = _loaded(name, conf)
    arrived: list[dict[str, Any]] = []

    def end(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        arrived.append(environ)
        start_response("200 OK", [])
        return []

    (*_before, last) = _links(app)
    last._application = end
    request = webob.Request.blank(path, headers=dict.fromkeys(_CLAIMS, _FORGED))
    request.headers["X-Auth-Token"] = "alice:p1"
    request.environ |= dict.fromkeys(("REMOTE_USER", "AUTH_TYPE", *MARKS), _FORGED)

    app(request.environ, lambda *_: None)

    (environ,) = arrived
    assert [key for key in environ if environ[key] == _FORGED] == []
    assert environ["HTTP_X_AUTH_TOKEN"] == "alice:p1"
    told = environ.get("minicloud.context")
    assert told is None or told.user_id == "alice"
    assert told is None or set(told.roles) <= {"member", "reader"}


@pytest.mark.parametrize("missing", [Token, Context])
@pytest.mark.parametrize("name", [name for name in PIPELINES if name.startswith("compute")])
def test_without_a_filter_that_says_who_asks_a_compute_pipeline_serves_nobody(
    conf: cfg.ConfigOpts, name: str, missing: type[Any]
) -> None:
    app = _without(_loaded(name, conf), missing)
    request = webob.Request.blank("/v2.1/servers", headers=dict.fromkeys(_CLAIMS, _FORGED))
    request.headers["X-Auth-Token"] = "alice:p1"

    assert request.get_response(app).status_int == 401


@pytest.mark.parametrize("name", ["identity", "image"])
def test_without_a_token_the_small_services_serve_nobody(conf: cfg.ConfigOpts, name: str) -> None:
    path = {"identity": "/v3/users", "image": "/v2/images"}[name]
    request = webob.Request.blank(path, headers=dict.fromkeys(_CLAIMS, _FORGED))

    assert request.get_response(_loaded(name, conf)).status_int == 401
