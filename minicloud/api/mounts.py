"""Several applications behind one address, told apart by the first part of the path."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from oslo_config import cfg

from minicloud.api.faults import fault
from minicloud.api.reply import reply
from minicloud.api.request import host_url
from minicloud.runtime.wiring import part

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Mounts:
    """Hands `/<name>/...` to the application of that name, as SCRIPT_NAME and PATH_INFO."""

    def __init__(self, applications: Mapping[str, Application], public_url: str = "") -> None:
        self._applications = applications
        self._public_url = public_url

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        first, slash, rest = path.lstrip("/").partition("/")
        application = self._applications.get(first)
        if application is None:
            chunks: Iterable[bytes] = self._own(path, environ)(environ, start_response)
            return chunks
        environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/{first}"
        environ["PATH_INFO"] = slash + rest
        return application(environ, start_response)

    def _own(self, path: str, environ: dict[str, Any]) -> Any:
        if path == "/healthcheck":
            return reply({"status": "ok"})
        if path.strip("/"):
            return fault(404, "The resource could not be found.", "NOT_FOUND")
        base = host_url(environ, self._public_url) + environ.get("SCRIPT_NAME", "")
        links = [{"rel": name, "href": f"{base}/{name}/"} for name in self._applications]
        return reply({"links": links}, 300)


def composite_factory(loader: Any, global_conf: dict[str, str], **local_conf: str) -> Mounts:
    """For paste: `/prefix = application`, one line each."""
    applications = {
        prefix.strip("/"): loader.get_app(name, global_conf=global_conf)
        for prefix, name in local_conf.items()
    }
    return Mounts(applications, part(cfg.ConfigOpts).api.public_url)
