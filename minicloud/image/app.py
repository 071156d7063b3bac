"""The image service: Image v2 in small, so that real clients work with nothing else."""

from typing import Any

from oslo_config import cfg

from minicloud.auth.authenticator import Authenticator
from minicloud.db.engine import Database
from minicloud.image import discovery, schemas
from minicloud.image.files import Files
from minicloud.image.images import Images
from minicloud.image.members import Members
from minicloud.image.parts import Parts
from minicloud.runtime.store import Store
from minicloud.runtime.wiring import part
from minicloud.runtime.wsgi import Application, Route


def table(parts: Parts) -> list[Route]:
    """Every URL. What is not here (import, stores, metadefs) is honestly 404."""
    images, files = Images(parts), Files(parts)
    return [
        Route("GET", "/", discovery.versions),
        Route("GET", "/versions", discovery.versions),
        Route("GET", "/v2/schemas/image", schemas.image),
        Route("GET", "/v2/schemas/images", schemas.images),
        Route("GET", "/v2/schemas/member", schemas.member),
        Route("GET", "/v2/schemas/members", schemas.members),
        Route("GET", "/v2/info/import", schemas.import_methods),
        Route("GET", "/v2/images", images.list),
        Route("POST", "/v2/images", images.create),
        Route("GET", "/v2/images/{id}", images.show),
        Route("PATCH", "/v2/images/{id}", images.update),
        Route("DELETE", "/v2/images/{id}", images.delete),
        Route("PUT", "/v2/images/{id}/tags/{tag}", images.tag),
        Route("DELETE", "/v2/images/{id}/tags/{tag}", images.untag),
        Route("POST", "/v2/images/{id}/actions/deactivate", images.deactivate),
        Route("POST", "/v2/images/{id}/actions/reactivate", images.reactivate),
        Route("PUT", "/v2/images/{id}/file", files.upload),
        Route("GET", "/v2/images/{id}/file", files.download),
        *Members(parts).routes(),
    ]


def application(
    database: Database, conf: cfg.ConfigOpts, authenticator: Authenticator
) -> Application:
    parts = Parts(database, Store.of(conf), conf.api.max_limit, authenticator)
    options, elsewhere = conf.api, authenticator.identity_url
    return Application(table(parts), options.public_url, options.max_request_body_bytes, elsewhere)


def app_factory(global_conf: dict[str, str], **local_conf: str) -> Any:
    """For PasteDeploy."""
    return application(part(Database), part(cfg.ConfigOpts), part(Authenticator))
