"""Counts, for the address they come from, requests of which nobody knows who sends them."""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any, Final

from oslo_config import cfg

from minicloud import errors
from minicloud.api import paths
from minicloud.api.ratelimit import answers
from minicloud.api.ratelimit.limiter import Limiter
from minicloud.runtime.wiring import part

_NETWORK_BITS: Final = 64  # of IPv6: what one customer of a provider has


class AddressLimit:
    """Without a token a request is counted before anything looks at it.

    With one it is counted once it has turned out to be worth nothing: whoever has a good token,
    or the right password, is never refused because of others behind the same address.
    """

    def __init__(
        self,
        application: Any,
        limiter: Limiter,
        path: Callable[[dict[str, Any]], str],
        only_failures: bool = False,
        is_document: Callable[[dict[str, Any]], bool] = lambda _environ: False,
    ) -> None:
        """`only_failures`: of a service where the requests without a token are log-ins.

        `is_document`: what anybody may read, whose token nobody looks at.
        """
        self._application, self._limiter, self._path = application, limiter, path
        self._only_failures, self._is_document = only_failures, is_document

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        chunks: Iterable[bytes]
        if not (self._only_failures or self._brings_token(environ)):
            self._charge(environ)
            chunks = self._application(environ, answers.telling(environ, start_response))
            return chunks
        held = _Held(start_response)
        try:
            chunks = self._application(environ, held)
        except errors.Unauthorized:
            self._charge(environ)
            raise
        if held.unauthorized:
            try:
                self._charge(environ)
            except errors.MinicloudError:
                _close(chunks)
                raise
        held.release(answers.told(environ))
        return chunks

    def _brings_token(self, environ: dict[str, Any]) -> bool:
        """Whether there is one that is going to be looked at."""
        return bool(environ.get("HTTP_X_AUTH_TOKEN")) and not self._is_document(environ)

    def _charge(self, environ: dict[str, Any]) -> None:
        peer = _network(environ.get("REMOTE_ADDR") or "")
        verb: str = environ["REQUEST_METHOD"]
        answers.note(environ, self._limiter.charge_address(peer, verb, self._path(environ)))


class _Held:
    """A start_response that lets everything through at once but a 401."""

    def __init__(self, start_response: Any) -> None:
        self._start_response = start_response
        self._kept: tuple[str, list[tuple[str, str]], tuple[Any, ...]] | None = None
        self._free = False

    @property
    def unauthorized(self) -> bool:
        return self._kept is not None

    def __call__(self, status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        if self._free or not status.startswith("401"):
            self._kept = None
            return self._start_response(status, headers, *rest)
        self._kept = (status, headers, rest)
        return _no_write

    def release(self, more: list[tuple[str, str]]) -> None:
        self._free = True
        if self._kept is not None:
            status, headers, rest = self._kept
            self._start_response(status, [*headers, *more], *rest)


def _no_write(_data: bytes) -> None:
    raise errors.Unsupported("a refusal is not written piece by piece")


def _close(chunks: Iterable[bytes]) -> None:
    close = getattr(chunks, "close", None)
    if close is not None:
        close()


def _compute_path(environ: dict[str, Any]) -> str:
    return paths.place(environ).path


def _is_compute_document(environ: dict[str, Any]) -> bool:
    return paths.place(environ).is_document


def _is_image_document(environ: dict[str, Any]) -> bool:
    path = _whole_path(environ)
    return path in ("", "/versions") or path.startswith(("/v2/schemas/", "/v2/info/"))


def _whole_path(environ: dict[str, Any]) -> str:
    text: str = environ.get("PATH_INFO", "")
    return text.encode("latin-1", "replace").decode("utf-8", "replace").rstrip("/")


def _network(peer: str) -> str:
    """The address, or of IPv6 the network: one machine has all of its addresses."""
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), _NETWORK_BITS), strict=False))


def filter_factory(_global_conf: dict[str, str], **local: str) -> Callable[[Any], Any]:
    """`service = compute`; of others the limits' templates are held against the whole path.

    `counts = failures` where the requests without a token are log-ins.
    """
    if not part(cfg.ConfigOpts).ratelimit.enabled:
        return lambda application: application
    limiter = part(Limiter)
    if local["service"] == "compute":
        path, is_document = _compute_path, _is_compute_document
    else:
        path, is_document = _whole_path, _is_image_document
    only_failures = local.get("counts") == "failures"
    return lambda application: AddressLimit(application, limiter, path, only_failures, is_document)
