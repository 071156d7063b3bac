"""The world that a new cloud begins with: devstack's users, projects, roles and catalogue."""

from collections.abc import Mapping
from typing import Final
from uuid import uuid4

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.db import rows
from minicloud.db.engine import Database
from minicloud.db.models import (
    Base,
    CatalogRegion,
    CatalogService,
    Domain,
    Project,
    Role,
    RoleAssignment,
    User,
)
from minicloud.errors import Conflict
from minicloud.identity.catalog import endpoints_of
from minicloud.identity.passwords import Passwords

DOMAIN_ID: Final = "default"
PROJECTS: Final = ("admin", "demo", "alt_demo", "service")
ROLES: Final = ("admin", "manager", "member", "reader", "service")
USERS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {  # with their roles on projects
    "admin": {"admin": ("admin",), "demo": ("admin",)},
    "demo": {"demo": ("member", "reader")},
    "demo_manager": {"demo": ("manager",)},
    "demo_reader": {"demo": ("reader",)},
    "alt_demo": {"alt_demo": ("member",)},
    "nova": {"service": ("service", "admin")},
    "neutron": {"service": ("service",)},
}
SERVICES: Final = (  # type, name, where it is mounted
    ("identity", "keystone", "/identity"),
    ("compute", "nova", "/compute/v2.1"),
    ("image", "glance", "/image"),
)


def bootstrap(database: Database, conf: cfg.ConfigOpts, admin_password: str) -> None:
    """Write it all in one transaction, once; the row of the domain is who came first."""
    if database.read(lambda db: rows.get(db, Domain, DOMAIN_ID)) is not None:
        return
    # All have the operator's password; a single hash, for each costs a log-in's time.
    password_hash = Passwords(conf.identity.bcrypt_rounds).hashed(admin_password)

    def work(db: Session) -> None:
        rows.insert(db, Domain(id=DOMAIN_ID, name="Default", description="The default domain"))
        db.add_all(_people(database, password_hash))
        db.add_all(_catalog(conf.identity.region))

    try:
        database.write(work, "identity.bootstrap")
    except Conflict:  # another process has just done it
        return


def _people(database: Database, password_hash: str) -> list[Base]:
    projects = {name: Project(id=uuid4().hex, domain_id=DOMAIN_ID, name=name) for name in PROJECTS}
    roles = {name: Role(id=uuid4().hex, name=name) for name in ROLES}
    written: list[Base] = [*projects.values(), *roles.values()]
    for name, given in USERS.items():
        user = User(
            id=uuid4().hex,
            domain_id=DOMAIN_ID,
            name=name,
            password_hash=password_hash,
            valid_from=database.now(),
        )
        written.append(user)
        written += [
            RoleAssignment(
                user_id=user.id, project_id=projects[project].id, role_id=roles[role].id
            )
            for project, names in given.items()
            for role in names
        ]
    return written


def _catalog(region_id: str) -> list[Base]:
    written: list[Base] = [CatalogRegion(id=region_id)]
    for kind, name, url in SERVICES:
        service = CatalogService(id=uuid4().hex, type=kind, name=name)
        written += [service, *endpoints_of(service.id, region_id, url)]
    return written
