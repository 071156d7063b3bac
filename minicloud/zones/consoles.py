"""Consoles that can be looked at with a token alone."""

from typing import Protocol

from minicloud.context import RequestContext
from minicloud.db import models


class Consoles(Protocol):
    def open(self, context: RequestContext, server: models.Instance, kind: str) -> str:
        """A token for the server's console. InstanceNotReady without a host."""

    def of_token(self, token: str) -> models.ConsoleToken:
        """What the token is for. ConsoleTokenNotFound, also for one that has expired."""

    def read(self, token: str, lines: int) -> tuple[models.Instance, str]:
        """(the server, the last lines of its console). ConsoleTokenNotFound, Unavailable."""
