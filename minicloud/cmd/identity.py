"""`minicloud up --identity ...`: a real Keystone in place of the small identity service."""

import argparse
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from minicloud.cmd import settings
from minicloud.cmd.state import State
from minicloud.errors import CannotStart
from minicloud.identity.external import login
from minicloud.identity.external.enrolment import Enrolment
from minicloud.identity.external.keystone import Keystone, NotPermitted, Refused
from minicloud.identity.external.wants import SERVICE_ROLE, Wants
from minicloud.runtime import ports, runfile
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.loop import Loop
from minicloud.runtime.passwords import kept_secret, write_private
from minicloud.runtime.processes import Supervisor
from minicloud.runtime.servers import keystone as private

PASSWORD_VARIABLE = "MINICLOUD_SERVICE_PASSWORD"
PRIVATE = "keystone"  # --identity keystone
_LOOK_S = 0.25
_DEVSTACK: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "admin": {"demo": ("admin",)},
    "demo": {"demo": ("member", "reader")},
}

Say = Callable[[str], None]


@dataclass(frozen=True)
class Arranged:
    """What programs and clients have to know of the Keystone."""

    url: str
    region: str
    settings: settings.Settings
    owner: str  # the id of the project that owns the image every cloud begins with
    users: str  # "theirs", or "devstack" where this cloud made them

    def told(self) -> dict[str, str]:
        """As run.json keeps it."""
        return {"url": self.url, "region": self.region, "users": self.users}


def arranged(
    options: argparse.Namespace,
    state: State,
    say: Say,
    supervisor: Supervisor,
    stopping: threading.Event,
) -> Arranged:
    """The Keystone of --identity, ready for this cloud; a private one has been started."""
    if options.identity != PRIVATE:
        return at_url(options, state, say)
    password = kept_secret(state.password)
    server = private.Keystone(state.servers / private.Keystone.name, password)
    supervisor.start(server)
    supervisor.wait_ready([server.name], stopping)
    return in_private(options, server, state)


@contextmanager
def beside(
    options: argparse.Namespace,
    state: State,
    say: Say,
    changed: Callable[[list[runfile.Child]], None],
    stopping: threading.Event,
) -> Iterator[Arranged]:
    """The same for a cloud in this process, which then looks after a private one."""
    clock = SystemClock()
    supervisor = Supervisor(clock, say, changed)
    loop = Loop("keystone", supervisor.step, _LOOK_S, clock)
    try:
        found = arranged(options, state, say, supervisor, stopping)
        loop.start()
        yield found
    finally:
        loop.stop()
        supervisor.stop()


def check(word: str) -> None:
    """CannotStart for what is no address."""
    try:
        parts = urlsplit(word)
        good = parts.scheme in ("http", "https") and parts.hostname and not parts.username
        _ = parts.port  # ValueError when it is no number
    except ValueError:
        good = False
    if not good:
        raise CannotStart(
            f"--identity {word}: expected an address, as http://host:5000/v3, or "
            "keystone for a private one"
        )


def at_url(options: argparse.Namespace, state: State, say: Say) -> Arranged:
    """Make what is missing in the Keystone of --identity, or tell how to."""
    environ = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("OS_")}
    check(options.identity)
    url: str = options.identity.rstrip("/")
    verify = login.verification(environ)
    Keystone(url, None, verify).check()
    wants = _wants(options, environ.get("OS_REGION_NAME") or private.REGION)
    password = _service_password(state)
    plugin = login.from_environment(url, environ)
    service = Keystone(url, login.of_service(url, wants, password), verify, wants.username)
    keystone = Keystone(url, plugin, verify, "whom OS_USERNAME and the like name")
    if plugin is None or not _enrolled(keystone, service, wants, state, say):
        _note_what_is_missing(_admitted(service, wants), url, wants, say)
    owner = str(_admitted(service, wants).project_id)
    trusted = {} if verify is True else _verification(verify)
    told = _settings(url, wants, password, trusted)
    return Arranged(url, wants.region, told, owner, "theirs")


def in_private(options: argparse.Namespace, server: private.Keystone, state: State) -> Arranged:
    """Make devstack's users in a Keystone that is this cloud's alone."""
    wants = _wants(options, private.REGION, {"identity": ("keystone", server.url)})
    password = kept_secret(state.service_password)
    admin = login.of_admin(server.url, private.ADMIN, server.password)
    keystone = Keystone(server.url, admin)
    everything = {found["id"] for found in keystone.all("endpoints")}
    enrolment = Enrolment(keystone, wants, everything, _quietly)
    enrolment.user(password)
    for user, projects in _DEVSTACK.items():
        for project, roles in projects.items():
            where = enrolment.project(project)
            enrolment.person(user, server.password, where, roles, wants.user_domain_id)
    enrolment.catalogue()
    owner = enrolment.project(private.ADMIN)
    told = _settings(server.url, wants, password, {})
    return Arranged(server.url, wants.region, told, owner, "devstack")


def _quietly(_text: str) -> None:
    """What is made in a Keystone of our own is no news."""


