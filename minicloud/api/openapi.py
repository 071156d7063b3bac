"""The compute API as an OpenAPI document, made from the tables that serve it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from minicloud.api.contract import PLAIN, Contract, contract_of
from minicloud.api.faults import CODE_HEADER, KEY
from minicloud.api.policies import list_rules
from minicloud.api.row import Row
from minicloud.api.schemas.described import parameter, plain
from minicloud.api.versions import MAX, MIN

_EVER: Final = (400, 401, 403, 404, 406, 429)  # what every request may meet
_WITH_BODY: Final = (413, 415)
_AWAY: Final = 503  # a service behind the API does not answer
_WRITES: Final = ("POST", "PUT", "PATCH", "DELETE")
_MEANING: Final[Mapping[int, str]] = {
    400: "The request makes no sense.",
    401: "There is no valid token.",
    403: "The policy or a quota refuses it.",
    404: "There is no such thing, or no such route at this version.",
    406: "The API does not speak this version.",
    409: "It cannot be done in the state that things are in.",
    410: "This is gone for good.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "It is at odds with what was said before.",
    429: "It is asked too often; after as many seconds as Retry-After says it may be asked again.",
    501: "This cannot be done here.",
    503: "A part of the cloud is away.",
}
_GONE: Final = 410
_TOO_OFTEN: Final = 429
_TEXT_HEADER: Final = {"schema": {"type": "string"}}
_NUMBER_HEADER: Final = {"schema": {"type": "integer", "minimum": 0}}
_RATE_HEADERS: Final = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
_HEADERS: Final = {
    name: {"$ref": f"#/components/headers/{name}"}
    for name in ("OpenStack-API-Version", "X-OpenStack-Request-ID", *_RATE_HEADERS)
}

Handlers = Mapping[Row, Callable[..., Any]]


def document(handlers: Handlers, version: int, base: str) -> dict[str, Any]:
    """All routes of one microversion below the address `base`."""
    paths: dict[str, dict[str, Any]] = {}
    for (path, verb), rows in _grouped(handlers, version).items():
        operation = _operation(rows, handlers, version)
        paths.setdefault(path, {})[verb.lower()] = operation
    for path, item in paths.items():
        item["parameters"] = [*_path_parameters(path), _version_parameter(version)]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The Compute API",
            "description": f"Nova's Compute API at the microversion 2.{version}, as it is served.",
            "version": f"2.{version}",
        },
        "servers": [{"url": base}],
        "security": [{"token": []}],
        "paths": paths,
        "components": _components(),
        "x-openstack": {"min-ver": f"2.{MIN}", "max-ver": f"2.{MAX}"},
    }


def _grouped(rows: Iterable[Row], version: int) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.at(version):
            found.setdefault((row.path, row.verb), []).append(row)
    return dict(sorted(found.items()))


def _operation(rows: list[Row], handlers: Handlers, version: int) -> dict[str, Any]:
    """One row, or the actions that share an address."""
    contracts = [contract_of(handlers[row]) for row in rows]
    first, is_action = rows[0], rows[0].key is not None
    told: dict[str, Any] = {
        "operationId": _name(first),
        "tags": [first.noun],
        "summary": "One of the actions." if is_action else _SAID.get(first.rule, first.rule),
        "x-openstack": _origin(rows, contracts, version),
        "responses": _responses(first.verb, contracts, version),
    }
    if _GONE in contracts[0].refuses:
        told["deprecated"] = True
    parameters = [
        parameter(name, param)
        for contract in contracts[:1]
        if contract.query
        for name, param in sorted(contract.query.at(version).items())
    ]
    if parameters:
        told["parameters"] = parameters
    if is_action or contracts[0].body:
        told["requestBody"] = _request_body(rows, contracts, version)
    return told


def _name(row: Row) -> str:
    """Each operation bears a name of its own."""
    return f"{row.verb.lower()}{row.path}".replace("/", "-").replace("{", "").replace("}", "")


_SAID: Final = {rule.name: rule.description for rule in list_rules()}


def _origin(rows: list[Row], contracts: list[Contract], version: int) -> dict[str, Any]:
    """What OpenAPI has no word for: versions, rules, actions, what unknown parameters meet."""
    if rows[0].key is None:
        query = contracts[0].query
        strict = {"unknown-parameters-refused": query.is_strict(version)} if query else {}
        return _window(rows[0]) | {"rule": rows[0].rule} | strict
    actions = {
        str(row.key): _window(row)
        | {
            "rule": row.rule,
            "description": _SAID.get(row.rule, ""),
            "statuses": list(contract.statuses_at(version)),
        }
        for row, contract in zip(rows, contracts, strict=True)
    }
    return {"actions": actions}


def _window(row: Row) -> dict[str, str]:
    return {"min-ver": f"2.{row.since}", "max-ver": f"2.{min(row.until, MAX)}"}


def _request_body(rows: list[Row], contracts: list[Contract], version: int) -> dict[str, Any]:
    forms = []
    for row, contract in zip(rows, contracts, strict=True):
        if contract.body is not None:
            forms.append(plain(contract.body.at(version)))
        else:
            forms.append(_any_value(str(row.key)))
    schema = forms[0] if len(forms) == 1 else {"oneOf": forms}
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _any_value(key: str) -> dict[str, Any]:
    """The body of an action that reads nothing but its name."""
    return {
        "type": "object",
        "properties": {key: {}},
        "required": [key],
        "additionalProperties": False,
    }


def _responses(verb: str, contracts: list[Contract], version: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for contract in contracts:
        for status in contract.statuses_at(version):
            if _GONE not in contract.refuses:
                _add_success(found, status, contract)
    refusals = {*_EVER, _AWAY, *(s for contract in contracts for s in contract.refuses)}
    if verb in _WRITES:
        refusals.add(409)
    if any(contract.body for contract in contracts) or (contracts[0] is PLAIN and verb == "POST"):
        refusals.update(_WITH_BODY)
    for status in refusals:
        found[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return dict(sorted(found.items()))


def _add_success(found: dict[str, Any], status: int, contract: Contract) -> None:
    before = found.get(str(status))
    shown: dict[str, Any] = {"description": "It is done.", "headers": _HEADERS}
    if status == 202:
        shown["description"] = "It will be done."
    if contract.is_empty(status) is False and (before is None or "content" in before):
        shown["content"] = {"application/json": {"schema": {"type": "object"}}}
    found[str(status)] = shown


def _path_parameters(path: str) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    form = {"type": "string", "minLength": 1, "maxLength": 255}
    return [{"name": name, "in": "path", "required": True, "schema": form} for name in names]


def _version_parameter(version: int) -> dict[str, Any]:
    return {
        "name": "OpenStack-API-Version",
        "in": "header",
        "required": version != MIN,
        "description": "The microversion that this document tells about; 2.1 without it.",
        "schema": {"type": "string", "enum": [f"compute 2.{version}"]},
    }


def _components() -> dict[str, Any]:
    texts = ("OpenStack-API-Version", "X-OpenStack-Request-ID", CODE_HEADER)
    return {
        "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"}},
        "headers": dict.fromkeys(texts, _TEXT_HEADER)
        | dict.fromkeys(("Retry-After", *_RATE_HEADERS), _NUMBER_HEADER),
        "responses": {str(status): _fault(status) for status in _MEANING},
    }


def _fault(status: int) -> dict[str, Any]:
    """Nova's form: one key that names the kind."""
    inner: dict[str, Any] = {
        "type": "object",
        "properties": {"code": {"const": status}, "message": {"type": "string"}},
        "required": ["code", "message"],
    }
    told = [CODE_HEADER]
    if status == _TOO_OFTEN:
        more = {"details": {"type": "string"}, "retryAfter": {"type": "string"}}
        inner["properties"].update(more)
        inner["required"] += more
        told += ["Retry-After", *_RATE_HEADERS]
    key = KEY.get(status, "computeFault")
    schema = {"type": "object", "properties": {key: inner}, "required": [key]}
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in told}
    return {
        "description": _MEANING[status],
        "headers": headers,
        "content": {"application/json": {"schema": schema | {"additionalProperties": False}}},
    }
