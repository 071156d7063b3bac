"""The schema: migrations and models say the same, and a service takes no other."""

from datetime import datetime
from typing import Any, Final

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from minicloud.db import hosts, schema
from minicloud.db.engine import Database
from minicloud.db.models import Base
from minicloud.errors import SchemaMismatch
from tests.contract.databases import KINDS, Databases, connect


def _differences(database: Database) -> list[Any]:
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(found, Base.metadata))


def _shape(database: Database) -> dict[str, Any]:
    """Everything about the tables that the database tells."""
    seen = sa.inspect(database.engine)
    return {
        table: {
            "columns": {
                column["name"]: (repr(column["type"]), column["nullable"], column["default"])
                for column in seen.get_columns(table)
            },
            "key": seen.get_pk_constraint(table)["constrained_columns"],
            "indexes": sorted(
                (i["column_names"], bool(i["unique"])) for i in seen.get_indexes(table)
            ),
            "uniques": sorted(u["column_names"] for u in seen.get_unique_constraints(table)),
            "references": sorted(
                (f["constrained_columns"], f["referred_table"], str(f["options"]))
                for f in seen.get_foreign_keys(table)
            ),
        }
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def test_migrating_an_empty_database_gives_what_the_models_say(bare_database: Database) -> None:
    schema.sync(bare_database)

    assert _differences(bare_database) == []
    assert schema.version(bare_database) == schema.HEAD


@pytest.mark.parametrize("kind", KINDS)
def test_making_all_tables_at_once_gives_what_the_migrations_give(
    databases: Databases, kind: str
) -> None:
    made, migrated = connect(databases.url(kind)), connect(databases.url(kind))

    schema.create(made)
    schema.sync(migrated)

    assert _shape(migrated) == _shape(made)
    made.dispose()
    migrated.dispose()


_OLD_HOST: Final = {
    "uuid": "u",
    "host": "node1",
    "node": "node1",
    "agent": "a",
    "host_ip": "127.0.0.1",
    "hypervisor_type": "fake",
    "cpu_info": {},
    "supported_instances": [],
    **dict.fromkeys(("changed_at", "created_at"), datetime(2026, 3, 1)),
}


def _numbers(table: sa.Table) -> list[str]:
    return [column.name for column in table.columns if column.name not in (*_OLD_HOST, "id")]


@pytest.mark.parametrize("version", ["0001", "0002", "0003"])
def test_a_host_of_an_earlier_schema_is_still_there_after_migrating(
    bare_database: Database, version: str
) -> None:
    schema.sync(bare_database, version)
    lists = (sa.Column("cpu_info", sa.JSON), sa.Column("supported_instances", sa.JSON))
    engine = bare_database.engine
    old = sa.Table("compute_nodes", sa.MetaData(), *lists, autoload_with=engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(old), [_OLD_HOST | dict.fromkeys(_numbers(old), 7)])

    schema.sync(bare_database)

    (node,) = bare_database.read(hosts.all_nodes)
    assert (node.host, node.vcpus, node.cpu_info, node.metrics) == ("node1", 7, {}, None)
    assert _differences(bare_database) == []


def test_making_all_tables_at_once_gives_what_the_models_say(database: Database) -> None:
    assert _differences(database) == []


def test_a_synced_database_can_be_synced_again(bare_database: Database) -> None:
    schema.sync(bare_database)

    schema.sync(bare_database)

    schema.check(bare_database)


def test_the_newest_migration_is_the_one_that_programs_need(bare_database: Database) -> None:
    scripts = ScriptDirectory.from_config(schema.alembic_config(bare_database))

    assert scripts.get_heads() == [schema.HEAD]


def test_an_empty_database_has_no_version(bare_database: Database) -> None:
    assert schema.version(bare_database) is None
    with pytest.raises(SchemaMismatch, match="none"):
        schema.check(bare_database)


@pytest.mark.parametrize("version", ["0000", "9999"])
def test_an_older_or_newer_schema_is_refused(bare_database: Database, version: str) -> None:
    schema.create(bare_database)
    schema.check(bare_database)
    with bare_database.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")

    with pytest.raises(SchemaMismatch, match=f"at version {version}.*needs {schema.HEAD}"):
        schema.check(bare_database)
