"""An image as its owner writes it (a flat document), as it is shown, and as columns."""

from datetime import datetime
from typing import Any, Final

from minicloud.auth.caller import Caller
from minicloud.db.images import WORDS
from minicloud.db.models import Image
from minicloud.errors import BadRequest, Conflict, Forbidden
from minicloud.image import schemas
from minicloud.runtime.wsgi import fits

COLUMNS: Final = {  # the document's word -> the column, where it is settable
    "name": "name",
    "visibility": "visibility",
    "protected": "protected",
    "disk_format": "disk_format",
    "container_format": "container_format",
    "min_disk": "min_disk_gb",
    "min_ram": "min_ram_mb",
    "tags": "tags",
    "owner": "owner",
    "os_hidden": "hidden",
}


def shown_image(image: Image) -> dict[str, Any]:
    here = f"/v2/images/{image.id}"
    return {
        **image.properties,
        **{word: getattr(image, COLUMNS[word]) for word in COLUMNS},
        "id": image.id,
        "status": image.status,
        "size": image.size_bytes,
        "virtual_size": None,
        "checksum": image.checksum,
        "os_hash_algo": "sha512" if image.os_hash_value else None,
        "os_hash_value": image.os_hash_value,
        "created_at": _stamp(image.created_at),
        "updated_at": _stamp(image.updated_at),
        "self": here,
        "file": f"{here}/file",
        "schema": "/v2/schemas/image",
    }


def written(image: Image) -> dict[str, Any]:
    """What a patch changes."""
    properties = {key: image.properties[key] for key in image.properties if key not in WORDS}
    return {**properties, **{word: getattr(image, COLUMNS[word]) for word in COLUMNS}}


def columns(document: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The columns of a document that this caller may write."""
    for key in document:
        if key in schemas.READ_ONLY:
            raise Forbidden(f"Attribute '{key}' is read-only.")
    fits(schemas.WRITTEN, document)
    if document.get("owner", caller.project_id) != caller.project_id and not caller.is_admin:
        raise Forbidden("You are not permitted to set the owner of an image.")
    values = {COLUMNS[key]: document[key] for key in document if key in COLUMNS}
    if "tags" in values:
        values["tags"] = sorted(set(values["tags"]))
    known = {*COLUMNS, "id"}
    values["properties"] = {key: document[key] for key in document if key not in known}
    return values


def patched(document: dict[str, Any], changes: list[dict[str, Any]]) -> dict[str, Any]:
    """The document after the changes, in their order; only whole attributes are changed."""
    result = dict(document)
    for change in changes:
        key = _key(change["path"])
        if key in schemas.READ_ONLY or key in schemas.ONCE:
            raise Forbidden(f"Attribute '{key[:255]}' is read-only.")
        if change["op"] == "remove":
            if key in COLUMNS:
                raise Forbidden(f"Attribute '{key}' may not be removed.")
            if key not in result:
                raise Conflict(f"The image has no attribute '{key[:255]}'.")
            del result[key]
            continue
        if "value" not in change:
            raise BadRequest("Invalid input: a change needs a value.")
        if change["op"] == "replace" and key not in result:
            raise Conflict(f"The image has no attribute '{key[:255]}'.")
        result[key] = change["value"]
    return result


def renewed(change: dict[str, Any]) -> dict[str, Any]:
    """A change in the form of v2.0, where the operation is the key of its path."""
    ((op, path),) = [(op, change[op]) for op in change if op != "value"]
    value = {"value": change["value"]} if "value" in change else {}
    return {"op": op, "path": path, **value}


def _key(path: str) -> str:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]
    if len(parts) != 1:
        raise BadRequest("Invalid input: only whole attributes can be changed.")
    return parts[0]


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds") + "Z"
