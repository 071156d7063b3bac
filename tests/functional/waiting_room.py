"""A cloud that is full, and those who wait in it for room (hint pending_timeout)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from minicloud.context import RequestContext
from minicloud.instance_states import Task
from minicloud.zones.base import NewServers, ServerView
from tests.functional.boot_cloud import BootCloud, boot_cloud, eventually

# With the reserve of 512 MB a host has room for `PLACES` servers of this flavor, of 2048 MB.
FLAVOR, PLACES = "2", 8
LARGE = "5"  # 16384 MB, a whole host
OPTIONS = {
    "fake.memory_mb": 2048 * PLACES + 512,
    "compute.ram_allocation_ratio": 1.0,
    "quota.instances": -1,
    "quota.cores": -1,
    "quota.ram": -1,
}
ROOT = RequestContext(user_id="root", project_id="admin", roles=["admin"], is_admin=True)


def of(project: str) -> RequestContext:
    return RequestContext(
        user_id=project, project_id=project, roles=["member"], is_admin=False, overwrite=False
    )


class WaitingRoom:
    """Every place has a server of the project `filler`."""

    def __init__(self, cloud: BootCloud) -> None:
        self.cloud = cloud
        self.filling: list[str] = []

    def fill(self) -> None:
        wanted = NewServers("vm", FLAVOR, None, min_count=PLACES, max_count=PLACES)
        for _host in range(3):
            made = self.cloud.zone.servers.create(of("filler"), wanted)
            self.filling += [row.uuid for row in made.servers]
        for uuid in self.filling:
            self.built(uuid)

    def show(self, uuid: str) -> ServerView:
        return self.cloud.zone.servers.show(ROOT, uuid, anywhere=True)

    def create(
        self, project: str, flavor: str = FLAVOR, timeout: object = 3600, **wishes: Any
    ) -> list[str]:
        hints = {"pending_timeout": timeout, **wishes.pop("hints", {})}
        wanted = NewServers("vm", flavor, None, hints=hints, **wishes)
        made = self.cloud.zone.servers.create(of(project), wanted)
        return [row.uuid for row in made.servers]

    def wait_for_room(self, project: str, flavor: str = FLAVOR, **wishes: Any) -> str:
        """A server that waits, and was tried since it began to."""
        (uuid,) = self.create(project, flavor, **wishes)
        self.waits(uuid)
        return uuid

    def waits(self, uuid: str) -> ServerView:
        def look() -> ServerView | None:
            view = self.show(uuid)
            tried = view.row.due_at == view.row.deadline_at
            return view if view.row.task_state == Task.PENDING and tried else None

        return eventually(look)

    def built(self, *uuids: str) -> str:
        """The first of these that runs."""

        def look() -> str | None:
            return next((u for u in uuids if self.show(u).row.vm_state == "active"), None)

        return eventually(look)

    def in_error(self, uuid: str) -> ServerView:
        def look() -> ServerView | None:
            view = self.show(uuid)
            return view if view.row.vm_state == "error" else None

        return eventually(look)

    def delete(self, uuid: str) -> None:
        self.cloud.zone.acts.delete(ROOT, self.cloud.zone.servers.find(ROOT, uuid, anywhere=True))

    def remove(self, uuid: str) -> None:
        self.delete(uuid)
        eventually(lambda: self.cloud.is_gone(uuid))

    def free(self, count: int = 1) -> None:
        for _ in range(count):
            self.remove(self.filling.pop())

    def empty(self, host: str) -> None:
        for uuid in [u for u in self.filling if self.show(u).row.host == host]:
            self.filling.remove(uuid)
            self.remove(uuid)

    def rows(self, model: Any, *where: Any) -> Sequence[Any]:
        query = sa.select(model).where(*where).order_by(model.id)
        return self.cloud.books.read(lambda db: list(db.scalars(query)))


@contextmanager
def waiting_room(directory: Path, **options: Any) -> Iterator[WaitingRoom]:
    with boot_cloud(directory, options={**OPTIONS, **options}) as cloud:
        room = WaitingRoom(cloud)
        room.fill()
        yield room
