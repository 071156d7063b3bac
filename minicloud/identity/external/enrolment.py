"""Makes what a cloud needs in a Keystone, where it is missing; what is there stays as it is."""

from collections.abc import Callable, Collection
from typing import Any

from minicloud.errors import CannotStart
from minicloud.identity.external.keystone import Keystone
from minicloud.identity.external.wants import INTERFACES, ROLES, SERVICE_ROLE, Wants


class Enrolment:
    """`keystone` is logged in as an administrator; `say` hears of everything that is made.

    `ours` are the ids of the endpoints that this cloud has made, and no other is changed: it would
    be another cloud's.
    """

    def __init__(
        self, keystone: Keystone, wants: Wants, ours: Collection[str], say: Callable[[str], None]
    ) -> None:
        self._keystone, self._wants, self._say = keystone, wants, say
        self.ours = set(ours)

    def user(self, password: str) -> None:
        """The services' user in their project, and the roles that the policy knows."""
        wants = self._wants
        self.person(
            wants.username,
            password,
            self._project(wants.project_name, wants.project_domain_id),
            (SERVICE_ROLE,),
            wants.user_domain_id,
        )
        for role in ROLES:
            self._id("roles", role)

    def project(self, name: str) -> str:
        """The id of this project of the default domain."""
        return self._project(name, self._wants.project_domain_id)

    def person(
        self, name: str, password: str, project_id: str, roles: Collection[str], domain_id: str
    ) -> None:
        """A user with these roles; one that is there keeps its password."""
        user_id = self._id("users", name, password=password, domain_id=domain_id)
        for role in roles:
            path = f"/projects/{project_id}/users/{user_id}/roles/{self._id('roles', role)}"
            if not self._keystone.has(path):
                self._keystone.put(path)
                self._say(f"gave the user {name} the role {role}")

    def catalogue(self) -> None:
        """Services and endpoints."""
        region = self._wants.region
        if not any(found["id"] == region for found in self._keystone.all("regions")):
            self._keystone.make("regions", id=region)
            self._say(f"made the region {region}")
        for kind, (name, url) in self._wants.services.items():
            self._service(kind, name, url)
        self._identity()

    def _identity(self) -> None:
        """Clients look for Keystone itself in the catalogue, by region."""
        service, region = self._keystone.one("services", type="identity"), self._wants.region
        if service is None:
            return
        where = {"service_id": service["id"], "region_id": region}
        if self._keystone.one("endpoints", **where) is None:
            url = self._keystone.url
            for interface in INTERFACES:
                self._keystone.make("endpoints", interface=interface, url=url, **where)
            self._say(f"made the endpoints of identity in the region {region}: {url}")

    def _service(self, kind: str, name: str, url: str) -> None:
        service = self._keystone.one("services", type=kind)
        if service is None:
            service = self._keystone.make("services", type=kind, name=name)
            self._say(f"made the service {name} ({kind})")
        where = {"service_id": service["id"], "region_id": self._wants.region}
        known = {found["interface"]: found for found in self._keystone.all("endpoints", **where)}
        for interface in INTERFACES:
            found = known.get(interface)
            if found is None:
                made = self._keystone.make("endpoints", interface=interface, url=url, **where)
                self.ours.add(made["id"])
                self._say(f"made the {interface} endpoint of {kind}: {url}")
            elif found["url"] != url:
                self._move(kind, found, url)

    def _move(self, kind: str, endpoint: dict[str, Any], url: str) -> None:
        if endpoint["id"] not in self.ours:
            raise CannotStart(
                f"in the region {self._wants.region} of {self._keystone.url} the service {kind} "
                f"is {endpoint['url']}, and not this cloud: choose another region by "
                f"--set identity.region=NAME, or `openstack endpoint delete {endpoint['id']}`"
            )
        self._keystone.change("endpoints", endpoint["id"], url=url)
        self._say(f"changed the {endpoint['interface']} endpoint of {kind} to {url}")

    def _project(self, name: str, domain_id: str) -> str:
        return self._id("projects", name, domain_id=domain_id)

    def _id(self, nouns: str, name: str, **facts: str) -> str:
        where = {"domain_id": facts["domain_id"]} if "domain_id" in facts else {}
        found = self._keystone.one(nouns, name=name, **where)
        if found is None:
            found = self._keystone.make(nouns, name=name, **facts)
            self._say(f"made the {nouns[:-1]} {name}")
        return str(found["id"])
