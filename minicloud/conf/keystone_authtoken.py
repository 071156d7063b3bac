"""Options of [keystone_authtoken]: keystonemiddleware's own, with some defaults of ours.

They are needed where tokens are a real Keystone's, and only there: asking for them imports much.
"""

from collections.abc import Mapping
from typing import Any, Final

from oslo_config import cfg

from minicloud.errors import CannotStart

GROUP: Final = "keystone_authtoken"
DEFAULTS: Final[Mapping[str, Any]] = {
    "token_cache_time": -1,  # off: what is revoked is refused at the next request
    "http_connect_timeout": 5,  # seconds, of each answer as well; none by default
    "http_request_max_retries": 0,
}


def opts(conf: cfg.ConfigOpts) -> list[Any]:
    """What this configuration can set, with the options of its way to log in; registered now."""
    from keystoneauth1 import exceptions, loading
    from keystonemiddleware import auth_token

    ((_group, found),) = auth_token.list_opts()
    conf.register_opts(found, group=GROUP)
    for name, value in DEFAULTS.items():
        conf.set_default(name, value, group=GROUP)
    auth_type = conf[GROUP].auth_type
    if not auth_type:
        raise CannotStart(
            "[identity] external: [keystone_authtoken] auth_type is not set, such as password"
        )
    try:
        of_plugin = loading.get_auth_plugin_conf_options(auth_type)
    except exceptions.NoMatchingPlugin as error:
        raise CannotStart(f"[keystone_authtoken] auth_type: {error}") from error
    conf.register_opts(of_plugin, group=GROUP)
    return [*found, *of_plugin]


def identity_url(conf: cfg.ConfigOpts) -> str:
    """Where clients get their tokens, when that is not here."""
    if not conf.identity.external:
        return ""
    opts(conf)
    options = conf[GROUP]
    return options.www_authenticate_uri or options.get("auth_url") or ""


def list_opts() -> list[tuple[str | None, list[Any]]]:
    """For the sample: with the options of the usual way to log in, a password."""
    from keystoneauth1 import loading
    from keystonemiddleware.auth_token import _opts

    ((_group, found),) = _opts.list_opts()
    cfg.set_defaults(found, **DEFAULTS)
    return [(GROUP, [*found, *loading.get_auth_plugin_conf_options("password")])]
