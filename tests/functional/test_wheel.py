"""What is installed from a wheel, far from any checkout, works."""

import os
import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from minicloud.runtime.ports import free_port

_ROOT = Path(__file__).parent.parent.parent
_KEPT = shutil.ignore_patterns(
    ".git", ".venv", ".tox", "*.egg-info", "__pycache__", "build", "dist", ".*_cache"
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin directory of a new environment that has the wheel, and our dependencies only."""
    here = tmp_path_factory.mktemp("wheel")
    shutil.copytree(_ROOT, here / "checkout", ignore=_KEPT)
    _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", here, here / "checkout")
    (wheel,) = here.glob("minicloud-*.whl")
    shutil.rmtree(here / "checkout")
    venv.create(here / "venv", with_pip=True)
    python = here / "venv" / "bin" / "python"
    _run(python, "-m", "pip", "install", "-q", "--no-deps", wheel)
    (packages,) = (here / "venv" / "lib").glob("python*/site-packages")
    dependencies = [place for place in site.getsitepackages() if Path(place).is_dir()]
    (packages / "dependencies.pth").write_text("\n".join(dependencies))
    return python.parent


def _run(*words: object, **environment: str) -> str:
    """Run it without what the tests themselves are told of where to look for modules."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in words],
        capture_output=True,
        text=True,
        timeout=300,
        cwd="/",
        env={**inherited, **environment},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_runs_its_own_code(installed: Path) -> None:
    found = _run(installed / "python", "-c", "import minicloud; print(minicloud.__file__)")

    assert found.startswith(str(installed.parent))


def test_migrations_travel_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    conf = tmp_path / "minicloud.conf"
    conf.write_text(f"[database]\nconnection = sqlite:///{tmp_path}/books.sqlite\n")

    said = _run(installed / "minicloud-manage", "--config-file", conf, "db", "sync")

    assert said.startswith("schema: none -> ")


def test_a_cloud_starts_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    state, port = tmp_path / "state", free_port()

    said = _run(installed / "minicloud", "up", "--detach", "--port", port, "--state-dir", state)
    _run(installed / "minicloud", "down", "--state-dir", state)

    assert f"http://127.0.0.1:{port}" in said
