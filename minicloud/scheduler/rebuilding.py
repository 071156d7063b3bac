"""Whether a server may get another image where it is: a rebuild moves nothing."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.db import aggregates, hosts
from minicloud.db.models import ComputeNode, Instance
from minicloud.scheduler import rules
from minicloud.scheduler.fleet import facts_of
from minicloud.scheduler.hosts import HostTable
from minicloud.scheduler.judgement import judged
from minicloud.scheduler.plugins import Filter
from minicloud.scheduler.request import Request


class Rebuilding:
    """Asks the enabled filters that have the attribute `run_on_rebuild`."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf = conf

    def refused_by(self, db: Session, row: Instance, image: Mapping[str, Any]) -> str | None:
        """The first filter that refuses the host of this server for the image."""
        node = hosts.named(db, row.host) if row.host else None
        if node is None or not self._filters:
            return None
        table, request = self._table(db, node), _request(row, image)
        for name, filter_ in self._filters:
            if not judged(name, filter_, table, request, np.ones(1, np.bool_)).passed[0]:
                return name
        return None

    @cached_property
    def _filters(self) -> Sequence[tuple[str, Filter]]:
        enabled = rules.of(self._conf).filters
        return [pair for pair in enabled if getattr(pair[1], "run_on_rebuild", False)]

    def _table(self, db: Session, node: ComputeNode) -> HostTable:
        table = HostTable(self._conf.filter_scheduler.default_availability_zone)
        table.update([facts_of(node)])
        table.set_alive([node.host], [])
        found = {row.id: row for row in aggregates.of_host(db, node.host)}
        metadata = {ident: row.meta for ident, row in found.items()}
        names = {ident: row.name for ident, row in found.items()}
        table.set_aggregates(metadata, {node.host: sorted(found)}, names)
        return table


def _request(row: Instance, image: Mapping[str, Any]) -> Request:
    whose = {
        "uuid": row.uuid,
        "project_id": row.project_id,
        "user_id": row.user_id,
        "availability_zone": row.availability_zone,
    }
    spec = {
        "image": image,
        "instance_properties": whose,
        "instance_type": row.flavor,
        "num_instances": 1,
        "instance_uuids": [row.uuid],
    }
    return Request.of(row.uuid, spec, {"scheduler_hints": row.request.get("hints") or {}})