def _wants(
    options: argparse.Namespace, region: str, more: dict[str, tuple[str, str]] | None = None
) -> Wants:
    """What --set says counts here as well."""
    given = settings.parse(options.set)
    address = given.get("api", {}).get("public_url", f"http://{ports.LOOPBACK}:{options.port}")
    services = {
        "compute": ("nova", f"{address.rstrip('/')}/compute/v2.1"),
        "image": ("glance", f"{address.rstrip('/')}/image"),
    }
    known = ("username", "project_name", "user_domain_id", "project_domain_id")
    told = given.get("keystone_authtoken", {})
    return Wants(
        region=given.get("identity", {}).get("region", region),
        services={**(more or {}), **services},
        **{name: told[name] for name in known if name in told},
    )


def _service_password(state: State) -> str:
    """That of the environment; else one made by chance, once."""
    given = os.environ.pop(PASSWORD_VARIABLE, None)
    if given:
        write_private(state.service_password, f"{given}\n")
    return kept_secret(state.service_password)


def _enrolled(keystone: Keystone, service: Keystone, wants: Wants, state: State, say: Say) -> bool:
    """Whether whoever has logged in may make what is missing, and has made it."""
    try:
        ours = json.loads(state.endpoints.read_text())
    except (FileNotFoundError, ValueError):
        ours = []
    enrolment = Enrolment(keystone, wants, ours, say)
    try:
        enrolment.user(state.service_password.read_text().rstrip("\n"))
        _hold_password(service, wants)  # before the catalogue leads clients here
        enrolment.catalogue()
    except NotPermitted:
        say("note: whom OS_USERNAME names is no administrator there: nothing is made")
        return False
    finally:
        write_private(state.endpoints, json.dumps(sorted(enrolment.ours)) + "\n")
    return True


def _hold_password(service: Keystone, wants: Wants) -> None:
    """A user that was there keeps its password, which has to be this cloud's."""
    try:
        service.access()
    except Refused as error:
        user = wants.username
        raise CannotStart(
            f"{error}: it is disabled, or has another password than this cloud's; give that in "
            f"${PASSWORD_VARIABLE}, or change it by `openstack user set --password-prompt {user}`"
        ) from error


def _admitted(service: Keystone, wants: Wants) -> Any:
    """What Keystone says of the services' user; CannotStart, with what to do, if it is no use."""
    try:
        access = service.access()
    except Refused as error:
        commands = [*wants.for_user(), *wants.for_roles()[1:]]
        raise CannotStart(_how_to(f"{error}", wants, commands, service.url)) from error
    if SERVICE_ROLE not in access.role_names:
        what = f"in the Keystone at {service.url} the user {wants.username} lacks a role"
        raise CannotStart(_how_to(what, wants, wants.for_role(), service.url))
    return access


def _note_what_is_missing(access: Any, url: str, wants: Wants, say: Say) -> None:
    """In the catalogue: the services work all the same."""
    known = {
        kind: access.service_catalog.get_urls(
            service_type=kind, interface="public", region_name=wants.region
        )
        for kind in (*wants.services, "identity")
    }
    missing = [kind for kind, (_, where) in wants.services.items() if where not in known[kind]]
    if missing or not known["identity"]:
        say(f"note: {url} does not lead to this cloud; an administrator there can type")
        for command in wants.for_services(missing, "" if known["identity"] else url):
            say(f"  {command}")


def _how_to(what: str, wants: Wants, commands: list[str], url: str) -> str:
    lines = [
        what,
        f"The services ask it about tokens as the user {wants.username}. Name an administrator",
        "there by OS_USERNAME, OS_PASSWORD and the like, and what is missing is made; or give the",
        f"password of {wants.username} in ${PASSWORD_VARIABLE}. By hand all is made by:",
    ]
    made = [*commands, *wants.for_services(wants.services, url)]
    return "\n".join([*lines, *(f"  {command}" for command in made)])


def _verification(verify: bool | str) -> dict[str, str]:
    return {"cafile": verify} if isinstance(verify, str) else {"insecure": "true"}


def _settings(url: str, wants: Wants, password: str, trusted: dict[str, str]) -> settings.Settings:
    return {
        "identity": {"external": "true", "region": settings.literal(wants.region)},
        "keystone_authtoken": {
            "auth_type": "password",
            "auth_url": settings.literal(url),
            "www_authenticate_uri": settings.literal(url),
            "username": settings.literal(wants.username),
            "password": settings.literal(password),
            "user_domain_id": settings.literal(wants.user_domain_id),
            "project_name": settings.literal(wants.project_name),
            "project_domain_id": settings.literal(wants.project_domain_id),
            **{name: settings.literal(value) for name, value in trusted.items()},
        },
    }


def log_in(url: str) -> Callable[[], str] | None:
    """How whoever the environment names gets a token there; None when it names nobody."""
    plugin = login.from_environment(url, os.environ)
    if plugin is None:
        return None
    keystone = Keystone(url, plugin, login.verification(os.environ))
    return lambda: str(keystone.access().auth_token)
