"""A whole cloud in which nothing moves of its own accord: a test takes each step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
import sqlalchemy as sa

from minicloud.cmd.parts import Parts
from minicloud.db import hosts, models
from minicloud.db.hosts import Need
from tests.functional import boot_cloud
from tests.functional.acting import admin
from tests.functional.boot_cloud import HOSTS, BootCloud
from tests.functional.things import IMAGE, add_image

_MOST_STEPS: Final = 40


class Still(Parts):
    """Keeps what would go on in threads."""

    def __init__(self, *words: Any) -> None:
        super().__init__(*words)
        self.steps: dict[str, Callable[[], None]] = {}

    def loop(self, name: str, step: Callable[[], None], *_words: Any) -> Any:
        self.steps[name] = step
        return SimpleNamespace(wake=lambda: None)


class Stepped:
    """The three hosts, and what a test does with them."""

    def __init__(self, cloud: BootCloud) -> None:
        self.cloud = cloud
        add_image(cloud.books)

    def decide(self) -> None:
        """What the API has collected goes out, and the conductor does what is due."""
        control: Any = self.cloud._control
        control.steps["wakes"]()
        control.steps["conductor"].__self__._next_sweep = 0.0
        control.steps["conductor"]()

    def act(self) -> None:
        """The agent looks at all its hosts, does what is to be done, and reports."""
        steps: Any = self.cloud.agent
        agent = steps.steps["compute"].__self__
        agent._next_poll = agent._next_look = 0.0
        agent.step()

    def steps(self, count: int) -> None:
        for number in range(count):
            (self.decide, self.act)[number % 2]()

    def row(self, uuid: str) -> models.Instance:
        def read(db: Any) -> Any:
            return db.scalar(sa.select(models.Instance).where(models.Instance.uuid == uuid))

        found: models.Instance = self.cloud.books.read(read)
        return found

    def settle(self, uuid: str) -> models.Instance:
        for _ in range(_MOST_STEPS):
            self.steps(2)
            row = self.row(uuid)
            if row.task_state is None:
                return row
        raise RuntimeError(f"{uuid} is still {row.vm_state}, {row.task_state}")

    def boot(self) -> str:
        uuid = self.cloud.create(flavor="42")
        self.settle(uuid)
        return uuid

    def do(self, uuid: str, action: str, **wish: Any) -> None:
        server = self.cloud.zone.servers.find(admin(), uuid, anywhere=True)
        if action == "delete":
            self.cloud.zone.acts.delete(admin(), server)
        else:
            self.cloud.zone.acts.act(admin(), server, action, _with_image(action, wish))

    def lose(self, host: str, *, lost: bool = True) -> None:
        here = sa.update(models.Service).where(models.Service.host == host)
        self.cloud.books.write(lambda db: db.execute(here.values(forced_down=lost)))

    def guests(self) -> dict[str, set[str]]:
        return {host: set(self.cloud.guests(host)) for host in HOSTS}

    def taken(self) -> dict[str, Need]:
        """What is written at each host as given away."""
        return {
            node.host: Need(
                node.vcpus_used, node.memory_mb_used, node.disk_gb_used, node.num_instances, 0
            )
            for node in self.cloud.books.read(hosts.all_nodes)
        }

    def due(self) -> dict[str, Need]:
        """The sum of the flavors of the servers at rest on each host, added up here."""
        found = dict.fromkeys(HOSTS, Need())
        rows = self.cloud.books.read(lambda db: list(db.scalars(sa.select(models.Instance))))
        for row in rows:
            if row.host and not row.deleted:
                flavor = row.flavor
                disk = flavor["root_gb"] + flavor["ephemeral_gb"]
                found[row.host] += Need(flavor["vcpus"], flavor["memory_mb"], disk, 1, 0)
        return found


def _with_image(action: str, wish: dict[str, Any]) -> dict[str, Any]:
    if action in ("rebuild", "rescue"):
        return {"image": IMAGE, **wish}
    if action in ("create_image", "create_backup"):
        return {"name": "saved", "backup_type": "daily", "rotation": 1, **wish}
    return wish


@contextmanager
def stepped(directory: Path, patch: pytest.MonkeyPatch) -> Iterator[Stepped]:
    with patch.context() as here:
        here.setattr(boot_cloud, "Parts", Still)
        with boot_cloud.boot_cloud(directory, only_when_woken=True) as cloud:
            yield Stepped(cloud)
