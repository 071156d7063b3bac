"""What each microversion changes here: the one list that the documents and the tests are made of.

A version that changes nothing here says why. Names of minicloud.api.versions.Since stand for their
numbers in the code.
"""

from collections.abc import Mapping
from typing import Final

from minicloud.api.history import to_25, to_53, to_104
from minicloud.api.history.change import Change, Delta, deltas

HISTORY: Final[Mapping[int, Change]] = {
    change.number: change for change in to_25.CHANGES + to_53.CHANGES + to_104.CHANGES
}

__all__ = ["HISTORY", "Change", "Delta", "deltas"]
