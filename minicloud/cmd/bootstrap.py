"""Devstack's world: users, projects, roles, the catalogue, flavors and an image; made once."""

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.db import flavors, identity
from minicloud.db.engine import Database
from minicloud.identity import bootstrap as people
from minicloud.image import bootstrap as pictures


def bootstrap(
    database: Database, conf: cfg.ConfigOpts, admin_password: str, image_owner: str = ""
) -> None:
    """Make what is not there; what an operator has changed since stays changed.

    Users and projects are a real Keystone's matter where there is one: `image_owner` is the id of
    a project that it knows.
    """
    if not conf.identity.external:
        people.bootstrap(database, conf, admin_password)
    now = database.now()
    database.write(lambda db: flavors.add_devstack(db, now), "bootstrap.flavors")
    pictures.bootstrap(database, conf, image_owner or database.read(_admin_project))


def _admin_project(db: Session) -> str:
    found = identity.project_named(db, people.DOMAIN_ID, "admin")
    return found.id if found else ""
