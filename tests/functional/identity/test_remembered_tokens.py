"""A token that two API processes remember is worth at the next request what it is worth now."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Final

import pytest
import webob

from minicloud.auth.authenticator import Authenticator
from minicloud.auth.caller import Caller
from minicloud.auth.choice import authenticator
from minicloud.auth.embedded import Embedded
from minicloud.auth.remembered import Memory
from minicloud.db import revision, tokens
from minicloud.db.engine import Database
from minicloud.db.models import Project, Role, RoleAssignment, User
from minicloud.errors import Unauthorized
from tests.functional.service_client import PASSWORD, Cloud, login
from tests.statements import statements


class Robot:
    """A user with two roles on a project, all in a domain of their own."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.admin = cloud, cloud.token("admin", "admin")
        self.domain = self._made("domain", name="robots")
        self.user = self._made("user", name="r2", password=PASSWORD, domain_id=self.domain)
        self.project = self._made("project", name="r2", domain_id=self.domain)
        self.member = cloud.ident("roles", "member")
        self.special = self._made("role", name="special")
        for role in (self.member, self.special):
            self.ask("PUT", self.at(role))
        scope = {"project": {"id": self.project}}
        body = login("", "x")
        body["auth"]["identity"]["password"]["user"] = {"id": self.user, "password": PASSWORD}
        body["auth"]["scope"] = scope
        self.token = str(self._logged_in(body))

    def ask(self, verb: str, path: str, body: Any = None, **headers: str) -> webob.Response:
        answer = self.cloud.ask(verb, path, body, self.admin, **headers)
        assert answer.status_int < 300, answer.text
        return answer

    def change(self, noun: str, ident: str, **values: object) -> None:
        self.ask("PATCH", f"/v3/{noun}s/{ident}", {noun: values})

    def at(self, role: str) -> str:
        return f"/v3/projects/{self.project}/users/{self.user}/roles/{role}"

    def credential(self) -> str:
        """From now on the token is one that was had for an application credential."""
        many = f"/v3/users/{self.user}/application_credentials"
        body = {"application_credential": {"name": "robot", "unrestricted": True}}
        made = self.cloud.ask("POST", many, body, self.token).json["application_credential"]
        claim = {"id": made["id"], "secret": made["secret"]}
        methods = ["application_credential"]
        identity = {"methods": methods, "application_credential": claim}
        self.token = str(self._logged_in({"auth": {"identity": identity}}))
        return f"{many}/{made['id']}"

    def _logged_in(self, body: Any) -> str:
        answer = self.cloud.ask("POST", "/v3/auth/tokens", body)
        assert answer.status_int == 201, answer.text
        return str(answer.headers["X-Subject-Token"])

    def _made(self, noun: str, **values: object) -> str:
        return str(self.ask("POST", f"/v3/{noun}s", {noun: values}).json[noun]["id"])


@pytest.fixture
def robot(cloud: Cloud) -> Robot:
    return Robot(cloud)


@pytest.fixture
def processes(cloud: Cloud) -> Iterator[list[Authenticator]]:
    """Two API processes: each with connections and a memory of its own."""
    url = cloud.database.engine.url.render_as_string(hide_password=False)
    databases = [Database(url, cloud.clock) for _ in range(2)]
    yield [authenticator(cloud.conf, database) for database in databases]
    for database in databases:
        database.dispose()


def _environ(token: str) -> dict[str, Any]:
    headers = {"X-Auth-Token": token}
    environ: dict[str, Any] = webob.Request.blank("/v2.1/servers", headers=headers).environ
    return environ


def _asked(process: Authenticator, token: str) -> Caller | None:
    try:
        return process.admit(_environ(token))
    except Unauthorized:
        return None


def _warm(processes: list[Authenticator], robot: Robot) -> None:
    for process in processes:
        for _ in range(2):
            caller = _asked(process, robot.token)
            assert caller is not None
            assert set(caller.roles) == {"member", "reader", "special"}


def _change_password(robot: Robot) -> None:
    body = {"user": {"original_password": PASSWORD, "password": "a new one"}}
    answer = robot.cloud.ask("POST", f"/v3/users/{robot.user}/password", body)
    assert answer.status_int == 204


