"""Consoles."""

from dataclasses import dataclass

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import models
from tests.unit.api.fake_zone.rows import OWN, instance


@dataclass
class FakeConsoles:
    def open(self, context: RequestContext, server: models.Instance, kind: str) -> str:
        if server.host is None:
            raise errors.InstanceNotReady(server.uuid)
        return f"token-of-{kind}"

    def of_token(self, token: str) -> models.ConsoleToken:
        if not token.startswith("token-of-"):
            raise errors.ConsoleTokenNotFound
        kind = token.removeprefix("token-of-")
        return models.ConsoleToken(instance_uuid=OWN, console_type=kind, host="host-1")

    def read(self, token: str, lines: int) -> tuple[models.Instance, str]:
        self.of_token(token)
        return instance(1, OWN), "login:"
