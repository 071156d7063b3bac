"""OSSA-2014-038, CVE-2014-3708: a list filter made the back end do work without bounds."""

from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
import sqlalchemy as sa

from minicloud.api.schemas import servers as schemas
from minicloud.db import flavors, listing, models
from minicloud.db.engine import Database
from tests.contract.databases import REAL, Databases, connect
from tests.contract.db.conftest import databases
from tests.contract.db.rows import NOW, instance
from tests.functional.advisories import demands_failure
from tests.functional.advisories.reading import work_of
from tests.functional.image_rows import IMAGE
from tests.functional.over_books import application, asked

__all__ = ["databases"]

_MINE, _FEW, _MANY = 4, 100, 1200
_MARKER: Final = "00000000-0000-4000-8000-000000000001"
_REST: Final[dict[str, Any]] = {"vm_state": "active", "task_state": None}
_FLAVOR: Final = {
    "id": 1,
    "flavorid": "1",
    "name": "m1.tiny",
    "vcpus": 1,
    "memory_mb": 512,
    "root_gb": 1,
    "ephemeral_gb": 0,
    "swap_mb": 0,
    "rxtx_factor": 1.0,
    "is_public": True,
    "disabled": False,
    "extra_specs": {},
}
_NIC: Final = {
    "network": str(uuid4()),
    "label": "private",
    "subnet": str(uuid4()),
    "tag": None,
    "port_id": str(uuid4()),
    "mac": "fa:16:3e:0:0:1",
    "address": "10.0.0.9",
    "version": 4,
}
# A value for each; what others have fits it as well as what is one's own.
_FILTERS: Final = {
    "reservation_id": "r-1",
    "name": "vm",
    "status": "ACTIVE",
    "image": IMAGE,
    "flavor": "1",
    "ip": "10.0",
    "ip6": "fd00",
    "changes-since": "2020-01-01T00:00:00Z",
    "changes-before": "2030-01-01T00:00:00Z",
    "availability_zone": "nova",
    "key_name": "k",
    "config_drive": "false",
    "created_at": NOW.isoformat(),
    "launched_at": NOW.isoformat(),
    "terminated_at": NOW.isoformat(),
    "power_state": "1",
    "task_state": "None",
    "vm_state": "active",
    "progress": "100",
    "user_id": "alice",
    "hostname": "vm",
    "tags": "t",
    "tags-any": "t,u",
    "not-tags": "u",
    "not-tags-any": "u,w",
    "locked": "false",
    "limit": "2",
    "marker": _MARKER,
    "sort_key": "display_name",
    "sort_dir": "asc",
}
_ASKED: Final = [
    *(f"{name}={value}" for name, value in _FILTERS.items()),
    *(f"sort_key={key}" for key in ("uuid", "created_at", "updated_at", "vm_state", "user_id")),
    *("name=^v.*m$", "name=(v|w)%2Bm", "ip=10.*9$", "status=ERROR&name=vm&sort_key=hostname"),
    *("tags=t,u,w,x", "marker=" + _MARKER + "&sort_key=display_name", "name=vm&limit=1"),
]
_IGNORED: Final = {  # of administrators, or of nobody: members are answered as without them
    *("host", "node", "launch_index", "uuid", "all_tenants", "project_id", "tenant_id", "deleted"),
    *("access_ip_v4", "access_ip_v6", "display_description", "auto_disk_config", "description"),
    *("kernel_id", "ramdisk_id", "root_device_name", "locked_by", "block_device_mapping"),
    *("services", "metadata", "system_metadata", "security_groups", "info_cache", "pci_devices"),
    *("image_ref", "display_name", "soft_deleted"),
}


@pytest.fixture(params=REAL)
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    made = databases.empty(request.param, connect)
    made.write(lambda db: flavors.add_devstack(db, NOW))
    return made


def _add(database: Database, count: int, project: str, first: str | None = None) -> None:
    """Servers that are alike in everything but their project."""
    rows = [
        instance(
            **_REST,
            project_id=project,
            flavor=_FLAVOR,
            image_ref=IMAGE,
            power_state=1,
            key_name="k",
            launched_at=NOW,
            addresses=[_NIC],
        )
        for _ in range(count)
    ]
    if first is not None:
        rows[0]["uuid"] = first
    tags = [{"instance_uuid": row["uuid"], "tag": tag} for row in rows for tag in ("t", "v")]

    def work(db: Any) -> None:
        db.execute(sa.insert(models.table_of(models.Instance)), rows)
        db.execute(sa.insert(models.table_of(models.InstanceTag)), tags)

    database.write(work)
    tables = "ANALYZE" + (" TABLE instances, instance_tags" * (database.dialect == "mysql"))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(tables)


def _works(database: Database, app: Any) -> dict[str, int]:
    found = {}
    for query in _ASKED:

        def ask(query: str = query) -> None:
            path = f"/servers/detail?{query}"
            reply = asked(app, "GET", path, user="alice:p1", version=90)
            if reply.status_int != 200:
                raise RuntimeError(f"{query}: {reply.body!r}")  # that is another matter

        ask()  # what is looked up once is known from here on
        found[query] = work_of(database, ask)
    return found


def what_others_have_costs_nothing(database: Database, directory: Path) -> None:
    """However many servers others have, a list of one's own makes the database read as much.

    (An embedded cloud's SQLite goes through all servers in the order of their creation.)
    """
    app = application(database, directory)
    _add(database, _MINE, "p1", _MARKER)
    _add(database, _FEW, "p2")
    few = _works(database, app)
    _add(database, _MANY, "p3")

    many = _works(database, app)

    worse = {
        query: (few[query], many[query]) for query in many if many[query] > 3 * few[query] + 99
    }
    assert worse == {}


def every_filter_has_its_row() -> None:
    """One that is new is measured here, or is said to be ignored for those who are no admins."""
    assert {*_FILTERS, *_IGNORED} == set(schemas.LIST.at(104))


def test_a_filtered_list_reads_no_more_where_others_have_more(
    database: Database, tmp_path: Path
) -> None:
    what_others_have_costs_nothing(database, tmp_path)


def test_every_filter_is_measured_or_ignored() -> None:
    every_filter_has_its_row()


def test_a_list_without_its_index_is_found(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def conditions(db: Any, filters: Any) -> list[Any]:
        first, *others = true(db, filters)
        return [sa.func.lower(first.left) == first.right, *others]

    true = listing._conditions
    monkeypatch.setattr(listing, "_conditions", conditions)
    monkeypatch.setattr(f"{__name__}._ASKED", ["name=vm"])

    with demands_failure():
        what_others_have_costs_nothing(database, tmp_path)


def test_a_filter_after_the_database_is_found(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All servers are read, and those of the project picked out afterwards."""
    true = listing._conditions
    monkeypatch.setattr(listing, "_conditions", lambda db, filters: true(db, filters)[1:])
    monkeypatch.setattr(f"{__name__}._ASKED", ["sort_key=display_name"])

    with demands_failure():
        what_others_have_costs_nothing(database, tmp_path)
