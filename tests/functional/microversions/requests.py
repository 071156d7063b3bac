"""The fields of bodies and the parameters of queries: expected from the history, and declared."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from minicloud.api.contract import Contract, contract_of
from minicloud.api.handlers import nouns
from minicloud.api.history import HISTORY, deltas
from minicloud.api.policy import Policy
from minicloud.api.routes import ALL
from minicloud.api.row import Row
from minicloud.zones.base import Zone
from tests.functional.microversions.routes import plain
from tests.options import defaults

STRICT: Final = "strict"
_NAMES_OF_USERS: Final = ("metadata", "os:scheduler_hints", "OS-SCH-HNT:scheduler_hints")


class _Nowhere:
    def __getattr__(self, name: str) -> "_Nowhere":
        return self


def _contracts() -> dict[Row, Contract]:
    conf = defaults()
    made = nouns(cast(Zone, _Nowhere()), Policy(conf))
    return {row: contract_of(getattr(made[row.noun], row.method)) for row in ALL}


CONTRACTS: Final = _contracts()


def name_of(row: Row) -> str:
    """As the history names it."""
    path = row.path.replace("/os-volumes_boot", "/servers")  # an old name of theirs
    return row.key or plain(f"{row.verb} {path}")


def name_of_body(row: Row) -> str:
    """Whose body it has: a dry run takes that of the create."""
    name = name_of(row)
    return "POST /servers" if name == "POST /scheduling/what-if" else name


def expected(
    what: str, name: str, version: int, first: frozenset[str] = frozenset(), since: int = 1
) -> frozenset[str]:
    """`what`: bodies or queries. `first`: at the version `since`."""
    found = first
    for number in range(since + 1, version + 1):
        for delta in deltas(getattr(HISTORY[number], what)):
            if plain(delta.thing) == name:
                assert not delta.gained & found, f"2.{number}: {name} has {delta.gained & found}"
                assert delta.lost <= found, f"2.{number}: {name} has no {delta.lost - found}"
                found = found - delta.lost | delta.gained
    return found


def changes_of(what: str, name: str) -> set[int]:
    return {
        number
        for number, change in HISTORY.items()
        for delta in deltas(getattr(change, what))
        if plain(delta.thing) == name
    }


def fields_of(row: Row, version: int) -> frozenset[str]:
    """What the schema of its body knows, without the one name around it all."""
    body = CONTRACTS[row].body
    if body is None:
        return frozenset()
    names = set(_within(body.at(version), ""))
    outer = {name.partition(".")[0] for name in names}
    required = body.at(version).get("required", [])
    if len(required) == 1 and any(name.startswith(f"{required[0]}.") for name in names) | (
        outer == set(required)
    ):
        around = f"{required[0]}."
        names = {name.removeprefix(around) for name in names if name != required[0]}
    return frozenset(names)


def _within(schema: Any, path: str) -> Iterator[str]:
    if isinstance(schema, list | tuple):
        for one in schema:
            yield from _within(one, path)
    if not isinstance(schema, Mapping) or path.rpartition(".")[2] in _NAMES_OF_USERS:
        return
    for name, form in schema.get("properties", {}).items():
        below = f"{path}.{name}" if path else name
        yield below
        yield from _within(form, below)
    for inside in ("items", "oneOf", "anyOf"):
        yield from _within(schema.get(inside), path)


def parameters_of(row: Row, version: int) -> frozenset[str]:
    query = CONTRACTS[row].query
    if query is None:
        return frozenset()
    return frozenset(query.at(version)) | ({STRICT} if query.is_strict(version) else set())


def reads(row: Row) -> bool:
    """Whether unknown parameters are refused from 2.102 on, if not before."""
    return row.verb == "GET" and 410 not in CONTRACTS[row].refuses


def ever(what: str, name: str) -> set[str]:
    """All that came or went."""
    return {
        one
        for change in HISTORY.values()
        for delta in deltas(getattr(change, what))
        if plain(delta.thing) == name
        for one in delta.gained | delta.lost
    }
