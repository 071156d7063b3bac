"""Options of [keystone_authtoken]: keystonemiddleware's own, with some defaults of ours."""

from collections.abc import Mapping
from typing import Any, Final

from oslo_config import cfg

GROUP: Final = "keystone_authtoken"
DEFAULTS: Final[Mapping[str, Any]] = {
    "token_cache_time": -1,  # off: what is revoked is refused at the next request
    "http_connect_timeout": 5,  # seconds, of each answer as well; none by default
    "http_request_max_retries": 0,
}


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Needed where the tokens are a real Keystone's, and only there: it imports much."""
    from keystonemiddleware import auth_token

    for group, opts in auth_token.list_opts():
        conf.register_opts(opts, group=group)
    for name, value in DEFAULTS.items():
        conf.set_default(name, value, group=GROUP)


def list_opts() -> list[tuple[str | None, list[Any]]]:
    """For the sample: with the options of the usual way to log in, a password."""
    from keystoneauth1 import loading
    from keystonemiddleware.auth_token import _opts

    ((_group, opts),) = _opts.list_opts()
    cfg.set_defaults(opts, **DEFAULTS)
    return [(GROUP, [*opts, *loading.get_auth_plugin_conf_options("password")])]
