"""All that a cloud leaves: its files, its tables, the lines of its commands and processes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psutil
import sqlalchemy as sa

from minicloud.db.engine import driver_url
from tests.functional.clouds import Cloud
from tests.functional.secrets.canaries import ARGUMENTS, CLI, LOG, Found

# As much as can be is said, and many log in.
SETTINGS: Final = ("--set", "DEFAULT.debug=true", "--set", "identity.bcrypt_rounds=5")


def of_files(root: Path) -> Iterator[Found]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield Found(_place(path.relative_to(root)), str(path), path.read_bytes())


def _place(path: Path) -> str:
    if path.parts[0] == "logs" or path.suffix == ".log":
        return LOG
    if path.parts[:2] == ("data", "guests"):
        return "file data guests"
    if path.parts[:3] == ("servers", "mariadb", "data"):
        return "file data"
    return f"file {path.parts[0].partition('.')[0]}"


def of_tables(url: str) -> Iterator[Found]:
    """Every column of every table."""
    engine = sa.create_engine(driver_url(url))
    with engine.connect() as connection:
        for name in sa.inspect(engine).get_table_names():
            for row in connection.execute(sa.text(f"SELECT * FROM {name}")).mappings():
                for column, value in row.items():
                    yield Found(f"table {name}.{column}", "a row", _bytes(value))
    engine.dispose()


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def of_commands(cloud: Cloud) -> Iterator[Found]:
    for words in (("status",), ("logs", "-n", "100000")):
        yield Found(CLI, " ".join(words), cloud.call(*words).encode())


def of_processes(pids: list[int]) -> Iterator[Found]:
    """Arguments can be seen by everybody on the machine."""
    for pid in pids:
        words = psutil.Process(pid).cmdline()
        yield Found(ARGUMENTS, f"process {pid}", "\0".join(words).encode())
