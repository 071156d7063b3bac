"""The API tells about itself: OpenAPI, made from its own tables."""

import re
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from minicloud.api.policies import list_rules
from minicloud.api.routes import ALL
from minicloud.api.versions import MAX
from tests.unit.api.conftest import Client

_VERSIONS = ("2.1", "2.35", "2.60", "2.88", f"2.{MAX}")


@pytest.fixture
def anyone(client: Client) -> Client:
    client.token = None
    return client


def _told(client: Client, query: str = "") -> Any:
    reply = client.get(f"/v2.1/openapi.json{query}")
    assert reply.status == 200
    return reply.json


def _operations(told: Any) -> dict[tuple[str, str], Any]:
    return {
        (verb.upper(), path): operation
        for path, item in told["paths"].items()
        for verb, operation in item.items()
        if verb != "parameters"
    }


@pytest.mark.parametrize("version", _VERSIONS)
def test_the_document_is_valid_at_every_version(anyone: Client, version: str) -> None:
    told = _told(anyone, f"?version={version}")

    assert list(OpenAPIV31SpecValidator(told).iter_errors()) == []
    assert told["info"]["version"] == version


def test_it_is_told_without_a_token_at_the_newest_version(anyone: Client) -> None:
    assert _told(anyone)["info"]["version"] == f"2.{MAX}"
    assert _told(anyone)["servers"] == [{"url": "/compute/v2.1"}]


@pytest.mark.parametrize("version", _VERSIONS)
def test_every_route_of_the_version_is_there_and_no_other(anyone: Client, version: str) -> None:
    number = int(version[2:])
    rows = [row for row in ALL if row.at(number)]

    operations = _operations(_told(anyone, f"?version={version}"))

    assert set(operations) == {(row.verb, row.path) for row in rows}
    for row in rows:
        told = operations[row.verb, row.path]["x-openstack"]
        about = told["actions"][row.key] if row.key else told
        assert (about["rule"], about["min-ver"]) == (row.rule, f"2.{row.since}")


def test_a_body_is_that_of_the_version(anyone: Client) -> None:
    def fields(version: str) -> Any:
        told = _operations(_told(anyone, f"?version={version}"))["POST", "/servers"]
        schema = told["requestBody"]["content"]["application/json"]["schema"]
        return schema["properties"]["server"]["properties"]

    assert "description" not in fields("2.18")
    assert "description" in fields("2.19")


def test_a_query_is_that_of_the_version(anyone: Client) -> None:
    def parameters(version: str) -> set[str]:
        told = _operations(_told(anyone, f"?version={version}"))["GET", "/servers"]
        return {one["name"] for one in told["parameters"]}

    assert "changes-before" in parameters("2.66") - parameters("2.65")


def test_an_operation_says_what_its_policy_rule_says(anyone: Client) -> None:
    said = {rule.name: rule.description for rule in list_rules()}

    operation = _operations(_told(anyone))["GET", "/servers"]

    assert operation["summary"] == said["os_compute_api:servers:index"]


@pytest.mark.parametrize("version", _VERSIONS)
def test_operations_have_names_of_their_own(anyone: Client, version: str) -> None:
    operations = _operations(_told(anyone, f"?version={version}")).values()

    assert len({one["operationId"] for one in operations}) == len(operations)


def test_patterns_are_of_ecma_262(anyone: Client) -> None:
    def patterns(value: Any) -> list[str]:
        if isinstance(value, list):
            return [text for item in value for text in patterns(item)]
        if not isinstance(value, dict):
            return []
        found = [text for item in value.values() for text in patterns(item)]
        found += value.get("patternProperties", {})
        return found + ([value["pattern"]] if isinstance(value.get("pattern"), str) else [])

    found = patterns(_told(anyone))

    assert len(found) > 10
    for text in found:
        re.compile(text)
        assert r"\Z" not in text
        assert r"\A" not in text


@pytest.mark.parametrize(
    ("query", "status"),
    [("?version=2.999", 406), ("?version=3.1", 406), ("?version=x", 400), ("?colour=red", 400)],
)
def test_what_cannot_be_told_is_refused(anyone: Client, query: str, status: int) -> None:
    assert anyone.get(f"/v2.1/openapi.json{query}").status == status
