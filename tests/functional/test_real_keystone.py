"""A cloud whose tokens are a real Keystone's: `minicloud up --identity URL` and real clients."""

import json
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openstack
import pytest
import requests

from minicloud.runtime.servers.keystone import Keystone
from tests.functional.boot_cloud import eventually
from tests.functional.client_shell import Shell, environment
from tests.functional.clouds import Cloud
from tests.functional.people import People, Person

REGION = "real"
_PATIENCE_S = 60.0  # of a request: that it ends at all is promised, not how soon


@pytest.fixture(scope="module")
def cloud(
    keystone: Keystone, people: People, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cloud]:
    made = Cloud(tmp_path_factory.mktemp("real") / "state", named(keystone, people.admin))
    made.up("--identity", keystone.url)
    yield made
    made.down()


@pytest.fixture
def member(people: People) -> Person:
    return people.person("member", "reader")


def named(keystone: Keystone, person: Person) -> dict[str, str]:
    """Whom OpenStack's clients take this for."""
    return {
        "OS_AUTH_URL": keystone.url,
        "OS_USERNAME": person.name,
        "OS_PASSWORD": person.password,
        "OS_PROJECT_NAME": person.project,
        "OS_USER_DOMAIN_ID": "default",
        "OS_PROJECT_DOMAIN_ID": "default",
        "OS_IDENTITY_API_VERSION": "3",
        "OS_REGION_NAME": REGION,
    }


@pytest.fixture
def shell_of(cloud: Cloud, keystone: Keystone) -> Iterator[Callable[[Person], Shell]]:
    """The client as this person."""
    made: list[Shell] = []

    def one(person: Person) -> Shell:
        made.append(Shell({**environment(cloud), **named(keystone, person)}))
        return made[-1]

    yield one
    for shell in made:
        shell.close()


