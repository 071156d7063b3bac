"""Asks the cloud that runs here, as its administrator, and finds things by name."""

import argparse
import difflib
import http.client
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from minicloud.cmd.clouds import Way
from minicloud.cmd.state import State
from minicloud.cmd.status import log_in

_PATIENCE_S: Final = 30.0
_VERSION: Final = "compute 2.90"
_LOGS: Final = "`minicloud logs` may tell why"
_MOST_NEAR: Final = 5
_OPENER: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is near by


class Trouble(Exception):
    """What the person at the terminal can do something about; `code` is that of the program."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


class Client:
    def __init__(self, url: str, identity_url: str, token: str) -> None:
        self._url, self._identity_url, self._token = url, identity_url, token

    @classmethod
    def of(cls, state: State) -> "Client":
        """Trouble where no cloud runs, or nobody knows who its administrator is."""
        run = state.run()
        if run is None or "api" not in run.urls:
            what = "a cloud is just starting" if state.starting else "no cloud runs"
            raise Trouble(f"{what} in {state.root}: start one with `minicloud up`", 3)
        way_in = log_in(run, state) if state.password.exists() else None
        if way_in is None:
            raise Trouble("OS_USERNAME and the like must name an administrator of its Keystone")
        auth_url = Way.of(run, "").auth_url
        try:
            return cls(run.urls["api"], auth_url, way_in())
        except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
            raise Trouble(f"no token from {auth_url} ({error}): {_LOGS}") from None

    def get(self, path: str, **query: object) -> Any:
        """Of the compute API."""
        return self._ask("GET", f"{self._url}/compute/v2.1{path}", query)

    def post(self, path: str, body: Mapping[str, Any], **query: object) -> Any:
        return self._ask("POST", f"{self._url}/compute/v2.1{path}", query, body)

    def images(self) -> list[dict[str, Any]]:
        path: str | None = "/v2/images?limit=1000"
        found: list[dict[str, Any]] = []
        while path:
            page = self._ask("GET", f"{self._url}/image{path}", {})
            found += page["images"]
            path = page.get("next")
        return found

    def projects(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", f"{self._identity_url}/projects", {})["projects"])

    def all(self, path: str, key: str, **query: object) -> Iterator[dict[str, Any]]:
        """Every item of a list that comes in pages."""
        while True:
            page = self.get(path, **query)[key]
            yield from page
            if not page or "limit" not in query or len(page) < int(str(query["limit"])):
                return
            query["marker"] = page[-1]["id"]

    def _ask(self, verb: str, url: str, query: Mapping[str, object], body: object = None) -> Any:
        told = urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})
        headers = {"X-Auth-Token": self._token, "OpenStack-API-Version": _VERSION}
        data = None if body is None else json.dumps(body).encode()
        if data:
            headers["Content-Type"] = "application/json"
        address = f"{url}{'?' if told else ''}{told}"
        request = urllib.request.Request(address, data, headers, method=verb)
        try:
            with _OPENER.open(request, timeout=_PATIENCE_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Trouble(_fault(error)) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Trouble(f"the cloud does not answer ({error}): {_LOGS}") from None


def one_of(
    kind: str, ref: str, things: Iterable[Mapping[str, Any]], how: str
) -> Mapping[str, Any]:
    """The one thing of this id or name. Trouble, with names that are near, if it is not there.

    `how`: the command that lists them.
    """
    known = list(things)
    found = [one for one in known if str(one["id"]) == ref]
    found = found or [one for one in known if one["name"] == ref]
    if len(found) == 1:
        return found[0]
    if found:
        ids = "\n".join(f"  {one['id']}" for one in found[:_MOST_NEAR])
        raise Trouble(f"{len(found)} {kind}s are named {ref}: say which by its id, as\n{ids}")
    raise Trouble(f"there is no {kind} {ref}{_near(ref, known)}; `{how}` lists them")


def _near(ref: str, known: Iterable[Mapping[str, Any]]) -> str:
    names = list(dict.fromkeys(str(one["name"]) for one in known))
    near = difflib.get_close_matches(ref, names, _MOST_NEAR, 0.4) or sorted(names)[:_MOST_NEAR]
    return f" (there is {', '.join(near)})" if near else ""


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def spoken(error: Trouble, options: argparse.Namespace) -> int:
    """Tell the trouble on stderr; the exit code."""
    print(f"minicloud {options.command}: {error}", file=sys.stderr)
    return error.code


def _fault(error: urllib.error.HTTPError) -> str:
    """The sentence of an answer that is an error."""
    try:
        told = json.load(error)
        (fault,) = told.values()
        return f"{fault['message']} (HTTP {error.code})"
    except (ValueError, KeyError, TypeError, AttributeError, OSError):
        return f"the cloud answered HTTP {error.code}: {_LOGS}"
