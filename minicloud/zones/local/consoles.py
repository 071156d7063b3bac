"""Consoles of the servers of this zone."""

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.context import RequestContext, for_service
from minicloud.db import consoles, instances, models
from minicloud.db.engine import Database
from minicloud.instance_states import VmState
from minicloud.zones.local.servers import LocalServers


class LocalConsoles:
    def __init__(self, conf: cfg.ConfigOpts, database: Database, servers: LocalServers) -> None:
        self._database, self._servers = database, servers
        self._ttl_s: int = conf.consoleauth.token_ttl

    def open(self, context: RequestContext, server: models.Instance, kind: str) -> str:
        host = server.host
        if host is None or server.vm_state == VmState.BUILDING:
            raise errors.InstanceNotReady(server.uuid)
        token, now = consoles.new_token(), self._database.now()

        def work(db: Session, again: bool) -> None:
            if not (again and consoles.find(db, token, now)):
                consoles.add(db, token, server.uuid, kind, host, now, self._ttl_s)

        self._database.write_once(work, "api.console")
        return token

    def of_token(self, token: str) -> models.ConsoleToken:
        now = self._database.now()
        found = self._database.read(lambda db: consoles.find(db, token, now))
        if found is None:
            raise errors.ConsoleTokenNotFound
        return found

    def read(self, token: str, lines: int) -> tuple[models.Instance, str]:
        uuid = self.of_token(token).instance_uuid
        server = self._database.read(lambda db: instances.get(db, uuid))
        if server is None:
            raise errors.ConsoleTokenNotFound
        context = for_service("console")
        return server, self._servers.console_output(context, server, lines)
