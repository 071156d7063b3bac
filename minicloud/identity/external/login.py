"""Whoever the environment names as OpenStack's clients read it: OS_USERNAME and the like."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from keystoneauth1 import loading
from keystoneauth1.exceptions import ClientException
from keystoneauth1.identity import v3

from minicloud.errors import CannotStart
from minicloud.identity.external.wants import Wants

_NAMING: Final = ("OS_USERNAME", "OS_USER_ID", "OS_APPLICATION_CREDENTIAL_ID", "OS_TOKEN")


def from_environment(url: str, environ: Mapping[str, str]) -> Any:
    """The plugin that logs in at `url`; None when nobody is named.

    Credentials for another Keystone are not sent to this one.
    """
    if not any(environ.get(name) for name in _NAMING):
        return None
    meant = environ.get("OS_AUTH_URL", "")
    if meant and _host(meant) != _host(url):
        raise CannotStart(
            f"OS_AUTH_URL is {meant}: what OS_USERNAME and OS_PASSWORD hold is not for {url}; "
            "unset them, or give them for that Keystone"
        )
    try:
        kind = environ.get("OS_AUTH_TYPE") or _usual(environ)
        loader: Any = loading.get_plugin_loader(kind)
        values = {opt.dest: _value(opt, environ) for opt in loader.get_options()}
        return loader.load_from_options(**{**values, "auth_url": url})
    except (ClientException, TypeError, ValueError) as error:  # each plugin in its own way
        raise CannotStart(f"OS_USERNAME and the other OS_ variables: {error}") from error


def verification(environ: Mapping[str, str]) -> bool | str:
    """How the certificate is verified, as requests takes it."""
    if environ.get("OS_INSECURE", "").lower() in ("1", "true", "yes"):
        return False
    return environ.get("OS_CACERT") or True


def of_service(url: str, wants: Wants, password: str) -> Any:
    """The plugin that logs the services' user in."""
    loader: Any = loading.get_plugin_loader("password")
    return loader.load_from_options(
        auth_url=url,
        username=wants.username,
        password=password,
        project_name=wants.project_name,
        user_domain_id=wants.user_domain_id,
        project_domain_id=wants.project_domain_id,
    )


def of_admin(url: str, name: str, password: str) -> Any:
    """The plugin of the administrator of a private Keystone."""
    home = {"user_domain_id": "default", "project_domain_id": "default"}
    return v3.Password(url, username=name, password=password, project_name=name, **home)


def _usual(environ: Mapping[str, str]) -> str:
    if environ.get("OS_APPLICATION_CREDENTIAL_ID"):
        return "v3applicationcredential"
    return "password" if not environ.get("OS_TOKEN") else "token"


def _value(opt: Any, environ: Mapping[str, str]) -> Any:
    for name in opt.argparse_envvars:
        if environ.get(name):
            return opt.type(environ[name])
    return opt.default


def _host(url: str) -> tuple[str | None, int | None]:
    try:
        parts = urlsplit(url)
        return parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError as error:
        raise CannotStart(f"{url} is no address: {error}") from error
