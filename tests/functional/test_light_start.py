"""A cloud in one process starts without what only other kinds of clouds need."""

import subprocess
import sys

_ASK = """
import sys
from minicloud.cmd import embedded, parts
parts.plugin("minicloud.servicegroup.drivers", "db", "driver")
parts.plugin("minicloud.compute.drivers", "fake", "driver")
print(*sorted({"eventlet", "kazoo", "oslo_messaging", "redis", "tooz"} & set(sys.modules)))
"""


def test_the_libraries_of_stores_and_of_the_bus_are_not_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ASK], capture_output=True, text=True, check=True, timeout=120
    )

    assert done.stdout.split() == []
