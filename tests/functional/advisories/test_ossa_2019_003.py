"""OSSA-2019-003, 2019-006, 2020-004 and 2021-003: what answers gave away.

CVE-2019-14433: faults told what is inside; CVE-2019-19687: the credentials of all users were
listed; CVE-2020-12689, -12691: an owner could be changed; CVE-2021-38155: a refusal told who is
there.
"""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from minicloud.api import faults
from minicloud.api.handlers import servers
from minicloud.compute import service as compute
from minicloud.compute.drivers.fake import FakeDriver
from minicloud.db import credentials, flavors, identity, models
from minicloud.errors import Forbidden
from minicloud.image import documents
from minicloud.runtime import wsgi
from tests.functional.advisories import demands_failure
from tests.functional.boot_cloud import boot_cloud
from tests.functional.service_client import login
from tests.functional.whole import Person, Whole

_CLASS = re.compile(r"<class '[\w.]+'>")  # of the error: Nova's text ends with it, and ours
_INSIDE: Final = re.compile(
    r"Traceback|File \"|site-packages|/srv/|minicloud\.(?!s)|<class|sqlalchemy|sqlite|pymysql|"
    r"oslo_|\bSELECT\b|\bINSERT\b|no such table|0x[0-9a-f]{8}|node[0-9]|127\.0\.0\.1|KeyError"
)
_BAD: Final = RuntimeError(
    'File "/srv/minicloud.conf" SELECT * FROM users, no such table on node1'
)


def _fails(*_words: Any, **_more: Any) -> Any:
    raise _BAD


def _asked(cloud: Whole, alice: Person, ref: str) -> list[tuple[str, str, Any]]:
    server = {"name": "vm", "flavorRef": "42", "imageRef": cloud.picture()}
    missing = "99999999-0000-4000-8000-000000000009"
    compute_requests: list[tuple[str, str, Any]] = [
        ("GET", f"/servers/{missing}", None),
        ("GET", f"/flavors/{missing}", None),
        ("GET", f"/os-keypairs/{missing}", None),
        ("GET", f"/os-server-groups/{missing}", None),
        ("GET", "/servers?name=(((", None),
        ("GET", "/servers?name=[[:bad:]]", None),
        ("GET", "/servers?limit=x&marker=y", None),
        ("GET", "/servers?changes-since=never", None),
        ("GET", "/os-services", None),
        ("GET", "/os-hypervisors/node1", None),
        ("POST", "/servers", {"server": server | {"flavorRef": "0"}}),
        ("POST", "/servers", {"server": server | {"imageRef": missing}}),
        ("POST", "/servers", {"server": server | {"key_name": "none"}}),
        ("POST", "/servers", {"server": server | {"availability_zone": "nova:node1"}}),
        ("POST", "/servers", {"server": server | {"availability_zone": "nowhere"}}),
        ("POST", "/servers", {"server": server | {"networks": [{"uuid": missing}]}}),
        ("POST", "/servers", {"server": server | {"min_count": 500}}),
        ("POST", "/servers", {"server": server, "os:scheduler_hints": {"group": missing}}),
        ("POST", f"/servers/{ref}/action", {"os-start": None}),
        ("POST", f"/servers/{ref}/action", {"migrate": None}),
        ("POST", f"/servers/{ref}/action", {"resize": {"flavorRef": "0"}}),
        ("POST", f"/servers/{ref}/action", {"os-getConsoleOutput": {}}),
        ("GET", f"/servers/{ref}/diagnostics", None),
        ("POST", "/os-keypairs", {"keypair": {"name": "k", "public_key": "none"}}),
        ("PUT", f"/os-quota-sets/{alice.project_id}", {"quota_set": {"cores": 9}}),
    ]
    return [
        *((verb, f"/compute/v2.1{path}", body) for verb, path, body in compute_requests),
        ("GET", f"/image/v2/images/{missing}", None),
        ("POST", "/image/v2/images", {"disk_format": "none"}),
        ("GET", f"/identity/v3/users/{missing}", None),
        ("POST", "/identity/v3/auth/tokens", {"auth": {}}),
        ("POST", "/identity/v3/auth/tokens", login("alice", "one", "wrong")),
    ]


def no_answer_tells_what_is_inside(cloud: Whole, alice: Person) -> None:
    ref = cloud.boot(alice)
    for verb, path, body in _asked(cloud, alice, ref):
        answer = cloud.ask(verb, path, body, alice)
        assert 400 <= answer.status_int < 500, (path, body, answer.text)
        said = answer.text
        for own in (path, str(body)):  # what was asked may come back
            for word in set(_INSIDE.findall(own)):
                said = said.replace(word, "")
        assert not _INSIDE.search(said), (path, answer.text)


