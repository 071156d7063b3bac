"""Who asks: tokens, forged headers, personas."""

from collections.abc import Sequence
from typing import Any

import pytest
import webob
from keystonemiddleware.auth_token import InvalidToken
from oslo_config import cfg

from minicloud.api.app import load
from minicloud.api.matching import RouteMap
from minicloud.api.middleware.context import Context
from minicloud.api.middleware.token import Token
from minicloud.api.mounts import Mounts
from minicloud.api.policies import list_rules
from minicloud.api.policy import Policy
from minicloud.api.routes import ALL, ROWS
from minicloud.api.row import Row
from minicloud.auth.authenticator import Authenticator
from minicloud.auth.in_process import InProcess
from minicloud.context import RequestContext
from minicloud.zones.base import ZoneHolder
from tests.unit.api.conftest import App, Client
from tests.unit.api.fake_zone import BROKEN, FOREIGN, GROUP, NODE, OWN, REQUEST, FakeZone

FORGED = {
    "X-Identity-Status": "Confirmed",
    "X-User-Id": "root",
    "X-User-Name": "root",
    "X-User": "root",
    "X-User-Domain-Id": "d",
    "X-Project-Id": "p2",
    "X-Project-Name": "p2",
    "X-Project-Domain-Id": "d",
    "X-Tenant-Id": "p2",
    "X-Tenant-Name": "p2",
    "X-Tenant": "p2",
    "X-Role": "admin",
    "X-Roles": "admin",
    "X-Is-Admin-Project": "True",
    "X-Service-Identity-Status": "Confirmed",
    "X-Service-Roles": "admin",
    "X-Service-Catalog": "[]",
    "X-Domain-Id": "d",
    "X-OpenStack-System-Scope": "all",
    "OpenStack-System-Scope": "all",
}


class Known(InProcess):
    """Knows the tokens that a test tells it."""

    def __init__(self) -> None:
        super().__init__()
        self.documents: dict[str, dict[str, Any]] = {}

    def fetch_token(self, token: str, **_: Any) -> dict[str, Any]:
        if token not in self.documents:
            raise InvalidToken
        return {"token": self.documents[token]}

    def add(self, token: str, project_id: str | None = "p1", roles: Sequence[str] = ()) -> None:
        domain = {"id": "default", "name": "Default"}
        document: dict[str, Any] = {"user": {"id": "alice", "name": "alice", "domain": domain}}
        if project_id:
            document["project"] = {"id": project_id, "name": project_id, "domain": domain}
            document["roles"] = [{"name": role} for role in roles or ("member", "reader")]
        self.documents[token] = document


@pytest.fixture
def known() -> Known:
    return Known()


@pytest.fixture
def guarded(conf: cfg.ConfigOpts, zone: FakeZone, known: Known) -> Client:
    return Client(Mounts({"compute": _compute(conf, zone, known)}), token=None)


def _compute(conf: cfg.ConfigOpts, zone: FakeZone, known: Known) -> Any:
    return load(conf, ZoneHolder(zone), Authenticator({"compute": known}), name="compute")


def test_without_a_token_that_is_valid_nobody_gets_in(guarded: Client) -> None:
    for headers in ({}, {"X-Auth-Token": "wrong"}, {"X-Auth-Token": ""}):
        reply = guarded.get("/v2.1/servers", headers=headers)

        assert reply.fault == (
            "unauthorized",
            "The request you have made requires authentication.",
        )
        assert reply.headers["WWW-Authenticate"] == 'Keystone uri="http://localhost/identity"'


def test_a_valid_token_gets_in(guarded: Client, known: Known) -> None:
    known.add("good")

    assert guarded.get("/v2.1/servers", token="good").status == 200


def test_forged_headers_open_nothing(guarded: Client) -> None:
    assert guarded.get("/v2.1/servers", headers=FORGED).status == 401


def test_forged_headers_widen_nothing(guarded: Client, known: Known, zone: FakeZone) -> None:
    known.add("good")

    assert guarded.get("/v2.1/os-services", token="good", headers=FORGED).status == 403
    assert guarded.get(f"/v2.1/servers/{FOREIGN}", token="good", headers=FORGED).status == 404


def test_noauth_removes_forged_headers_as_well(client: Client) -> None:
    assert client.get("/v2.1/os-services", headers=FORGED).status == 403


def test_the_application_serves_nobody_whom_no_authenticator_marked(
    conf: cfg.ConfigOpts, zone: FakeZone, known: Known
) -> None:
    app = _compute(conf, zone, known)
    outer: Any = app
    while not isinstance(outer._application, Token):
        outer = outer._application
    outer._application = outer._application._application  # no authenticator any more

    reply = Client(Mounts({"compute": app}), token=None).get("/v2.1/servers", headers=FORGED)

    assert reply.status == 401
    assert zone.servers.asked == []


