"""Whose tokens count: those of this program's identity service, or a real Keystone's."""

from oslo_config import cfg

from minicloud.auth.authenticator import Authenticator
from minicloud.conf import keystone_authtoken
from minicloud.db.engine import Database

SERVICES = ("compute", "image")


def authenticator(conf: cfg.ConfigOpts, database: Database) -> Authenticator:
    """By [identity] external."""
    if conf.identity.external:
        from minicloud.auth.keystone import Keystone

        keystone_authtoken.opts(conf)
        url = keystone_authtoken.identity_url(conf)
        return Authenticator({service: Keystone(conf, service) for service in SERVICES}, url)
    from minicloud.auth.embedded import Embedded

    return Authenticator(dict.fromkeys(SERVICES, Embedded(database)))
