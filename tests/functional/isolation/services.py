"""The routes of the identity and the image service, in the form of the compute API's."""

from typing import Any, Final, cast

from minicloud.api.row import OPEN, Row
from minicloud.identity import app as identity
from minicloud.image import app as image

_NOWHERE: Final = cast(Any, None)  # tables are made of services that nobody asks
ROUTES_OF_SERVICES: Final = tuple(
    Row(route.method, f"/{name}{route.path}", name, "", OPEN, until=1)
    for name, table in (
        ("identity", identity.table(_NOWHERE)),
        ("image", image.table(_NOWHERE)),
    )
    for route in table
)
TYPES: Final = {
    "usual": "application/json",
    "PATCH /image/v2/images/{id}": "application/openstack-images-v2.1-json-patch",
    "PUT /image/v2/images/{id}/file": "application/octet-stream",
}
