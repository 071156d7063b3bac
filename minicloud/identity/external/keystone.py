"""A Keystone as somebody who logs in there sees it; what goes wrong is one clear line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from keystoneauth1 import adapter, discover, plugin, session
from keystoneauth1 import exceptions as failures

from minicloud.errors import CannotStart

PATIENCE_S: Final = 10.0
_V3: Final = (3, 0)


class Refused(CannotStart):
    """It does not know who logs in, or not by this password."""


class NotPermitted(CannotStart):
    """Whoever has logged in is no administrator."""


class Keystone:
    """`login` is one of keystoneauth's plugins, `who` its name in errors.

    `verify` is as requests takes it.
    """

    def __init__(
        self, url: str, login: Any = None, verify: bool | str = True, who: str = ""
    ) -> None:
        self.url, self._who = url, who
        self._session = session.Session(
            auth=login, verify=verify, timeout=PATIENCE_S, user_agent="minicloud"
        )
        self._api = adapter.Adapter(
            self._session,
            service_type="identity",
            interface=plugin.AUTH_INTERFACE,
            version=_V3,
        )

    def check(self) -> None:
        """CannotStart when no Keystone answers there, or none that speaks v3."""
        with self._telling():
            found = discover.Discover(self._session, self.url, authenticated=False)
            if found.url_for(_V3) is None:
                spoken = ", ".join(entry["id"] for entry in found.raw_version_data())
                raise CannotStart(
                    f"the Keystone at {self.url} speaks no Identity v3 there: {spoken or '-'}"
                )

    def access(self) -> Any:
        """What the token says: who, where, with which roles, and the catalogue."""
        with self._telling():
            return self._session.auth.get_access(self._session)

    def one(self, nouns: str, **query: str) -> dict[str, Any] | None:
        """The first of these; None when there is none."""
        found = self.all(nouns, **query)
        return found[0] if found else None

    def all(self, nouns: str, **query: str) -> list[dict[str, Any]]:
        with self._telling():
            found: list[dict[str, Any]] = self._api.get(f"/{nouns}", params=query).json()[nouns]
        return found

    def make(self, nouns: str, **facts: Any) -> dict[str, Any]:
        noun = nouns[:-1]
        with self._telling():
            made: dict[str, Any] = self._api.post(f"/{nouns}", json={noun: facts}).json()[noun]
        return made

    def change(self, nouns: str, ref: str, **facts: Any) -> None:
        with self._telling():
            self._api.patch(f"/{nouns}/{ref}", json={nouns[:-1]: facts})

    def has(self, path: str) -> bool:
        with self._telling():
            answer = self._api.head(path, raise_exc=False)
            if answer.status_code == 404:
                return False
            if answer.status_code >= 400:
                raise failures.from_response(answer, "HEAD", path)
        return True

    def put(self, path: str) -> None:
        with self._telling():
            self._api.put(path)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except failures.Unauthorized as error:
            text = f"the Keystone at {self.url} refuses the log-in of {self._who}"
            raise Refused(text) from error
        except failures.Forbidden as error:
            raise NotPermitted(f"the Keystone at {self.url} does not permit it") from error
        except failures.SSLError as error:
            raise CannotStart(
                f"the certificate of {self.url} is not to be trusted: {error}"
            ) from error
        except failures.ConnectionError as error:
            raise CannotStart(f"no Keystone answers at {self.url}: {_reason(error)}") from error
        except failures.DiscoveryFailure as error:
            raise CannotStart(f"what answers at {self.url} is no Keystone: {error}") from error
        except failures.ClientException as error:
            raise CannotStart(f"the Keystone at {self.url}: {error}") from error


def _reason(error: BaseException) -> str:
    """What the system said at the very beginning, as "Connection refused"."""
    if isinstance(error, failures.ConnectTimeout):
        return f"nothing came within {PATIENCE_S:.0f} s"
    found, seen = str(error), error
    while (inner := _inner(seen)) is not None:
        seen = inner
        if isinstance(seen, OSError) and seen.strerror:
            found = seen.strerror
    return found


def _inner(error: BaseException) -> BaseException | None:
    return error.__cause__ or error.__context__
