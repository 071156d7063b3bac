"""What agents and drivers are given."""

import pytest
from oslo_config import cfg

from tests.options import defaults
from tests.unit.compute.sleeper import Sleeper


@pytest.fixture
def conf() -> cfg.ConfigOpts:
    return defaults()


@pytest.fixture
def clock() -> Sleeper:
    return Sleeper()
