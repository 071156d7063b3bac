"""Tokens of a Keystone elsewhere: asked about at each request, and its troubles are told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import webob
from oslo_config import cfg

from minicloud import conf as options
from minicloud.api.app import load
from minicloud.cmd import validate
from minicloud.db import schema
from minicloud.db.engine import Database
from minicloud.errors import CannotStart
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.conductor import ConductorClient
from minicloud.rpc.direct import DirectLine
from minicloud.servicegroup.drivers.db import DbDriver
from minicloud.zones.base import ZoneHolder
from minicloud.zones.local import LocalZone
from minicloud.zones.wakes import Wakes
from tests.functional.keystone.stand_in import PASSWORD, StandIn, stand_in

_PUBLIC = "https://keystone.example.org:5000"


@pytest.fixture
def keystone() -> Iterator[StandIn]:
    with stand_in() as server:
        server.add("of-alice", "alice", "member", "reader")
        server.add("of-root", "root", "admin")
        server.add("of-neutron", "neutron", "service")
        yield server


def _conf(directory: Path, url: str, **more: str) -> cfg.ConfigOpts:
    values = {
        "auth_type": "password",
        "auth_url": url,
        "www_authenticate_uri": _PUBLIC,
        "username": "nova",
        "password": PASSWORD,
        "user_domain_id": "default",
        "project_name": "service",
        "project_domain_id": "default",
        "http_connect_timeout": "1",
        **more,
    }
    lines = ["[identity]", "external = true", "[keystone_authtoken]"]
    file = directory / "minicloud.conf"
    file.write_text("\n".join([*lines, *(f"{name} = {values[name]}" for name in values)]))
    conf = options.register_opts(cfg.ConfigOpts())
    conf(["--config-file", str(file)], default_config_dirs=[])
    conf.set_override("state_path", str(directory))
    validate.check(conf)
    return conf


class Asking:
    """A client of a cloud whose tokens this Keystone has."""

    def __init__(self, directory: Path, conf: cfg.ConfigOpts) -> None:
        self.books = Database(f"sqlite:///{directory / 'books.sqlite'}")
        schema.create(self.books)
        line = DirectLine()
        compute = ComputeClient(line)
        wakes = Wakes(ConductorClient(line), compute)
        zone = LocalZone(conf, self.books, DbDriver(conf, self.books), wakes, compute)
        self._app = load(conf, self.books, ZoneHolder(zone))

    def get(self, path: str, token: str = "of-alice", **headers: str) -> webob.Response:
        request = webob.Request.blank(path, base_url="http://cloud:8774")
        request.headers["X-Auth-Token"] = token
        request.headers.update({name.replace("_", "-"): headers[name] for name in headers})
        return request.get_response(self._app)


@pytest.fixture
def asking(tmp_path: Path, keystone: StandIn) -> Iterator[Asking]:
    found = Asking(tmp_path, _conf(tmp_path, keystone.url))
    yield found
    found.books.dispose()


def _fault(answer: webob.Response) -> tuple[str, str]:
    ((kind, fault),) = orjson.loads(answer.body).items()
    assert fault["code"] == answer.status_int
    return kind, fault["message"]


def test_keystones_tokens_open_compute_and_image_with_their_roles(asking: Asking) -> None:
    assert asking.get("/compute/v2.1/servers").status_int == 200
    assert asking.get("/compute/v2.1/id-alice/servers").status_int == 200
    assert asking.get("/compute/v2.1/os-services").status_int == 403
    assert asking.get("/compute/v2.1/os-services", "of-root").status_int == 200
    assert asking.get("/image/v2/images").status_int == 200


@pytest.mark.parametrize("path", ["/compute/v2.1/servers", "/image/v2/images"])
def test_each_request_is_asked_about_so_that_a_revoked_token_is_refused_at_once(
    asking: Asking, keystone: StandIn, path: str
) -> None:
    assert [asking.get(path).status_int for _ in range(3)] == [200, 200, 200]
    assert keystone.validated == ["of-alice"] * 3

    del keystone.documents["of-alice"]

    refused = asking.get(path)
    assert refused.status_int == 401
    assert refused.headers["WWW-Authenticate"] == f'Keystone uri="{_PUBLIC}"'


def test_a_token_that_has_expired_is_refused_whatever_keystone_says(
    asking: Asking, keystone: StandIn
) -> None:
    keystone.documents["of-alice"]["expires_at"] = "2020-01-01T00:00:00.000000Z"

    assert asking.get("/compute/v2.1/servers").status_int == 401


def test_with_the_services_own_token_an_expired_one_still_counts_as_in_nova(
    asking: Asking, keystone: StandIn
) -> None:
    keystone.documents["of-alice"]["expires_at"] = "2020-01-01T00:00:00.000000Z"

    def status(token: str) -> int:
        return int(asking.get("/compute/v2.1/servers", X_Service_Token=token).status_int)

    assert status("of-neutron") == 200
    assert status("of-root") == 401
    assert status("nonsense") == 401


def test_an_application_credentials_access_rules_hold_for_the_service_they_name(
    asking: Asking, keystone: StandIn
) -> None:
    rule = {"id": "1", "method": "GET", "path": "/v2.1/servers", "service": "compute"}
    document = keystone.documents["of-alice"]
    document["application_credential"] = {"id": "a", "restricted": True, "access_rules": [rule]}
    document["catalog"] += [
        {"id": kind, "type": kind, "name": kind, "endpoints": []} for kind in ("compute", "image")
    ]

    assert asking.get("/compute/v2.1/servers").status_int == 200
    assert asking.get("/compute/v2.1/flavors").status_int == 401
    assert asking.get("/image/v2/images").status_int == 401


@pytest.mark.parametrize("token", ["", "x" * 8192, "not ascii \xe4", "two words"])
def test_what_cannot_be_a_token_is_refused_without_asking(
    asking: Asking, keystone: StandIn, token: str
) -> None:
    answer = asking.get("/compute/v2.1/servers", token)

    assert _fault(answer)[0] == "unauthorized"
    assert keystone.validated == []


def test_documents_need_no_keystone(asking: Asking, keystone: StandIn) -> None:
    keystone.trouble = 500

    assert asking.get("/compute/", "").status_int == 200
    assert asking.get("/compute/v2.1/", "").status_int == 200


@pytest.mark.parametrize("trouble", [500, 503, 403, 302, "no json", "[]", "{}", "silence"])
def test_a_keystone_in_trouble_is_a_503_that_says_so(
    asking: Asking, keystone: StandIn, trouble: int | str
) -> None:
    keystone.trouble = trouble

    answer = asking.get("/compute/v2.1/servers")

    assert _fault(answer) == (
        "serviceUnavailable",
        "The identity service cannot be reached just now. Please try again later.",
    )
    assert "Retry-After" not in answer.headers
    assert asking.get("/image/v2/images").status_int == 503

    keystone.trouble = None
    assert asking.get("/compute/v2.1/servers").status_int == 200


def test_a_keystone_that_fails_after_it_worked_is_a_503_as_well(
    asking: Asking, keystone: StandIn
) -> None:
    assert asking.get("/compute/v2.1/servers").status_int == 200

    for trouble in (500, "silence", "no json"):
        keystone.trouble = trouble
        assert asking.get("/compute/v2.1/servers").status_int == 503


def test_a_keystone_that_is_not_there_is_a_503(tmp_path: Path) -> None:
    with stand_in() as gone:
        url = gone.url

    assert Asking(tmp_path, _conf(tmp_path, url)).get("/compute/v2.1/servers").status_int == 503


def test_a_password_that_keystone_does_not_take_is_a_503_and_not_the_clients_fault(
    tmp_path: Path, keystone: StandIn
) -> None:
    asking = Asking(tmp_path, _conf(tmp_path, keystone.url, password="wrong"))

    assert asking.get("/compute/v2.1/servers").status_int == 503


def test_without_a_public_address_clients_are_sent_to_the_one_that_we_use(
    tmp_path: Path, keystone: StandIn
) -> None:
    asking = Asking(tmp_path, _conf(tmp_path, keystone.url, www_authenticate_uri=""))

    sent = asking.get("/compute/v2.1/servers", "nonsense").headers["WWW-Authenticate"]

    assert sent == f'Keystone uri="{keystone.url}"'


@pytest.mark.parametrize("path", ["/identity", "/identity/v3", "/identity/v3/auth/tokens"])
def test_the_embedded_identity_is_not_served_beside_it(asking: Asking, path: str) -> None:
    answer = asking.get(path)

    assert answer.status_int == 404
    message = f"The identity service of this cloud is at {_PUBLIC}."
    assert answer.json["error"]["message"] == message


def test_an_operator_may_let_tokens_be_remembered(tmp_path: Path, keystone: StandIn) -> None:
    asking = Asking(tmp_path, _conf(tmp_path, keystone.url, token_cache_time="300"))

    assert [asking.get("/compute/v2.1/servers").status_int for _ in range(3)] == [200] * 3
    assert keystone.validated == ["of-alice"]


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("auth_type", "", "auth_type is not set"),
        ("auth_type", "nonsense", "auth_type"),
        ("usernme", "nova", "there is no option usernme in \\[keystone_authtoken\\]"),
        ("token_cache_time", "soon", "token_cache_time"),
        ("memcache_security_strategy", "ENCRYPT", "memcache_secret_key"),
    ],
)
def test_what_cannot_work_stops_the_start(
    tmp_path: Path, option: str, value: str, said: str
) -> None:
    with pytest.raises(CannotStart, match=said):
        Asking(tmp_path, _conf(tmp_path, "http://127.0.0.1:1", **{option: value}))


def test_names_that_the_options_had_before_are_known(tmp_path: Path) -> None:
    conf: Any = _conf(tmp_path, "http://127.0.0.1:1", **{"user-name": "nova"})

    assert conf.keystone_authtoken.username == "nova"
