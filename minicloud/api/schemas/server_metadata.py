"""Bodies of servers' metadata."""

from typing import Final

from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import METADATA, closed

ITEMS: Final = Body({1: closed({"metadata": METADATA}, ("metadata",))})
ONE_ITEM: Final = Body(
    {1: closed({"meta": {**METADATA, "minProperties": 1, "maxProperties": 1}}, ("meta",))}
)
