"""Schemas and parameters as OpenAPI writes them."""

from collections.abc import Mapping
from typing import Any, Final

from minicloud.api.schemas.query import TEXT, Param

_WORDS: Final = (("\\Z", "$"), ("\\ud800-\\udfff", ""))  # of Python, not of ECMA


def plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema that stands for itself: definitions in their places, patterns of ECMA-262."""
    found: dict[str, Any] = _plain(schema, schema.get("definitions", {}))
    found.pop("definitions", None)
    return found


def _plain(value: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item, definitions) for item in value]
    if not isinstance(value, Mapping):
        return value
    if isinstance(value.get("$ref"), str):
        return _plain(definitions[value["$ref"].rpartition("/")[2]], definitions)
    found = {name: _plain(item, definitions) for name, item in value.items()}
    if isinstance(found.get("pattern"), str):
        found["pattern"] = pattern(found["pattern"])
    if isinstance(found.get("patternProperties"), dict):
        found["patternProperties"] = {
            pattern(name): form for name, form in found["patternProperties"].items()
        }
    return found


def pattern(text: str) -> str:
    for python, ecma in _WORDS:
        text = text.replace(python, ecma)
    return text


def parameter(name: str, param: Param) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if param.form is TEXT.form:
        schema["maxLength"] = 255
    else:
        schema["pattern"] = f"^(?:{pattern(param.form.pattern)})$"
    return {"name": name, "in": "query", "schema": schema}
