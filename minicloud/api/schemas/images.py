"""Bodies of images' metadata, and the query of their lists."""

from typing import Final

from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import METADATA, closed
from minicloud.api.schemas.query import NUMBER, PAGING, TEXT, Query

PROPERTY: Final = "property-"

METADATA_OF_IMAGE: Final = Body({1: closed({"metadata": METADATA}, ("metadata",))})
ITEM: Final = Body({1: closed({"meta": METADATA | {"maxProperties": 1}}, ("meta",))})
LIST: Final = Query(
    {
        **PAGING,
        **dict.fromkeys(("name", "status", "server", "type", "changes-since"), TEXT),
        **dict.fromkeys(("minDisk", "minRam"), NUMBER),
    }
)
