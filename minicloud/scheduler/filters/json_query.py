"""Hosts for which the expression in the hint `query` holds."""

import numpy as np
from oslo_config import cfg

from minicloud.scheduler.attributes import told
from minicloud.scheduler.evaluation import Evaluation
from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.json_query import facts_of, parsed
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request


class JsonFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._not_is_list: bool = conf.filter_scheduler.json_filter_not_is_list

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        text = request.hint("query")
        if not text:
            return np.ones(len(hosts), np.bool_)
        return Evaluation(hosts, self._not_is_list).mask(parsed(text))

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        text = request.hint("query")
        facts = (f"{'.'.join(p)} {told(hosts, p, place)}" for p in facts_of(parsed(text)))
        return Measure(text or "anything", ", ".join(facts))