def asked(
    cloud: Cloud,
    verb: str,
    path: str,
    token: str | None = None,
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> requests.Response:
    sent = {"X-Auth-Token": token} if token else {}
    return requests.request(
        verb,
        cloud.url + path,
        json=body,
        headers={"OpenStack-API-Version": "compute latest", **sent, **(headers or {})},
        timeout=_PATIENCE_S,
    )


def listing(cloud: Cloud, token: str | None = None, **headers: str) -> int:
    """The status of a list of servers."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return asked(cloud, "GET", "/compute/v2.1/servers", token, headers=headers).status_code


def booting(cloud: Cloud, token: str, **headers: str) -> int:
    """The status of the wish for a server."""
    wanted = {"name": "vm", "flavorRef": "42", "imageRef": _picture(cloud, token)}
    body = {"server": {**wanted, "networks": "none"}}
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return asked(cloud, "POST", "/compute/v2.1/servers", token, body, headers).status_code


def _picture(cloud: Cloud, token: str) -> str:
    (found,) = asked(cloud, "GET", "/image/v2/images", token).json()["images"]
    return str(found["id"])


def test_a_member_boots_with_the_client_and_nobody_else_sees_it(
    cloud: Cloud, people: People, member: Person, shell_of: Callable[[Person], Shell]
) -> None:
    other, reader = people.person("member", "reader"), people.person("reader")
    mine, theirs, reading = shell_of(member), shell_of(other), shell_of(reader)

    made = mine.json(
        "server create --wait --image cirros --flavor m1.nano --network private first"
    )

    assert (made["status"], made["project_id"]) == ("ACTIVE", member.project_id)
    assert [server["Name"] for server in mine.json("server list")] == ["first"]
    assert mine.json("console url show first")["url"].startswith(f"{cloud.url}/console")
    assert theirs.json("server list") == []
    assert "No Server found for" in theirs.run("server show", made["id"]).err
    answer = asked(cloud, "GET", f"/compute/v2.1/servers/{made['id']}", people.token(other))
    assert answer.status_code == 404
    refused = reading.run("server create --image cirros --flavor m1.nano --nic none second")
    assert "Policy doesn't allow os_compute_api:servers:create" in refused.err
    mine.ok("server delete --wait first")


def test_an_administrator_rules_over_projects_by_their_names(
    cloud: Cloud, people: People, member: Person, shell_of: Callable[[Person], Shell]
) -> None:
    admin = shell_of(people.admin)
    assert booting(cloud, people.token(member)) == 202

    admin.ok("quota set --cores 3 --instances 1", member.project)

    limits = {
        limit["Resource"]: limit["Limit"] for limit in admin.json("quota show", member.project)
    }
    assert (limits["cores"], limits["instances"]) == (3, 1)
    assert booting(cloud, people.token(member)) == 403
    listed = admin.json("server list --all-projects --project", member.project)
    assert [server["Name"] for server in listed] == ["vm"]
    assert member.project in admin.ok("usage list")
    assert f"identity  {people.url}" in cloud.call("status")


def test_openstacksdk_connects_by_clouds_yaml(
    cloud: Cloud, keystone: Keystone, member: Person, tmp_path: Path
) -> None:
    auth = {
        "auth_url": keystone.url,
        "username": member.name,
        "password": member.password,
        "project_id": member.project_id,
        "user_domain_id": "default",
    }
    file = tmp_path / "clouds.yaml"
    file.write_text(json.dumps({"clouds": {"it": {"auth": auth, "region_name": REGION}}}))
    config = openstack.config.OpenStackConfig(config_files=[str(file)], load_envvars=False)

    connection = openstack.connection.Connection(config=config.get_one("it"))

    image, flavor = (
        connection.image.find_image("cirros"),
        connection.compute.find_flavor("m1.nano"),
    )
    made = connection.compute.create_server(
        name="by sdk", image_id=image.id, flavor_id=flavor.id, networks="none"
    )
    assert connection.compute.wait_for_server(made).status == "ACTIVE"
    connection.close()


ENDS: dict[str, Callable[[People, Person, str], None]] = {
    "revoked": lambda people, _person, token: people.revoke(token),
    "user disabled": lambda people, person, _: people.change(
        "users", person.user_id, enabled=False
    ),
    "user deleted": lambda people, person, _: _delete(people, "users", person.user_id),
    "project disabled": lambda people, person, _: people.change(
        "projects", person.project_id, enabled=False
    ),
    "project deleted": lambda people, person, _: _delete(people, "projects", person.project_id),
    "last role taken": lambda people, person, _: people.take(person, "member"),
    "password changed": lambda people, person, _: people.change(
        "users", person.user_id, password="another"
    ),
}


def _delete(people: People, nouns: str, ref: str) -> None:
    people.ask("DELETE", f"/{nouns}/{ref}")


@pytest.mark.parametrize("how", ENDS)
def test_what_ends_in_keystone_is_refused_at_the_next_request(
    cloud: Cloud, people: People, how: str
) -> None:
    person = people.person("member")
    token = people.token(person)
    assert listing(cloud, token) == 200

    ENDS[how](people, person, token)

    assert listing(cloud, token) == 401
    assert asked(cloud, "GET", "/image/v2/images", token).status_code == 401


def test_a_role_that_is_taken_is_missed_at_the_next_request(
    cloud: Cloud, people: People, member: Person
) -> None:
    token = people.token(member)
    assert booting(cloud, token) == 202

    people.take(member, "member")

    assert booting(cloud, token) == 403
    assert listing(cloud, token) == 200


def test_names_of_any_script_and_another_domain_are_no_matter(
    cloud: Cloud, people: People, member: Person
) -> None:
    name = "Jürgen ☃\t, admin"
    domain = people.make("domains", name=f"{name} of {member.name}")
    project = people.make("projects", name=name, domain_id=domain["id"])
    user = people.make("users", name=name, password="pässwörd", domain_id=domain["id"])
    person = Person(name, user["id"], name, project["id"], "pässwörd", domain["id"])
    people.give(person, "member")

    assert booting(cloud, people.token(person)) == 202
    assert listing(cloud, people.token(person)) == 200


def test_who_asks_without_a_token_is_told_where_keystone_is(
    cloud: Cloud, keystone: Keystone
) -> None:
    answer = asked(cloud, "GET", "/compute/v2.1/servers")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == f'Keystone uri="{keystone.url}"'
    for path in ("/identity", "/identity/v3", "/identity/v3/auth/tokens"):
        nothing = asked(cloud, "POST", path, body={})
        assert nothing.status_code == 404
        assert keystone.url in nothing.text


@pytest.mark.parametrize("token", ["", "x", "gAAAAABnonsense", "ü" * 9, "x" * 5000])
def test_what_is_no_token_of_this_keystone_is_refused(cloud: Cloud, token: str) -> None:
    headers = {"X-Auth-Token": token.encode("utf-8").decode("latin-1")} if token else {}

    assert listing(cloud, **headers) == 401


def test_claims_in_headers_count_for_nothing(cloud: Cloud, people: People) -> None:
    claims = {
        "X_Identity_Status": "Confirmed",
        "X_Roles": "admin,member",
        "X_Project_Id": "p1",
        "X_User_Id": "u1",
        "X_Service_Identity_Status": "Confirmed",
        "X_Service_Roles": "service",
        "X_Is_Admin_Project": "True",
    }
    reader = people.token(people.person("reader"))

    assert listing(cloud, **claims) == 401
    assert booting(cloud, reader, **claims) == 403


def test_a_member_uploads_an_image_and_a_stranger_sends_no_large_body(
    cloud: Cloud, people: People, member: Person
) -> None:
    token = people.token(member)
    fields = {"name": "large", "disk_format": "raw", "container_format": "bare"}
    made = asked(cloud, "POST", "/image/v2/images", token, fields).json()

    assert (made["owner"], made["visibility"]) == (member.project_id, "shared")
    assert uploaded(cloud, made["id"], "gAAAAA-nonsense") == 413
    assert uploaded(cloud, made["id"], token) == 204
    shown = asked(cloud, "GET", f"/image/v2/images/{made['id']}", token).json()
    assert (shown["status"], shown["size"]) == ("active", 3 << 20)


def uploaded(cloud: Cloud, image_id: str, token: str) -> int:
    """The status of so many bytes."""
    headers = {"X-Auth-Token": token, "Content-Type": "application/octet-stream"}
    url = f"{cloud.url}/image/v2/images/{image_id}/file"
    return requests.put(url, b"x" * (3 << 20), headers=headers, timeout=_PATIENCE_S).status_code


def application_credential(people: People, person: Person, **facts: Any) -> dict[str, str]:
    """Made by the person, who must have been given the roles before."""
    path = f"/users/{person.user_id}/application_credentials"
    body = {"application_credential": {"name": f"of {datetime.now(UTC)}", **facts}}
    made = people.ask("POST", path, body, people.token(person)).json()["application_credential"]
    return {"id": made["id"], "secret": made["secret"]}


def by_credential(people: People, credential: dict[str, str]) -> str:
    methods = ["application_credential"]
    identity = {"methods": methods, "application_credential": credential}
    return people.logged_in({"identity": identity})


def test_an_application_credential_counts_with_its_roles_until_it_is_deleted(
    cloud: Cloud, people: People, member: Person
) -> None:
    whole = application_credential(people, member)
    token = by_credential(people, whole)
    less = application_credential(people, member, roles=[{"name": "reader"}])

    assert booting(cloud, token) == 202
    assert booting(cloud, by_credential(people, less)) == 403

    path = f"/users/{member.user_id}/application_credentials/{whole['id']}"
    people.ask("DELETE", path, token=people.token(member))
    assert listing(cloud, token) == 401


def test_an_application_credential_opens_what_its_rules_say(
    cloud: Cloud, people: People, member: Person
) -> None:
    rule = {"service": "compute", "method": "GET", "path": "/v2.1/servers"}
    token = by_credential(people, application_credential(people, member, access_rules=[rule]))

    assert listing(cloud, token) == 200
    assert asked(cloud, "GET", "/compute/v2.1/flavors", token).status_code == 401
    assert asked(cloud, "GET", "/image/v2/images", token).status_code == 401


def test_an_expired_token_is_refused_unless_a_service_passes_it_on(
    cloud: Cloud, people: People, member: Person
) -> None:
    password = cloud.state.service_password.read_text().rstrip("\n")
    service = people.token(Person("nova", "", "service", "", password))
    usual = people.token(people.person("member"))
    soon = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=5)
    credential = application_credential(people, member, expires_at=soon.isoformat())
    token = by_credential(people, credential)  # which lives no longer than the credential

    eventually(lambda: listing(cloud, token) == 401)

    assert listing(cloud, token, X_Service_Token=service) == 200
    assert listing(cloud, token, X_Service_Token=usual) == 401
    assert listing(cloud, usual, X_Service_Token=usual) == 401
    assert listing(cloud, usual, X_Service_Token=service) == 200


def test_a_token_for_no_project_opens_nothing(cloud: Cloud, people: People) -> None:
    assert listing(cloud, people.token(people.admin, scope="unscoped")) in (401, 403)
    assert listing(cloud, people.token(people.admin, scope={"system": {"all": True}})) in (
        401,
        403,
    )


def test_while_keystone_hangs_the_answer_is_503_and_then_as_before(
    cloud: Cloud, keystone: Keystone, people: People, member: Person
) -> None:
    token = people.token(member)
    assert listing(cloud, token) == 200
    assert _picture(cloud, token)
    assert keystone.life is not None

    keystone.life.send(signal.SIGSTOP)
    paths = ("/compute/v2.1/servers", "/image/v2/images", "/compute/v2.1/")
    try:
        with ThreadPoolExecutor(len(paths)) as pool:
            answers = list(pool.map(lambda path: asked(cloud, "GET", path, token), paths))
    finally:
        keystone.life.send(signal.SIGCONT)

    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].json()["serviceUnavailable"]["code"] == 503
    eventually(lambda: listing(cloud, token) == 200)


def test_while_keystone_is_away_the_answer_is_503_and_then_as_before(
    cloud: Cloud, keystone: Keystone, people: People, member: Person
) -> None:
    token = people.token(member)
    assert keystone.life is not None

    keystone.life.send(signal.SIGKILL)
    keystone.life.process.wait()
    try:
        away = listing(cloud, token)
    finally:
        keystone.start()

    assert away == 503
    assert listing(cloud, token) == 200


def test_no_secret_is_an_argument_or_open_to_others(
    cloud: Cloud, keystone: Keystone, people: People
) -> None:
    service = cloud.state.service_password.read_text().strip()
    secrets = {keystone.password, service}

    for child in cloud.run().children:
        words = Path(f"/proc/{child.pid}/cmdline").read_text()
        assert not any(secret in words for secret in secrets)
    for file in cloud.state.root.rglob("*"):
        if file.is_file() and file.stat().st_mode & 0o077:
            assert not any(secret.encode() in file.read_bytes() for secret in secrets), file


def test_with_the_cache_on_a_token_counts_for_its_time(
    cloud: Cloud, keystone: Keystone, people: People, member: Person, tmp_path: Path
) -> None:
    """Beside the other cloud: two may share a Keystone, and the user of their services."""
    variables = named(keystone, people.admin) | {
        "OS_REGION_NAME": "cached",
        "MINICLOUD_SERVICE_PASSWORD": cloud.state.service_password.read_text().rstrip("\n"),
    }
    cached = Cloud(tmp_path / "state", variables)
    cached.up("--identity", keystone.url, "--set", "keystone_authtoken.token_cache_time=3600")
    try:
        known, fresh = people.token(member), people.token(member)
        assert listing(cached, known) == 200

        people.revoke(known)
        people.revoke(fresh)

        assert listing(cached, known) == 200
        assert listing(cached, fresh) == 401
    finally:
        cached.down()
