"""The tokens of a real Keystone: keystonemiddleware as it is, over HTTP."""

import logging
from collections.abc import Iterable
from typing import Any, Final

from keystonemiddleware import auth_token
from oslo_config import cfg

from minicloud.auth.authenticator import ADMITTED
from minicloud.errors import CannotStart, IdentityUnavailable, Unauthorized

LOG = logging.getLogger(__name__)
_HEADERS: Final = ("HTTP_X_AUTH_TOKEN", "HTTP_X_STORAGE_TOKEN", "HTTP_X_SERVICE_TOKEN")
_LONGEST: Final = 4096  # characters; Keystone's own have 200 to 1,000


class Keystone:
    """Asks Keystone about each token; what cannot be one is not worth the question."""

    def __init__(self, conf: cfg.ConfigOpts, service: str) -> None:
        options = {"oslo_config_config": conf, "service_type": service}
        try:
            self._protocol = auth_token.AuthProtocol(_admitted, options)
        except Exception as error:  # a plug-in's option is missing, a certificate, a key
            raise CannotStart(f"[keystone_authtoken]: {error}") from error

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not all(_can_be_token(environ.get(name, "")) for name in _HEADERS):
            raise Unauthorized
        try:
            answered: Iterable[bytes] = self._protocol(environ, start_response)
        except Exception as error:  # whatever is wrong over there, it is not the client's fault
            LOG.exception("Keystone's answer about a token could not be used")
            raise IdentityUnavailable from error
        return answered


def _admitted(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response(ADMITTED, [])
    return []


def _can_be_token(text: str) -> bool:
    text = text.strip()
    return len(text) <= _LONGEST and text.isascii() and text.isprintable() and " " not in text
