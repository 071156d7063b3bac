"""Turns every error into a JSON fault; what nobody foresaw is logged and says nothing."""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from oslo_config import cfg

from minicloud.api import faults, paths
from minicloud.api.middleware.request_id import REQUEST_ID_KEY
from minicloud.api.ratelimit import answers
from minicloud.api.request import host_url
from minicloud.api.versions import VERSION_KEY, asked, echo
from minicloud.conf.keystone_authtoken import identity_url
from minicloud.errors import MinicloudError
from minicloud.runtime.wiring import part

LOG = logging.getLogger(__name__)


class Faults:
    def __init__(self, application: Any, public_url: str = "", identity_url: str = "") -> None:
        """`identity_url` is where clients get their tokens, when that is not here."""
        self._application = application
        self._public_url, self._identity_url = public_url, identity_url

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        chunks: Iterable[bytes]
        try:
            chunks = self._application(environ, start_response)
        except Exception as error:
            response = self._reply(error, environ)
            chunks = response(environ, start_response)
        return chunks

    def _reply(self, error: Exception, environ: dict[str, Any]) -> Any:
        here = f"{host_url(environ, self._public_url)}/identity"
        response = faults.of(error, self._identity_url or here)
        if response.status_int == 500:
            LOG.error("request %s failed", environ.get(REQUEST_ID_KEY), exc_info=error)
        _settle_version(environ)
        response.headers.extend(echo(environ))
        response.headers.extend(answers.told(environ))
        return response


def _settle_version(environ: dict[str, Any]) -> None:
    """Faults that come before the route is looked for tell the version as well."""
    place = paths.place(environ)
    if VERSION_KEY not in environ and not (place.legacy or place.is_document):
        with suppress(MinicloudError):
            environ[VERSION_KEY] = asked(environ)


def filter_factory(_global_conf: dict[str, str], **_local: str) -> Callable[[Any], Faults]:
    conf = part(cfg.ConfigOpts)
    public_url: str = conf.api.public_url
    elsewhere = identity_url(conf)
    return lambda application: Faults(application, public_url, elsewhere)
