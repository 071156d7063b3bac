"""The oslopolicy tools over our rules, and a file of an operator's."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import yaml

from tests.functional.service_client import begin, login

ROOT = Path(__file__).parent.parent.parent
SHOW, CREATE = "os_compute_api:servers:show", "os_compute_api:servers:create"
GROUP = "oslo.policy.enforcer"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A configuration; and, for an installation older than it, the entry point of setup.cfg."""
    (tmp_path / "minicloud.conf").write_text(
        f"[oslo_policy]\npolicy_file = {tmp_path / 'policy.yaml'}\n"
    )
    if not entry_points(group=GROUP, name="minicloud"):
        declared = re.search(rf"^{GROUP} =\n    (.*)$", (ROOT / "setup.cfg").read_text(), re.M)
        assert declared
        info = tmp_path / "extra" / "minicloud_extra-0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: minicloud-extra\nVersion: 0\n"
        )
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{declared[1]}\n")
    return tmp_path


def _tool(directory: Path, name: str, *words: str) -> tuple[int, str]:
    path = os.pathsep.join([str(directory / "extra"), os.environ.get("PYTHONPATH", str(ROOT))])
    done = subprocess.run(
        [str(Path(sys.executable).parent / name), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def _over(directory: Path, name: str, *words: str) -> tuple[int, str]:
    """A tool that reads the operator's file."""
    conf = str(directory / "minicloud.conf")
    return _tool(directory, name, "--namespace", "minicloud", "--config-file", conf, *words)


def test_list_redundant_names_what_is_the_default_anyway(directory: Path) -> None:
    (directory / "policy.yaml").write_text(
        f'"{SHOW}": "rule:project_reader_or_admin"\n"{CREATE}": "role:x"\n'
    )

    code, out = _over(directory, "oslopolicy-list-redundant")

    assert code == 0
    assert out.splitlines() == [f'"{SHOW}": "rule:project_reader_or_admin"']


def test_policy_generator_and_checker_say_what_a_token_of_ours_may(directory: Path) -> None:
    cloud = begin(directory)
    (directory / "policy.yaml").write_text(f'"{CREATE}": "role:nobody"\n')
    whole, access = directory / "whole.yaml", directory / "token.json"
    token = cloud.ask("POST", "/v3/auth/tokens", login("demo_reader", "demo")).json
    access.write_text(json.dumps(token))

    code, _ = _over(directory, "oslopolicy-policy-generator", f"--output-file={whole}")
    _, out = _tool(directory, "oslopolicy-checker", f"--policy={whole}", f"--access={access}")

    assert code == 0
    assert yaml.safe_load(whole.read_text())[CREATE] == "role:nobody"
    assert f"passed: {SHOW}" in out.splitlines()
    assert f"failed: {CREATE}" in out.splitlines()


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        (f'"{SHOW}": "role:reader"\n', 0, ""),
        (f'"{SHOW}": "rule:nobody"\n', 1, "Invalid rules found"),
        ('"os_compute_api:servers:shwo": "@"\n', 1, "Unknown rule found"),
    ],
)
def test_validator_finds_what_is_wrong(directory: Path, text: str, code: int, word: str) -> None:
    (directory / "policy.yaml").write_text(text)

    done, out = _over(directory, "oslopolicy-validator")

    assert (done, word in out) == (code, True)


def test_sample_generator_writes_a_file_that_changes_nothing(directory: Path) -> None:
    made = directory / "policy.yaml"

    code, _ = _tool(
        directory, "oslopolicy-sample-generator", "--namespace=minicloud", f"--output-file={made}"
    )

    assert code == 0
    assert yaml.safe_load(made.read_text()) is None
    assert f'#"{SHOW}": "rule:project_reader_or_admin"' in made.read_text()


def test_policy_upgrade_writes_the_present_name(directory: Path) -> None:
    """Of what was renamed; of what was split, the tool of oslo.policy 6.0 makes a traceback."""
    old, new = directory / "old.yaml", directory / "new.yaml"
    old.write_text('"os_compute_api:os-used-limits": "role:x"\n')

    words = ("--namespace=minicloud", f"--policy={old}", f"--output-file={new}")
    code, _ = _tool(directory, "oslopolicy-policy-upgrade", *words)

    assert code == 0
    assert yaml.safe_load(new.read_text()) == {"os_compute_api:limits:other_project": "role:x"}


def test_convert_json_to_yaml_keeps_what_was_overridden(directory: Path) -> None:
    old, new = directory / "policy.json", directory / "new.yaml"
    old.write_text(json.dumps({SHOW: "role:x", CREATE: "rule:project_member_or_admin"}))

    words = ("--namespace=minicloud", f"--policy-file={old}", f"--output-file={new}")
    code, _ = _tool(directory, "oslopolicy-convert-json-to-yaml", *words)

    assert code == 0
    assert yaml.safe_load(new.read_text()) == {SHOW: "role:x"}
