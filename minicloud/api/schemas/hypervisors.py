"""Queries of hypervisors."""

from typing import Final

from minicloud.api.schemas.query import NUMBER, Param, Query
from minicloud.api.versions import Since

_WITH: Final = Param(since=Since.UUIDS_OF_HOSTS)
LIST: Final = Query(
    {
        "limit": Param(NUMBER.form, since=Since.HYPERVISOR_PAGING),
        "marker": Param(since=Since.HYPERVISOR_PAGING),
        "hypervisor_hostname_pattern": _WITH,
        "with_servers": _WITH,
    },
    strict_from=Since.UUIDS_OF_HOSTS,
)
SHOW: Final = Query({"with_servers": _WITH}, strict_from=Since.UUIDS_OF_HOSTS)
