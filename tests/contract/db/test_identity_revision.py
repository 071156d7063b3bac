"""Each change to what tokens grant is counted in its transaction, and seen by all at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db import credentials, identity, revision, tokens
from minicloud.db.engine import Database
from minicloud.db.models import (
    ApplicationCredential,
    Domain,
    Project,
    Role,
    RoleAssignment,
    Token,
    User,
)
from tests.contract.databases import connect
from tests.contract.db.rows import together

_END = {
    "mysql": "SELECT CONCAT('KILL ', id) FROM information_schema.processlist "
    "WHERE db = DATABASE() AND id <> CONNECTION_ID()",
    "postgresql": "SELECT 'SELECT pg_terminate_backend(' || pid || ')' FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()",
}


def _fill(database: Database, now: datetime) -> str:
    """A user who is a member of a project; the answer is the user's token for it."""

    def work(db: Session) -> str:
        db.add_all(
            [
                Domain(id="d", name="d"),
                Project(id="p", domain_id="d", name="p"),
                Role(id="r", name="member"),
                User(id="u", domain_id="d", name="u", password_hash="old", valid_from=now),
                RoleAssignment(user_id="u", project_id="p", role_id="r"),
                ApplicationCredential(
                    id="c",
                    user_id="u",
                    project_id="p",
                    name="c",
                    secret_hash="",
                    roles=["r"],
                    created_at=now,
                ),
            ]
        )
        db.flush()
        issued = tokens.issue(db, "u", "p", ["password"], now, now + timedelta(hours=1))
        assert issued is not None
        return issued[0]

    return database.write(work)


CHANGES: Final[dict[str, Callable[[Session, str, datetime], object]]] = {
    "revoke": lambda db, token, _now: tokens.revoke(db, token),
    "revoke_all": lambda db, _token, _now: tokens.revoke_all(db, "u"),
    "revoke_scoped": lambda db, _token, _now: tokens.revoke_scoped(db, "p"),
    "revoke_had_for": lambda db, _token, _now: tokens.revoke_had_for(db, ["c"]),
    "change_password": lambda db, _token, now: identity.change_password(db, "u", "new", now),
    "delete_user": lambda db, _token, _now: identity.delete_user(db, "u"),
    "delete_project": lambda db, _token, _now: identity.delete_project(db, "p"),
    "delete_role": lambda db, _token, _now: identity.delete_role(db, "r"),
    "delete_domain": lambda db, _token, _now: identity.delete_domain(db, "d"),
    "unassign": lambda db, _token, _now: identity.unassign(db, "u", "p", "r"),
    "delete a credential": lambda db, _token, _now: credentials.delete(db, "c"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_takes_a_grant_counts(database: Database, change: str) -> None:
    now = database.now()
    token = _fill(database, now)
    if change == "delete_domain":
        database.write(lambda db: db.execute(sa.update(Domain).values(enabled=False)))
    before = revision.now(database)

    assert database.write(lambda db: CHANGES[change](db, token, now)) in (True, None)

    assert revision.now(database) not in (before, None)


def test_a_role_that_is_given_counts_and_one_that_was_there_does_not(database: Database) -> None:
    _fill(database, database.now())
    database.write(lambda db: db.add(Role(id="other", name="other")))

    database.write(lambda db: identity.assign(db, "u", "p", "r"))
    assert revision.now(database) is None

    database.write(lambda db: identity.assign(db, "u", "p", "other"))
    assert revision.now(database) == 1


def test_log_ins_and_what_has_run_out_do_not_count(database: Database) -> None:
    now = database.now()
    _fill(database, now)

    database.write(lambda db: tokens.purge(db, now + timedelta(days=1)))

    assert database.read(lambda db: db.scalar(sa.select(sa.func.count(Token.hash)))) == 0
    assert revision.now(database) is None


def test_a_grant_is_read_with_the_number_of_its_moment(database: Database) -> None:
    now = database.now()
    token = _fill(database, now)
    seen = []

    for _ in range(3):
        grant = database.read(lambda db: tokens.validated(db, token, now))
        assert grant is not None
        seen.append((grant.revision, revision.now(database)))
        database.write(revision.count)

    assert seen == [(None, None), (1, 1), (2, 2)]


def test_what_is_undone_is_not_counted(database: Database) -> None:
    database.write(revision.count)

    def work(db: Session) -> None:
        revision.count(db)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(work)

    assert revision.now(database) == 1


def test_another_process_sees_the_number_as_soon_as_it_is_written(database: Database) -> None:
    other = connect(database.engine.url.render_as_string(hide_password=False))

    for number in range(1, 4):
        database.write(revision.count)
        assert revision.now(other) == number

    other.dispose()


def test_changes_that_come_at_once_are_all_counted_the_first_as_well(database: Database) -> None:
    together(8, lambda _number: [database.write(revision.count) for _ in range(5)])

    assert revision.now(database) == 40


def test_a_glance_survives_the_loss_of_every_connection(server_database: Database) -> None:
    server_database.write(revision.count)
    assert revision.now(server_database) == 1
    other = connect(server_database.engine.url.render_as_string(hide_password=False))
    with other.engine.connect() as connection:
        for (kill,) in connection.exec_driver_sql(_END[server_database.dialect]).all():
            connection.exec_driver_sql(kill)
    other.dispose()

    seen = [revision.now(server_database) for _ in range(3)]
    server_database.dispose()  # the other tests get connections that are whole

    assert seen == [1, 1, 1]
