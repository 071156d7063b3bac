"""The HTTP application, put together from the paste file and the parts of the program."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from oslo_config import cfg
from paste.deploy import loadapp

from minicloud.api.dispatch import Application
from minicloud.api.handlers import nouns
from minicloud.api.policy import Policy
from minicloud.api.ratelimit.limiter import Limiter
from minicloud.api.request import Settings
from minicloud.api.routes import ALL, DOCUMENTS
from minicloud.auth import choice
from minicloud.auth.authenticator import Authenticator
from minicloud.db.engine import Database
from minicloud.errors import CannotStart
from minicloud.runtime.files import shipped
from minicloud.runtime.wiring import Wiring, assembling, part
from minicloud.zones.base import ZoneHolder

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


def load(conf: cfg.ConfigOpts, *parts: object, name: str = "main") -> WsgiApp:
    """The application `name` of the paste file; `parts` are what its factories look up.

    Needed: a Database and a ZoneHolder, what the identity and image applications ask for, and
    where requests are limited a Limiter. An Authenticator is made where none is among them.
    """
    path = paste_file(conf)
    with assembling(Wiring(conf, Policy(conf), *parts, *_authenticator(conf, parts))):
        app: WsgiApp = loadapp(f"config:{path}", name=name)
    return app


def _authenticator(conf: cfg.ConfigOpts, parts: Iterable[object]) -> list[Authenticator]:
    found = {type(one): one for one in parts}
    database = found.get(Database)
    if Authenticator in found or not isinstance(database, Database):
        return []
    return [choice.authenticator(conf, database)]


def paste_file(conf: cfg.ConfigOpts) -> Path:
    """[api] paste_config: a path, or a name next to the configuration files; else as shipped."""
    name: str = conf.api.paste_config
    wanted = Path(name)
    if wanted.is_absolute():
        if not wanted.exists():
            raise CannotStart(f"[api] paste_config: there is no file {wanted}")
        return wanted
    found = conf.find_file(name)
    return Path(found) if found else shipped(f"etc/minicloud/{name}")


def app_factory(_global_conf: dict[str, str], **_local: str) -> Application:
    """For paste: the end of the compute pipeline."""
    conf = part(cfg.ConfigOpts)
    limiter = part(Limiter) if conf.ratelimit.enabled else None
    handlers = nouns(part(ZoneHolder).zone, part(Policy), limiter)
    settings = Settings.of(conf)
    return Application((*ALL, *DOCUMENTS.values()), handlers, settings)
