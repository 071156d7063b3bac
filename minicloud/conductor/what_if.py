"""Asks a scheduler what would become of an instance, in the words of a real request for a host."""

from collections.abc import Mapping
from typing import Any

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.conductor import groups
from minicloud.conductor.place import filter_properties, request_spec
from minicloud.context import RequestContext
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from minicloud.instance_states import Task
from minicloud.rpc.scheduler import Question, SchedulerClient


class WhatIf:
    def __init__(
        self, conf: cfg.ConfigOpts, database: Database, scheduler: SchedulerClient
    ) -> None:
        self._database, self._scheduler = database, scheduler
        self._max_attempts: int = conf.conductor.max_attempts

    def ask(
        self, context: RequestContext, instance: Mapping[str, Any], count: int, tell: int
    ) -> Mapping[str, Any]:
        """`instance` as if it were new; where it is on a host, that host is as if it were not."""
        new = {"task_state": str(Task.SCHEDULING), "host": None, "retry": None}
        row = Instance(**{**instance, **new})
        company = self._database.read(lambda db: _company(db, row))
        properties = filter_properties(row, row.flavor, {}, self._max_attempts)
        spec = {**request_spec(row, row.flavor), "num_instances": count}
        question = Question(spec, {**properties, **company}, count, instance.get("host"), tell)
        return self._scheduler.what_if(context, question)


def _company(db: Session, row: Instance) -> Mapping[str, Any]:
    """What is told of the group that the instance is in, or would be in."""
    return groups.facts(db, [row]).get(row.uuid) or groups.facts_for_new(db, row)
