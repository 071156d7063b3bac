"""A name filter that Python can read and the database cannot was an unexpected error (500)."""

from minicloud.db.engine import Database
from tests.contract.db.rows import add_instances, instance
from tests.functional.over_books import Call, call, database

__all__ = ["call", "database"]  # fixtures


def test_an_expression_that_the_database_refuses_is_a_bad_request(
    call: Call, database: Database
) -> None:
    add_instances(database, [instance()])

    status, fault = call("GET", "/servers?name=(a)%5C1")

    assert status == 400
    assert fault["badRequest"]["message"] == "Invalid filter name: (a)\\1"