def nor_does_one_that_nobody_foresaw(
    cloud: Whole, alice: Person, patch: pytest.MonkeyPatch
) -> None:
    picture = cloud.picture()
    patch.setattr(flavors, "get", _fails)
    patch.setattr(identity, "user", _fails)
    patch.setattr(servers, "filters_of", _fails)
    server = {"name": "vm", "flavorRef": "42", "imageRef": picture}
    for verb, path, body in (
        ("POST", "/compute/v2.1/servers", {"server": server}),
        ("GET", "/compute/v2.1/servers", None),
        ("GET", "/compute/v2.1/flavors/1", None),
        ("POST", "/identity/v3/auth/tokens", login("alice", "one")),
    ):
        answer = cloud.ask(verb, path, body, alice)
        assert answer.status_int == 500, (path, answer.text)
        said = _CLASS.sub("", answer.text)
        assert not _INSIDE.search(said), (path, answer.text)
        assert answer.headers["X-OpenStack-Request-Id"].startswith("req-")


def nor_does_the_fault_of_a_server(directory: Path, patch: pytest.MonkeyPatch) -> None:
    """Whoever owns the server reads it; what the driver died of is in the log."""
    patch.setattr(FakeDriver, "spawn", _fails)
    with boot_cloud(directory) as cloud:
        failed = cloud.wait(cloud.create(), "error")
        assert failed.fault is not None
        assert not _INSIDE.search(failed.fault.message), failed.fault.message
        action = cloud.zone.servers.actions(cloud.alice, failed.row.uuid)[0]
        assert not _INSIDE.search(str(action.message)), action.message


def credentials_are_listed_for_their_user(cloud: Whole, alice: Person) -> None:
    carol = cloud.person("carol", alice.project)
    for who in (alice, carol):
        body = {"application_credential": {"name": f"of-{who.name}"}}
        many = f"/users/{who.user_id}/application_credentials"
        made = cloud.identity("POST", many, body, who).json["application_credential"]
        assert made["secret"]
    theirs = f"/users/{carol.user_id}/application_credentials"
    for path in (theirs, f"{theirs}?user_id={alice.user_id}", f"{theirs}/{made['id']}"):
        assert cloud.identity("GET", path, who=alice).status_int == 403, path
    own = f"/users/{alice.user_id}/application_credentials"
    for query in ("", f"?user_id={carol.user_id}", "?name=of-carol", "?name="):
        listed = cloud.identity("GET", own + query, who=alice)
        assert "of-carol" not in listed.text.replace(query, ""), query
        assert "secret" not in listed.text
    assert cloud.identity("GET", f"{own}/{made['id']}", who=alice).status_int == 404
    assert cloud.identity("GET", "/credentials", who=alice).status_int == 403


def nobody_changes_an_owner(cloud: Whole, alice: Person, bob: Person) -> None:
    ref = cloud.boot(alice)
    for field in ("tenant_id", "project_id", "user_id", "owner", "uuid", "host"):
        body = {"server": {field: bob.project_id}}
        assert cloud.compute("PUT", f"/servers/{ref}", body, alice).status_int == 400, field
        rebuilt = {"rebuild": {"imageRef": cloud.picture(), field: bob.project_id}}
        answer = cloud.compute("POST", f"/servers/{ref}/action", rebuilt, alice)
        assert answer.status_int == 400, field
    image = cloud.image("POST", "/images", {"name": "mine"}, alice).json["id"]
    for op in ("replace", "add"):
        change = [{"op": op, "path": "/owner", "value": bob.project_id}]
        kind = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
        answer = cloud.image("PATCH", f"/images/{image}", change, alice, headers=kind)
        assert answer.status_int == 403, (op, answer.text)
    given = cloud.image("POST", "/images", {"owner": bob.project_id}, alice)
    assert given.status_int == 403, given.text
    body = {"application_credential": {"name": "robot", "user_id": bob.user_id}}
    many = f"/users/{alice.user_id}/application_credentials"
    assert cloud.identity("POST", many, body, alice).status_int == 400
    elsewhere = {"application_credential": {"name": "robot", "project_id": bob.project_id}}
    assert cloud.identity("POST", many, elsewhere, alice).status_int in (400, 403)
    made = cloud.identity("POST", many, {"application_credential": {"name": "r"}}, alice).json
    one = f"{many}/{made['application_credential']['id']}"
    for verb in ("PATCH", "PUT"):
        assert cloud.identity(verb, one, body, alice).status_int == 405
    shown = cloud.compute("GET", f"/servers/{ref}", who=alice).json["server"]
    assert (shown["tenant_id"], shown["user_id"]) == (alice.project_id, alice.user_id)


