"""Devstack's world: users, projects, roles, the catalogue, flavors and an image; made once."""

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.db import flavors, identity
from minicloud.db.engine import Database
from minicloud.identity import bootstrap as people
from minicloud.image import bootstrap as pictures


def bootstrap(database: Database, conf: cfg.ConfigOpts, admin_password: str) -> None:
    """Make what is not there; what an operator has changed since stays changed."""
    people.bootstrap(database, conf, admin_password)
    now = database.now()
    database.write(lambda db: flavors.add_devstack(db, now), "bootstrap.flavors")
    pictures.bootstrap(database, conf, database.read(_admin_project))


def _admin_project(db: Session) -> str:
    found = identity.project_named(db, people.DOMAIN_ID, "admin")
    return found.id if found else ""
