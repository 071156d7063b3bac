"""JSON schemas of bodies, by version, compiled once."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any, Final

from jsonschema import Draft7Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend

from minicloud import errors
from minicloud.api.faults import invalid
from minicloud.runtime.masking import HIDDEN, is_secret, without_secrets

Schema = Mapping[str, Any]


class Body:
    """A body that must hold the schema of the last version that is not above the asked one.

    `legacy` is what /v2 demands; without it the oldest schema.
    """

    def __init__(self, schemas: Mapping[int, Schema], legacy: Schema | None = None) -> None:
        self._schemas = dict(schemas)
        self._since = sorted(schemas)
        self._strict = [Draft7Validator(schemas[v], format_checker=_FORMATS) for v in self._since]
        self._lenient = _Lenient(legacy or schemas[self._since[0]], format_checker=_FORMATS)

    def at(self, version: int) -> Schema:
        """The schema that a version is held to."""
        return self._schemas[self._since[bisect_right(self._since, version) - 1]]

    def check(self, value: Any, version: int, *, legacy: bool) -> Any:
        """The value; under /v2 without the fields that nobody knows."""
        if not isinstance(value, dict):
            raise errors.BadRequest("Malformed request body")
        validator = self._strict[bisect_right(self._since, version) - 1]
        error = best_match((self._lenient if legacy else validator).iter_errors(value))
        if error is not None:
            raise _explained(error)
        return value


def _explained(error: ValidationError) -> errors.BadRequest:
    """Nova repeats what it was sent; here what is secret by its name is hidden from the answer."""
    path, value = error.absolute_path, without_secrets(error.instance)
    if any(is_secret(name) for name in path):
        value = HIDDEN
    message = error.message
    if value != error.instance:
        message = message.replace(repr(error.instance), repr(value))
    if path:
        return invalid("field/attribute", str(path[-1]), value, message)
    return errors.BadRequest(message[:1000])


def _drop_unknown(
    _validator: Any, _allowed: Any, instance: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if isinstance(instance, dict) and "patternProperties" not in schema:
        for name in instance.keys() - schema.get("properties", {}).keys():
            del instance[name]
    yield from ()


_Lenient: Any = extend(  # type: ignore[no-untyped-call]
    Draft7Validator, {"additionalProperties": _drop_unknown}
)
_FORMATS: Final = FormatChecker(formats=())
