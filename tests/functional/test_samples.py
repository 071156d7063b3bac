"""The sample files are what the generators make of the options and rules there are."""

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parent.parent.parent
_ETC = _ROOT / "etc" / "minicloud"


def _run(program: str, *words: str) -> None:
    command = [str(Path(sys.executable).parent / program), *words]
    subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, timeout=120)


def test_the_configuration_sample_is_what_genconfig_writes(tmp_path: Path) -> None:
    made = tmp_path / "minicloud.conf.sample"

    _run(
        "oslo-config-generator",
        "--config-file=tools/minicloud-config-generator.conf",
        f"--output-file={made}",
    )

    assert made.read_text() == (_ETC / "minicloud.conf.sample").read_text()


def test_the_policy_sample_is_what_genconfig_writes(tmp_path: Path) -> None:
    made = tmp_path / "policy.yaml.sample"

    _run("oslopolicy-sample-generator", "--namespace=minicloud", f"--output-file={made}")

    assert made.read_text() == (_ETC / "policy.yaml.sample").read_text()