def test_a_token_without_project_is_forbidden(guarded: Client, known: Known) -> None:
    known.add("unscoped", project_id=None)

    for path in ("/v2.1/servers", "/v2.1/limits", "/v2.1/os-availability-zone"):
        assert guarded.get(path, token="unscoped").status == 403


def test_the_global_request_id_is_taken_over_in_its_exact_shape_only(
    conf: cfg.ConfigOpts, known: Known
) -> None:
    from minicloud.api.middleware.request_id import RequestId

    good = "req-11111111-2222-4333-8444-555555555555"
    seen: list[RequestContext] = []

    def end(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ["minicloud.context"])
        return []

    known.add("good")
    authenticator = Authenticator({"compute": known})
    app = RequestId(Token(Context(end, Policy(conf)), authenticator))
    for text in (good, good + "x", "req-1", "x" + good):
        request = webob.Request.blank("/v2.1/servers", headers={"X-Auth-Token": "good"})
        request.headers["X-OpenStack-Request-Id"] = text
        app(request.environ, lambda *_: None)

    assert [context.global_request_id for context in seen] == [good, None, None, None]
    assert len({context.request_id for context in seen}) == 4


def test_who_passes_a_request_on_is_in_the_context(conf: cfg.ConfigOpts, known: Known) -> None:
    seen: list[RequestContext] = []

    def end(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ["minicloud.context"])
        return []

    known.add("user")
    known.add("neutron", project_id="service", roles=("service",))
    app = Token(Context(end, Policy(conf)), Authenticator({"compute": known}))
    for service in ("neutron", None):
        request = webob.Request.blank("/v2.1/servers", headers={"X-Auth-Token": "user"})
        if service:
            request.headers["X-Service-Token"] = service
        app(request.environ, lambda *_: None)

    assert [context.roles for context in seen] == [["member", "reader"]] * 2
    assert [context.service_roles for context in seen] == [["service"], []]
    assert [context.service_project_id for context in seen] == ["service", None]


# Personas.

PERSONAS = {
    "admin": "admin:p1",
    "manager": "m:p1:manager",
    "member": "u:p1:member",
    "reader": "r:p1:reader",
    "nothing": "n:p1:other",
    "foreigner": "f:p3:member",
}
READ = {"admin": 200, "manager": 200, "member": 200, "reader": 200, "nothing": 403}
ADMIN_ONLY = {"admin": 200, "manager": 403, "member": 403, "reader": 403, "nothing": 403}
ALL_MAY = dict.fromkeys(READ, 200)


def _expected(row: Row) -> dict[str, int]:
    admins = (
        *("aggregates", "services", "hosts", "hypervisors", "quota_class_sets", "usage_audits"),
        *("migrations", "diagnostics", "flavor_access", "scheduling"),
    )
    if row.rule == "os_compute_api:servers:migrations:index":
        return ADMIN_ONLY | {"manager": 200}
    if row.noun in admins or row.rule.endswith(("zone:detail", "tenant-usage:list")):
        return ADMIN_ONLY
    if row.rule.endswith("quota-sets:defaults"):
        return ALL_MAY
    anyone = ("keypairs", "limits", "flavors", "extensions", "availability_zones")
    return ALL_MAY if row.noun in anyone else READ


def _path(row: Row) -> str:
    path = row.path
    for name, value in {
        "server_id": OWN,
        "aggregate_id": "1",
        "host_name": "host-1",
        "server_group_id": GROUP,
        "flavor_id": "1",
        "ref": NODE if row.method == "show" else "node",
        "request_id": REQUEST,
        "alias": "OS-DCF",
        "keypair_name": "mine",
        "project_id": "p1",
        "name": "default",
        "before": "2026-03-01 00:00:00",
        "key": "color" if "metadata" in path else "hw:a",
    }.items():
        path = path.replace("{" + name + "}", value)
    return path


_NOTHING_THERE = (
    *("server_ips", "server_tags", "server_interfaces", "server_volumes", "migrations"),
)
READING = [
    row
    for row in ROWS
    if row.verb == "GET"
    and row.method not in ("uptime", "power")
    and not (row.method == "show" and row.noun in _NOTHING_THERE)
]


@pytest.mark.parametrize("row", READING, ids=lambda row: row.path)
def test_reading_is_allowed_to_whom_nova_allows_it(client: Client, row: Row) -> None:
    for persona, status in _expected(row).items():
        reply = client.get(f"/v2.1{_path(row)}", min(row.until, 60), token=PERSONAS[persona])

        assert reply.status == status, persona