def _revoke(robot: Robot) -> None:
    robot.ask("DELETE", "/v3/auth/tokens", **{"X-Subject-Token": robot.token})


def _take_both(robot: Robot) -> None:
    for role in (robot.member, robot.special):
        robot.ask("DELETE", robot.at(role))


def _delete_domain(robot: Robot) -> None:
    robot.change("domain", robot.domain, enabled=False)
    robot.ask("DELETE", f"/v3/domains/{robot.domain}")


LOSSES: Final[dict[str, Callable[[Robot], object]]] = {
    "revoked": _revoke,
    "own password changed": _change_password,
    "password set by an admin": lambda robot: robot.change("user", robot.user, password="new"),
    "user disabled": lambda robot: robot.change("user", robot.user, enabled=False),
    "project disabled": lambda robot: robot.change("project", robot.project, enabled=False),
    "domain disabled": lambda robot: robot.change("domain", robot.domain, enabled=False),
    "user deleted": lambda robot: robot.ask("DELETE", f"/v3/users/{robot.user}"),
    "project deleted": lambda robot: robot.ask("DELETE", f"/v3/projects/{robot.project}"),
    "domain deleted": _delete_domain,
    "all roles taken": _take_both,
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_token_that_is_worth_nothing_any_more_is_refused_by_every_process(
    robot: Robot, processes: list[Authenticator], loss: str
) -> None:
    _warm(processes, robot)

    LOSSES[loss](robot)

    assert [_asked(process, robot.token) for process in processes] == [None, None]


def test_a_token_whose_time_is_over_is_refused(
    robot: Robot, processes: list[Authenticator], cloud: Cloud
) -> None:
    _warm(processes, robot)

    cloud.clock.ahead = timedelta(seconds=cloud.conf.identity.token_life_s)

    assert [_asked(process, robot.token) for process in processes] == [None, None]


@pytest.mark.parametrize("what", ["credential", "its user's role", "user"])
def test_a_token_had_for_an_application_credential_ends_with_it(
    robot: Robot, processes: list[Authenticator], what: str
) -> None:
    path = robot.credential()
    _warm(processes, robot)

    if what == "credential":
        robot.cloud.ask("DELETE", path, token=robot.token)
    elif what == "user":
        robot.change("user", robot.user, enabled=False)
    else:
        robot.ask("DELETE", robot.at(robot.special))

    assert [_asked(process, robot.token) for process in processes] == [None, None]


CHANGES: Final[dict[str, tuple[Callable[[Robot], object], set[str]]]] = {
    "role taken": (
        lambda robot: robot.ask("DELETE", robot.at(robot.special)),
        {"member", "reader"},
    ),
    "role deleted": (
        lambda robot: robot.ask("DELETE", f"/v3/roles/{robot.special}"),
        {"member", "reader"},
    ),
    "role renamed": (
        lambda robot: robot.change("role", robot.special, name="quite"),
        {"member", "reader", "quite"},
    ),
    "role given": (
        lambda robot: robot.ask("PUT", robot.at(robot.cloud.ident("roles", "manager"))),
        {"manager", "member", "reader", "special"},
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_other_roles_count_from_the_next_request_on(
    robot: Robot, processes: list[Authenticator], change: str
) -> None:
    _warm(processes, robot)
    act, roles = CHANGES[change]

    act(robot)

    for process in processes:
        caller = _asked(process, robot.token)
        assert caller is not None
        assert set(caller.roles) == roles


def test_other_names_are_told_from_the_next_request_on(
    robot: Robot, processes: list[Authenticator]
) -> None:
    _warm(processes, robot)

    robot.change("user", robot.user, name="c3")
    robot.change("project", robot.project, name="po")

    for process in processes:
        caller = _asked(process, robot.token)
        assert caller is not None
        assert (caller.user_name, caller.project_name) == ("c3", "po")


def test_a_service_tokens_end_counts_as_well(
    robot: Robot, processes: list[Authenticator], cloud: Cloud
) -> None:
    service = cloud.token("nova", "service")
    environ = _environ(robot.token) | {"HTTP_X_SERVICE_TOKEN": service}
    callers = [process.admit(dict(environ)) for process in processes]
    assert [caller.service is not None for caller in callers] == [True, True]

    robot.ask("DELETE", "/v3/auth/tokens", **{"X-Subject-Token": service})

    for process in processes:
        with pytest.raises(Unauthorized):
            process.admit(dict(environ))


def test_who_comes_again_costs_no_look_at_the_users(robot: Robot, cloud: Cloud) -> None:
    process = authenticator(cloud.conf, cloud.database)
    process.admit(_environ(robot.token))

    with statements(cloud.database) as said:
        process.admit(_environ(robot.token))

    assert said == []  # the number of changes is asked for past SQLAlchemy


def test_log_ins_do_not_make_anyone_be_looked_up_again(robot: Robot, cloud: Cloud) -> None:
    process = authenticator(cloud.conf, cloud.database)
    process.admit(_environ(robot.token))
    cloud.token("demo", "demo")

    with statements(cloud.database) as said:
        process.admit(_environ(robot.token))

    assert said == []


_NO_TOKENS = ("x", "x" * 8192, "x" * 42, "x" * 44, "ä" * 43, "x y" + "x" * 40, "'" * 43, "\0" * 43)


@pytest.mark.parametrize("text", _NO_TOKENS)
def test_what_cannot_be_a_token_of_ours_costs_no_statement(cloud: Cloud, text: str) -> None:
    process = authenticator(cloud.conf, cloud.database)
    environ = _environ("")
    environ["HTTP_X_AUTH_TOKEN"] = text

    with statements(cloud.database) as said, pytest.raises(Unauthorized):
        process.admit(environ)

    assert said == []


def test_unknown_tokens_are_not_remembered(robot: Robot, cloud: Cloud) -> None:
    memory = Memory(1)
    process = Authenticator({"compute": Embedded(cloud.database, memory)})
    process.admit(_environ(robot.token))

    for number in range(5):
        assert _asked(process, f"{number}" * 43) is None

    assert memory.get(tokens.hashed(robot.token)) is not None


# A crowd.

_USERS, _THREADS, _TURNS = 1000, 8, 1500


def _crowd(database: Database) -> dict[str, str]:
    """Token -> user; each user has a project of the same name."""
    names = [f"u{number}" for number in range(_USERS)]
    now = database.now()

    def work(db: Any) -> dict[str, str]:
        member = Role(id="m", name="crowd-member")
        rows: list[Any] = [member]
        for name in names:
            rows.append(Project(id=name, domain_id="default", name=name))
            rows.append(
                User(id=name, domain_id="default", name=name, password_hash="", valid_from=now)
            )
            rows.append(RoleAssignment(user_id=name, project_id=name, role_id="m"))
        db.add_all(rows)
        db.flush()
        found = {}
        for name in names:
            issued = tokens.issue(db, name, name, ["password"], now, now + timedelta(hours=1))
            assert issued is not None
            found[issued[0]] = name
        return found

    return database.write(work)


def test_a_thousand_users_at_once_are_never_taken_for_one_another(cloud: Cloud) -> None:
    """With a memory that is too small for all, and grants that change meanwhile."""
    crowd = list(_crowd(cloud.database).items())
    process = Authenticator({"compute": Embedded(cloud.database, Memory(_USERS // 3))})
    done = threading.Event()

    def foreign_answers(first: int) -> list[tuple[str, Caller]]:
        found = []
        for turn in range(_TURNS):
            token, name = crowd[(first * 131 + turn * 7) % (_USERS if turn % 2 else 50)]
            caller = process.admit(_environ(token))
            if (caller.user_id, caller.project_id) != (name, name):
                found.append((name, caller))
        return found

    def change() -> None:
        while not done.wait(0.02):
            cloud.database.write(revision.count)

    with ThreadPoolExecutor(_THREADS + 1) as threads:
        changing = threads.submit(change)
        found = list(threads.map(foreign_answers, range(_THREADS)))
        done.set()
        changing.result()

    assert found == [[]] * _THREADS
