"""What the services need of a Keystone, and the commands that make it by hand."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

SERVICE_ROLE: Final = "service"  # who has it is told about the tokens of others
ROLES: Final = (SERVICE_ROLE, "manager", "member", "reader")
INTERFACES: Final = ("public", "internal", "admin")


@dataclass(frozen=True)
class Wants:
    """`services`: type -> (name, address). The user is whom the services ask about tokens as."""

    region: str
    services: Mapping[str, tuple[str, str]]
    username: str = "nova"
    project_name: str = "service"
    user_domain_id: str = "default"
    project_domain_id: str = "default"

    def for_user(self) -> list[str]:
        """Commands that make the user of the services."""
        user, project = shlex.quote(self.username), shlex.quote(self.project_name)
        homes = shlex.quote(self.project_domain_id), shlex.quote(self.user_domain_id)
        return [
            f"openstack project create --domain {homes[0]} --or-show {project}",
            f"openstack user create --domain {homes[1]} --password-prompt {user}",
            *self.for_role(),
        ]

    def for_role(self) -> list[str]:
        user, project = shlex.quote(self.username), shlex.quote(self.project_name)
        domains = (
            f"--project-domain {shlex.quote(self.project_domain_id)} "
            f"--user-domain {shlex.quote(self.user_domain_id)}"
        )
        return [
            f"openstack role create --or-show {SERVICE_ROLE}",
            f"openstack role add {domains} --project {project} --user {user} {SERVICE_ROLE}",
        ]

    def for_roles(self) -> list[str]:
        """Commands that make the roles which the policy knows."""
        return [f"openstack role create --or-show {role}" for role in ROLES]

    def for_services(self, kinds: Iterable[str], identity_url: str = "") -> list[str]:
        """Commands that put these services into the catalogue, and Keystone into the region."""
        region = shlex.quote(self.region)
        commands = [f"openstack region show {region} || openstack region create {region}"]
        for kind in kinds:
            name, url = self.services[kind]
            where = shlex.quote(url)
            made = f"openstack service create --name {name} {kind}"
            commands.append(f"openstack service show {name} || {made}")
            commands += [
                f"openstack endpoint create --region {region} {name} {interface} {where}"
                for interface in INTERFACES
            ]
        if identity_url:
            where = shlex.quote(identity_url)
            commands += [
                f"openstack endpoint create --region {region} identity {interface} {where}"
                for interface in INTERFACES
            ]
        return commands