CHANGES: list[tuple[str, str, Any]] = [
    ("POST", "/servers", {"server": {"name": "a", "flavorRef": "1", "imageRef": OWN}}),
    ("PUT", f"/servers/{OWN}", {"server": {"name": "b"}}),
    ("POST", f"/servers/{OWN}/action", {"os-start": None}),
    ("POST", f"/servers/{OWN}/action", {"os-stop": None}),
    ("POST", f"/servers/{OWN}/action", {"reboot": {"type": "HARD"}}),
    ("POST", f"/servers/{OWN}/action", {"os-getConsoleOutput": {}}),
    ("DELETE", f"/servers/{OWN}", None),
    ("POST", f"/servers/{OWN}/metadata", {"metadata": {"a": "b"}}),
    ("PUT", f"/servers/{OWN}/metadata", {"metadata": {"a": "b"}}),
    ("PUT", f"/servers/{OWN}/metadata/a", {"meta": {"a": "b"}}),
    ("DELETE", f"/servers/{OWN}/metadata/a", None),
    ("DELETE", f"/servers/{OWN}/os-server-password", None),
]
GROUPS: list[tuple[str, str, Any]] = [
    ("POST", "/os-server-groups", {"server_group": {"name": "a", "policies": ["affinity"]}}),
    ("DELETE", f"/os-server-groups/{GROUP}", None),
]


@pytest.mark.parametrize(("verb", "path", "body"), CHANGES + GROUPS)
def test_members_act_and_readers_do_not(
    client: Client, zone: FakeZone, verb: str, path: str, body: Any
) -> None:
    for persona in ("reader", "nothing"):
        reply = client.call(verb, f"/v2.1{path}", body, token=PERSONAS[persona])
        assert (reply.status, reply.fault[0]) == (403, "forbidden")
    assert {asked[0] for asked in zone.servers.asked} <= {"find"}

    for persona in ("admin", "manager", "member"):
        assert client.call(verb, f"/v2.1{path}", body, token=PERSONAS[persona]).status < 300


def test_a_refusal_names_the_rule(client: Client) -> None:
    assert client.get("/v2.1/os-services").fault == (
        "forbidden",
        "Policy doesn't allow os_compute_api:os-services:list to be performed.",
    )


@pytest.mark.parametrize(("verb", "path", "body"), CHANGES[1:])
def test_a_foreign_server_answers_like_a_missing_one(
    client: Client, verb: str, path: str, body: Any
) -> None:
    missing = OWN.replace("1", "7")
    foreign = client.call(verb, f"/v2.1{path.replace(OWN, FOREIGN)}", body)
    nowhere = client.call(verb, f"/v2.1{path.replace(OWN, missing)}", body)

    assert foreign.status == nowhere.status == 404
    assert foreign.text.replace(FOREIGN.encode(), b"") == nowhere.text.replace(
        missing.encode(), b""
    )


def test_an_admin_reaches_the_servers_of_all(admin: Client) -> None:
    assert admin.get(f"/v2.1/servers/{FOREIGN}").status == 200
    assert admin.call("DELETE", f"/v2.1/servers/{BROKEN}").status == 204


def test_a_route_without_a_known_rule_cannot_be_registered(conf: cfg.ConfigOpts) -> None:
    with pytest.raises(LookupError, match="no policy rule"):
        RouteMap([Row("GET", "/x", "servers", "index", "no:such:rule")], Policy(conf).names())


def test_two_routes_that_differ_in_a_variable_only_cannot_be_registered(
    conf: cfg.ConfigOpts,
) -> None:
    rows = [Row(verb, f"/x/{{{name}}}", "servers", "index", ROWS[0].rule) for verb, name in _TWO]

    with pytest.raises(LookupError, match="name them alike"):
        RouteMap(rows, Policy(conf).names())


_TWO = (("GET", "id"), ("DELETE", "ref"))


def test_a_rule_that_nobody_wrote_is_refused_to_everybody(conf: cfg.ConfigOpts) -> None:
    context = RequestContext(user_id="a", project_id="p1", roles=["admin"], is_admin=True)

    assert not Policy(conf).allows(context, "no:such:rule")


def test_no_default_allows_everyone_but_the_known_few() -> None:
    open_rules = {rule.name for rule in list_rules() if rule.check_str in ("@", "")}

    assert open_rules == {
        "minicloud:flavors:read",
        "minicloud:gone",
        "os_compute_api:extensions",
        "os_compute_api:limits",
        "os_compute_api:os-availability-zone:list",
        "os_compute_api:os-floating-ip-pools",
        "os_compute_api:os-quota-sets:defaults",
    }
    assert {row.rule for row in ALL} <= {rule.name for rule in list_rules()}


def test_policy_yaml_overrides_a_rule(tmp_path: Any, app: App) -> None:
    from minicloud import conf as options

    (tmp_path / "policy.yaml").write_text('"os_compute_api:os-services:list": "role:reader"\n')
    conf = options.register_opts(cfg.ConfigOpts())
    conf(["--config-dir", str(tmp_path)], default_config_files=[])
    context = RequestContext(user_id="a", project_id="p1", roles=["reader"])

    assert Policy(conf).allows(context, "os_compute_api:os-services:list")
