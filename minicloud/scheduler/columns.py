"""The numbers of hosts as columns: one numpy array a fact, one place a host."""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Numbers = Ints | Floats

MOST = 2**31 - 1  # that a column of the books holds
ALL = slice(None)  # places
NUMBERS = (
    "vcpus",
    "vcpus_limit",
    "vcpus_used",
    "memory_mb",
    "memory_mb_limit",
    "memory_mb_used",
    "disk_gb",
    "disk_gb_limit",
    "disk_gb_used",
    "num_instances",
    "num_io_ops",
    "failed_builds",
    "reserved_vcpus",
    "reserved_memory_mb",
    "reserved_disk_gb",
)


class Columns:
    """What the numbers come to: limits, what is used and what is free."""

    def __len__(self) -> int:
        return int(self._facts.shape[1])

    def _hold(self, facts: Ints) -> None:
        """Let columns be those of `facts`: a row a fact, NUMBERS first, and a column a host."""
        self._facts = facts
        self._columns: dict[str, Ints] = dict(zip(NUMBERS, facts, strict=False))

    def limit(self, of: str) -> Ints:
        """How far claims may fill each host: of "vcpus", "memory_mb" or "disk_gb"."""
        return self._columns[f"{of}_limit"]

    def used(self, of: str) -> Ints:
        return self._columns[f"{of}_used"]

    def reserved(self, of: str) -> Ints:
        """What each host keeps for itself."""
        return self._columns[f"reserved_{of}"]

    def limit_at(self, of: str, ratios: Floats, places: slice = ALL) -> Ints:
        """The same at other allocation ratios; NaN: the host's own."""
        total, reserved = self._columns[of][places], self._columns[f"reserved_{of}"][places]
        limit = np.clip(np.nan_to_num(ratios) * total, -1, MOST).astype(np.int64) - reserved
        return np.where(np.isnan(ratios), self.limit(of)[places], np.maximum(limit, 0))

    @property
    def free_ram_mb(self) -> Ints:
        """total x allocation ratio - reserved - claimed; below 0 when over-committed."""
        return self._columns["memory_mb_limit"] - self._columns["memory_mb_used"]

    @property
    def total_usable_ram_mb(self) -> Ints:
        return self._columns["memory_mb"]

    @property
    def free_vcpus(self) -> Ints:
        return self._columns["vcpus_limit"] - self._columns["vcpus_used"]

    @property
    def free_disk_mb(self) -> Ints:
        return (self._columns["disk_gb_limit"] - self._columns["disk_gb_used"]) * 1024

    @property
    def vcpus_total(self) -> Ints:
        return self._columns["vcpus"]

    @property
    def vcpus_used(self) -> Ints:
        return self._columns["vcpus_used"]

    @property
    def disk_mb_used(self) -> Ints:
        return self._columns["disk_gb_used"] * 1024

    @property
    def total_usable_disk_gb(self) -> Ints:
        return self._columns["disk_gb"]

    @property
    def num_instances(self) -> Ints:
        return self._columns["num_instances"]

    @property
    def num_io_ops(self) -> Ints:
        return self._columns["num_io_ops"]

    @property
    def failed_builds(self) -> Ints:
        return self._columns["failed_builds"]