def a_refusal_tells_not_who_is_there(cloud: Whole, alice: Person) -> None:
    """Byte for byte, in the head as well."""
    closed = cloud.person("closed", "three")
    body = {"user": {"enabled": False}}
    cloud.identity("PATCH", f"/users/{closed.user_id}", body, cloud.admin)
    seen = set()
    for who, project, password in (
        ("alice", "one", "wrong"),
        ("nobody", "one", "wrong"),
        ("closed", "three", "wrong"),
        ("alice", "nowhere", "wrong"),
        ("alice", "admin", "wrong"),
    ):
        for _ in range(6):  # nobody is locked out, and so nobody is told that somebody is
            answer = cloud.identity("POST", "/auth/tokens", login(who, project, password))
            head = {k: v for k, v in answer.headers.items() if "request-id" not in k.lower()}
            seen.add((answer.status_int, answer.body, tuple(sorted(head.items()))))
    assert len(seen) == 1, seen
    assert cloud.token("alice", "one")


def test_no_answer_tells_what_is_inside(cloud: Whole, alice: Person) -> None:
    no_answer_tells_what_is_inside(cloud, alice)


def test_an_error_that_nobody_foresaw_says_nothing(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    nor_does_one_that_nobody_foresaw(cloud, alice, monkeypatch)


def test_the_fault_of_a_server_names_nothing_of_its_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nor_does_the_fault_of_a_server(tmp_path, monkeypatch)


def test_credentials_are_those_of_their_user(cloud: Whole, alice: Person) -> None:
    credentials_are_listed_for_their_user(cloud, alice)


def test_what_is_mine_stays_mine(cloud: Whole, alice: Person, bob: Person) -> None:
    nobody_changes_an_owner(cloud, alice, bob)


def test_a_wrong_log_in_does_not_tell_who_is_there(cloud: Whole, alice: Person) -> None:
    a_refusal_tells_not_who_is_there(cloud, alice)


def test_an_answer_with_the_error_in_it_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = faults.of

    def told(error: Exception, *words: Any) -> Any:
        known = faults.status_of(error) < 500
        return of(error, *words) if known else faults.fault(500, str(error), "UNEXPECTED")

    monkeypatch.setattr(faults, "of", told)

    with demands_failure():
        nor_does_one_that_nobody_foresaw(cloud, alice, monkeypatch)


def test_an_identity_service_with_the_error_in_it_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(self: wsgi.Application, http: Any) -> Any:
        try:
            handler, path = self._find(http)
            return handler(wsgi.Call(http, path, "", 10**6))
        except Exception as error:
            return wsgi._shown(500, "Internal Server Error", repr(error))

    monkeypatch.setattr(wsgi.Application, "_answer", answer)

    with demands_failure():
        nor_does_one_that_nobody_foresaw(cloud, alice, monkeypatch)


def test_a_fault_with_the_driver_s_error_in_it_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute, "_told", str)

    with demands_failure():
        nor_does_the_fault_of_a_server(tmp_path, monkeypatch)


def test_a_list_of_everyones_credentials_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_user(db: Any, user_id: str, name: str | None = None) -> list[Any]:
        return list(db.query(models.ApplicationCredential))

    monkeypatch.setattr(credentials, "of_user", of_user)

    with demands_failure():
        credentials_are_listed_for_their_user(cloud, alice)


def test_an_owner_who_can_be_changed_is_found(
    cloud: Whole, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def columns(document: Any, caller: Any) -> Any:
        return true(document, SimpleNamespace(project_id=caller.project_id, is_admin=True))

    true: Any = documents.columns
    monkeypatch.setattr(documents, "columns", columns)

    with demands_failure():
        nobody_changes_an_owner(cloud, alice, bob)


def test_a_refusal_that_names_the_reason_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def user(db: Any, wanted: Any) -> Any:
        found = true(db, wanted)
        if found is None or not found.enabled:
            raise Forbidden("The account is locked.")
        return found

    true = identity.user
    monkeypatch.setattr(identity, "user", user)

    with demands_failure():
        a_refusal_tells_not_who_is_there(cloud, alice)
