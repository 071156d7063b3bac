"""What `minicloud up --identity` makes in a real Keystone, and what it says where it cannot."""

import json
import os
import shlex
import threading
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from minicloud.cmd import identity
from minicloud.cmd.state import State
from minicloud.errors import CannotStart
from minicloud.identity.external.wants import INTERFACES
from minicloud.runtime import ports
from minicloud.runtime.servers.keystone import Keystone
from tests.functional.client_shell import Shell
from tests.functional.people import People, Person

Up = Callable[..., identity.Arranged]
PORT = 8774


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def place(request: pytest.FixtureRequest) -> str:
    """The name of a region and of the services' user, for this test alone."""
    return f"of-{abs(hash(request.node.nodeid)):x}"


@pytest.fixture
def up(
    keystone: Keystone,
    place: str,
    said: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Up:
    """What `minicloud up --identity URL` does in Keystone; `who` are variables."""
    state = State(tmp_path / "state")
    state.make()

    def up(
        who: dict[str, str] | None = None, port: int = PORT, url: str = "", region: str = ""
    ) -> identity.Arranged:
        for name in [name for name in os.environ if name.startswith("OS_")]:
            monkeypatch.delenv(name)
        for name, value in (who or {}).items():
            monkeypatch.setenv(name, value)
        sets = [f"identity.region={region or place}", f"keystone_authtoken.username={place}"]
        options = Namespace(identity=url or keystone.url, port=port, set=sets)
        said.clear()
        return identity.at_url(options, state, said.append)

    return up


def named(person: Person) -> dict[str, str]:
    """Whom OpenStack's clients take this for."""
    return {
        "OS_USERNAME": person.name,
        "OS_PASSWORD": person.password,
        "OS_PROJECT_NAME": person.project,
        "OS_USER_DOMAIN_ID": "default",
        "OS_PROJECT_DOMAIN_ID": "default",
    }


def endpoints(people: People, region: str, own: bool = False) -> dict[tuple[str, str], str]:
    """(type, interface) -> address; `own`: those of Keystone itself, else the others."""
    kinds = {
        found["id"]: found["type"] for found in people.ask("GET", "/services").json()["services"]
    }
    listed = people.ask("GET", f"/endpoints?region_id={region}").json()["endpoints"]
    found = {(kinds[one["service_id"]], one["interface"]): one["url"] for one in listed}
    return {key: url for key, url in found.items() if (key[0] == "identity") == own}


def expected(port: int) -> dict[tuple[str, str], str]:
    address = f"http://{ports.LOOPBACK}:{port}"
    return {
        (kind, interface): address + path
        for kind, path in (("compute", "/compute/v2.1"), ("image", "/image"))
        for interface in INTERFACES
    }


def test_what_is_missing_is_made_once(up: Up, people: People, place: str, said: list[str]) -> None:
    found = up(named(people.admin))

    assert endpoints(people, place) == expected(PORT)
    assert endpoints(people, place, own=True) == {
        ("identity", interface): people.url for interface in INTERFACES
    }
    assert f"made the user {place}" in said
    settings = found.settings["keystone_authtoken"]
    person = Person(place, "", "service", found.owner, settings["password"])
    assert people.token(person)

    again = up(named(people.admin))

    assert said == []
    assert again == found


def test_an_administrator_may_be_one_by_application_credential_or_token(
    up: Up, people: People, keystone: Keystone, said: list[str]
) -> None:
    people.ask("GET", "/roles?name=manager").json()
    token = people.token(people.admin)

    up({"OS_TOKEN": token, "OS_PROJECT_NAME": "admin", "OS_PROJECT_DOMAIN_ID": "default"})

    assert any(line.startswith("made the service") or "endpoint" in line for line in said)


def test_endpoints_of_this_cloud_move_with_its_port(up: Up, people: People, place: str) -> None:
    up(named(people.admin))

    up(named(people.admin), port=PORT + 1)

    assert endpoints(people, place) == expected(PORT + 1)


def test_endpoints_of_another_cloud_are_not_touched(
    up: Up, people: People, place: str, tmp_path: Path
) -> None:
    up(named(people.admin))
    State(tmp_path / "state").endpoints.unlink()  # as another cloud would have made them

    with pytest.raises(CannotStart, match=r"--set identity\.region=NAME"):
        up(named(people.admin), port=PORT + 1)

    assert endpoints(people, place) == expected(PORT)


def test_a_service_user_of_another_password_keeps_it(
    up: Up, people: People, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.make("users", name=place, password="its own", domain_id="default")

    with pytest.raises(CannotStart, match=f"refuses the log-in of {place}: it is disabled, or"):
        up(named(people.admin))
    monkeypatch.setenv("MINICLOUD_SERVICE_PASSWORD", "its own")
    found = up(named(people.admin))

    assert found.settings["keystone_authtoken"]["password"] == "its own"
    assert "MINICLOUD_SERVICE_PASSWORD" not in os.environ


def test_what_a_person_is_told_to_type_is_all_that_is_needed(
    up: Up,
    people: People,
    keystone: Keystone,
    place: str,
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(CannotStart) as failure:
        up()
    lines = [line.strip() for line in str(failure.value).splitlines()]
    commands = [line for line in lines if line.startswith("openstack ")]

    variables = {"OS_AUTH_URL": keystone.url, "OS_IDENTITY_API_VERSION": "3"}
    shell = Shell({**os.environ, **variables, **named(people.admin)})
    for command in commands:
        typed(shell, command.replace("--password-prompt", "--password swordfish"))
    shell.close()
    monkeypatch.setenv("MINICLOUD_SERVICE_PASSWORD", "swordfish")
    found = up()

    assert said == []
    assert endpoints(people, place) == expected(PORT)
    assert found.settings["keystone_authtoken"]["password"] == "swordfish"


def typed(shell: Shell, line: str) -> None:
    """`openstack ... || openstack ...`, as a shell runs it."""
    *first, last = [part.strip().removeprefix("openstack ") for part in line.split("||")]
    if not any(shell.run(" ".join(shlex.split(command))).code == 0 for command in first):
        shell.ok(" ".join(shlex.split(last)))


def test_without_an_administrator_a_catalogue_that_lacks_this_cloud_is_a_note(
    up: Up, people: People, said: list[str]
) -> None:
    up(named(people.admin))

    up(port=PORT + 1)

    assert said[0].startswith("note: ")
    assert any("openstack endpoint create" in line and str(PORT + 1) in line for line in said)


def test_who_is_no_administrator_makes_nothing(
    up: Up, people: People, place: str, said: list[str]
) -> None:
    with pytest.raises(CannotStart, match=f"openstack user create .* {place}"):
        up(named(people.person("member")))

    assert "is no administrator there" in said[0]
    assert endpoints(people, place) == {}


def test_a_service_user_without_its_role_is_refused_with_the_command(
    up: Up, people: People, place: str
) -> None:
    found = up(named(people.admin))
    (user,) = people.ask("GET", f"/users?name={place}").json()["users"]
    person = Person(place, user["id"], "service", found.owner, "")
    people.give(person, "reader")
    people.take(person, "service")

    with pytest.raises(CannotStart, match=f"openstack role add .* --user {place} service"):
        up()


def test_a_private_keystone_gets_devstacks_users_and_follows_the_port(
    keystone: Keystone, people: People, tmp_path: Path
) -> None:
    """The session's Keystone, as if it were one cloud's alone."""
    state = State(tmp_path / "state")
    state.make()

    for port in (PORT, PORT, PORT + 1):
        options = Namespace(identity="keystone", port=port, set=[])
        found = identity.in_private(options, keystone, state)

    assert endpoints(people, "RegionOne") == expected(PORT + 1)
    assert found.told() == {"url": keystone.url, "region": "RegionOne", "users": "devstack"}
    for name, project in (("admin", "demo"), ("demo", "demo")):
        assert people.token(Person(name, "", project, "", keystone.password))


def test_a_wrong_password_is_one_clear_line(up: Up, people: People) -> None:
    wrong = named(people.admin) | {"OS_PASSWORD": "wrong"}

    with pytest.raises(CannotStart, match="refuses the log-in of whom OS_USERNAME"):
        up(wrong)


def test_credentials_for_another_keystone_are_not_sent(
    up: Up, people: People, tmp_path: Path
) -> None:
    elsewhere = named(people.admin) | {"OS_AUTH_URL": "https://elsewhere.example.org/v3"}

    with pytest.raises(CannotStart, match="OS_AUTH_URL is https://elsewhere"):
        up(elsewhere)


@pytest.mark.parametrize("url", ["nonsense", "ftp://host", "http://", "http://u:p@host/v3"])
def test_what_is_no_address_is_refused(up: Up, url: str) -> None:
    with pytest.raises(CannotStart, match="expected an address"):
        up(url=url)


def test_nobody_at_the_address_is_one_clear_line(up: Up) -> None:
    with pytest.raises(CannotStart, match=r"no Keystone answers at \S+: Connection refused$"):
        up(url=f"http://{ports.LOOPBACK}:{ports.free_port()}/v3")


V2_ONLY = {
    "versions": {
        "values": [
            {
                "id": "v2.0",
                "status": "stable",
                "links": [{"rel": "self", "href": "http://keystone/v2.0/"}],
            }
        ]
    }
}


@pytest.fixture
def serving() -> Iterator[Callable[[int, bytes], str]]:
    """A server that answers everything so; its address."""
    running: list[Any] = []

    def serve(status: int, body: bytes) -> str:
        def application(_environ: Any, start_response: Any) -> list[bytes]:
            start_response(f"{status} So", [("Content-Type", "application/json")])
            return [body]

        server = make_server(ports.LOOPBACK, 0, application, handler_class=Silent)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://{ports.LOOPBACK}:{server.server_port}"

    yield serve
    for server in running:
        server.shutdown()
        server.server_close()


class Silent(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


def test_a_keystone_that_speaks_v2_only_is_refused(
    up: Up, serving: Callable[[int, bytes], str]
) -> None:
    with pytest.raises(CannotStart, match=r"speaks no Identity v3 there: v2\.0"):
        up(url=serving(300, json.dumps(V2_ONLY).encode()))


@pytest.mark.parametrize(("status", "body"), [(200, b"<html>"), (404, b"{}"), (500, b"")])
def test_what_is_no_keystone_is_told(
    up: Up, serving: Callable[[int, bytes], str], status: int, body: bytes
) -> None:
    with pytest.raises(CannotStart, match="at http"):
        up(url=serving(status, body))


def test_nobody_else_can_read_what_is_kept(up: Up, people: People, tmp_path: Path) -> None:
    up(named(people.admin))

    state = State(tmp_path / "state")
    for file in (state.service_password, state.endpoints):
        assert file.stat().st_mode & 0o777 == 0o600
