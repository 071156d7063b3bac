"""Hosts that are what the flavor's extra specs ask for."""

import numpy as np
from oslo_config import cfg

from minicloud.scheduler.attributes import NOWHERE, at, satisfying, told
from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.operators import Test, compiled
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request

_SCOPE = "capabilities"


class ComputeCapabilitiesFilter:
    """Every spec in the scope `capabilities` matches the fact that its path leads to. So does one
    without a scope, unless it leads nowhere: then it is meant for others."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        mask = np.ones(len(hosts), np.bool_)
        for spec in request.specs_for(_SCOPE):
            path, test = spec.name.split(":"), _test(spec.text)
            mask &= satisfying(hosts, path, test, otherwise=not spec.is_scoped)
        return mask

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        for spec in request.specs_for(_SCOPE):
            path = spec.name.split(":")
            value = at(hosts, path, place)
            fits = not spec.is_scoped if value is NOWHERE else _test(spec.text)(value)
            if not fits:
                return Measure(f"{spec.name}: {spec.text}", told(hosts, path, place))
        return Measure("its extra specs", "all of them")


def _test(spec: str) -> Test:
    """Whatever a fact is, Nova compares its text: "<in> vm" is in a list with vmx."""
    test = compiled(spec)
    return lambda value: value is not None and test(str(value))
