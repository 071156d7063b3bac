"""The identity service: Identity v3 in small, so that real clients work with nothing else."""

from datetime import timedelta
from typing import Any

from oslo_config import cfg

from minicloud.conf import keystone_authtoken
from minicloud.db.engine import Database
from minicloud.identity import discovery, elsewhere
from minicloud.identity.absent import Absent
from minicloud.identity.catalog import Endpoints, Regions, Services
from minicloud.identity.credentials import Credentials
from minicloud.identity.domains import Domains
from minicloud.identity.implied import ImpliedRoles
from minicloud.identity.parts import Parts
from minicloud.identity.passwords import Passwords
from minicloud.identity.projects import Projects
from minicloud.identity.roles import Roles
from minicloud.identity.tokens import Tokens
from minicloud.identity.users import Users
from minicloud.runtime.wiring import part
from minicloud.runtime.wsgi import Application, Route


def table(parts: Parts) -> list[Route]:
    """Every URL; the nouns bring their own list, show, create, change and delete."""
    tokens = Tokens(parts)
    nouns = (
        *(Domains, Projects, Users, Roles, ImpliedRoles),
        *(Regions, Services, Endpoints, Credentials, Absent),
    )
    return [
        Route("GET", "/", discovery.versions),
        Route("GET", "/v3", discovery.v3),
        Route("POST", "/v3/auth/tokens", tokens.issue),
        Route("GET", "/v3/auth/tokens", tokens.show),
        Route("HEAD", "/v3/auth/tokens", tokens.show),
        Route("DELETE", "/v3/auth/tokens", tokens.revoke),
        Route("GET", "/v3/auth/catalog", tokens.catalog),
        Route("GET", "/v3/auth/projects", tokens.projects),
        Route("GET", "/v3/auth/domains", tokens.domains),
        Route("GET", "/v3/auth/system", tokens.system),
        *(route for noun in nouns for route in noun(parts).routes()),
    ]


def application(database: Database, conf: cfg.ConfigOpts) -> Application:
    if conf.identity.external:
        return Application(elsewhere.table(keystone_authtoken.identity_url(conf)))
    parts = Parts(
        database=database,
        passwords=Passwords(conf.identity.bcrypt_rounds),
        token_life=timedelta(seconds=conf.identity.token_life_s),
    )
    return Application(table(parts), conf.api.public_url, conf.api.max_request_body_bytes)


def app_factory(global_conf: dict[str, str], **local_conf: str) -> Any:
    """For PasteDeploy."""
    return application(part(Database), part(cfg.ConfigOpts))
