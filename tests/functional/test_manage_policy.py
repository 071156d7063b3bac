"""minicloud-manage policy: what is in force, and who may do what by it."""

import json
from pathlib import Path
from typing import Any

import pytest
from oslo_config import cfg

from minicloud import conf as options
from minicloud.api.routes import ROWS
from minicloud.cmd import manage
from minicloud.errors import CannotStart

CREATE = "os_compute_api:servers:create"


@pytest.fixture(autouse=True)
def file(tmp_path: Path) -> Path:
    (tmp_path / "minicloud.conf").touch()
    return tmp_path / "policy.yaml"


def _run(file: Path, *words: str) -> int:
    """The exit code."""
    conf = options.register_opts(cfg.ConfigOpts())
    conf.register_cli_opt(cfg.SubCommandOpt("command", handler=manage._add_commands))
    arguments = ["--config-file", str(file.with_name("minicloud.conf")), "policy", *words]
    conf(arguments, project="minicloud")
    try:
        conf.command.run(conf)
    except SystemExit as end:
        return int(str(end.code))
    return 0


def _json(file: Path, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    _run(file, *words, "--json")
    return json.loads(capsys.readouterr().out)


def test_a_list_tells_what_counts_in_the_end_and_what_it_stands_for(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {line["rule"]: line for line in _json(file, capsys, "list")}

    assert found[CREATE] == {
        "rule": CREATE,
        "check": "(role:member and project_id:%(project_id)s) or role:admin",
        "default": "rule:project_member_or_admin",
        "overridden": "",
        "operations": ["POST /servers"],
    }
    assert found["os_compute_api:os-pause-server:pause"]["operations"] == [
        "POST /servers/{server_id}/action (pause)"
    ]
    assert {row.rule for row in ROWS} - {"minicloud:gone"} <= set(found)


def test_an_override_is_listed_with_its_file_and_line(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(f'# ours\n"{CREATE}": "not rule:context_is_admin"\n')

    (line,) = _json(file, capsys, "list", "--overridden")

    assert (line["rule"], line["check"]) == (CREATE, "not role:admin")
    assert line["overridden"] == f"{file}, line 2"


@pytest.mark.parametrize(
    ("words", "some", "none"),
    [
        (("servers", "CREATE"), CREATE, "os_compute_api:servers:show"),
        (("/os-keypairs",), "os_compute_api:os-keypairs:create", CREATE),
        (("--as", "reader"), "os_compute_api:servers:show", CREATE),
        (("--as", "service"), "os_compute_api:os-server-external-events:create", CREATE),
        (("--as", "manager"), "os_compute_api:os-migrate-server:migrate", "admin_api"),
    ],
)
def test_a_list_is_narrowed_by_words_and_by_persona(
    file: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], some: str, none: str
) -> None:
    found = {line["rule"] for line in _json(file, capsys, "list", *words)}

    assert some in found
    assert none not in found


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((CREATE, "--as", "member"), 0),
        ((CREATE, "--as", "reader"), 3),
        ((CREATE, "--as", "member", "--target", "project_id=other"), 3),
        ((CREATE, "--as", "admin", "--target", "project_id=other"), 0),
        ((CREATE, "--roles", "member", "--project", "p1", "--target", "project_id=p1"), 0),
        ((CREATE, "--roles", ""), 3),
        (("POST /servers", "--as", "reader"), 3),
        (("post /v2.1/servers", "--as", "member"), 0),
        (("GET /servers/detail", "--as", "reader"), 0),
        (("POST /servers/x/action (os-start)", "--as", "member"), 0),
        (("POST /servers/x/action (migrate)", "--as", "manager"), 0),
        (("POST /servers/x/action (migrate)", "--as", "member"), 3),
        (("POST /os-server-external-events", "--as", "service"), 0),
        (("POST /os-server-external-events", "--as", "manager"), 3),
        (("GET /os-keypairs", "--roles", "x", "--user", "u", "--target", "user_id=v"), 3),
        (("GET /os-keypairs", "--roles", "x", "--user", "u", "--target", "user_id=u"), 0),
        (("GET /os-cloudpipe", "--as", "reader"), 0),
    ],
)
def test_a_check_answers_by_its_exit_code(file: Path, words: tuple[str, ...], code: int) -> None:
    assert _run(file, "check", *words) == code


def test_a_refusal_is_explained_by_what_decides(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shown,) = _json(file, capsys, "check", CREATE, "--as", "reader")
    _run(file, "check", CREATE, "--as", "reader")
    tree = capsys.readouterr().out

    assert shown["decided_by"] == [
        "role:member (the roles are reader)",
        "role:admin (the roles are reader)",
    ]
    assert "servers:create: refused" in tree
    assert "yes project_id:%(project_id)s" in tree
    assert "no role:member  (the roles are reader)" in tree


@pytest.mark.parametrize(
    ("check", "roles", "decided_by"),
    [
        ("role:a or role:b", "b", ["role:b"]),
        ("role:a and role:b", "b", ["role:a"]),
        ("role:a and role:b", "a,b", ["role:a", "role:b"]),
        ("role:a and role:b", "c", ["role:a"]),
        ("role:a or role:b", "a,b", ["role:a"]),
        ("role:a or role:b", "c", ["role:a", "role:b"]),
        ("not role:a", "a", ["role:a"]),
        ("not (role:a and role:b)", "a", ["role:b"]),
        ("rule:project_reader_api and not role:b", "reader,b", ["role:b"]),
        ("@", "a", ["@"]),
        ("!", "a", ["!"]),
        ("user_id:%(owner)s", "a", ["user_id:%(owner)s"]),
    ],
)
def test_what_decides_is_what_the_verdict_hangs_on(
    file: Path,
    capsys: pytest.CaptureFixture[str],
    check: str,
    roles: str,
    decided_by: list[str],
) -> None:
    file.write_text(f'"{CREATE}": "{check}"\n')

    (shown,) = _json(file, capsys, "check", CREATE, "--roles", roles)

    assert [reason.partition(" (")[0] for reason in shown["decided_by"]] == decided_by


def test_every_route_is_judged_for_own_things_and_for_those_of_others(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = _json(file, capsys, "check", "--all", "--as", "member")

    found = {line["operation"]: (line["own"], line["others"]) for line in lines}
    assert found["GET /servers/{server_id}"] == (True, False)
    assert found["GET /flavors"] == (True, True)
    assert found["POST /flavors"] == (False, False)
    assert found["POST /servers/{server_id}/action (lock)"] == (True, False)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("os_compute_api:servers:shwo", "--as", "admin"), "did you mean os_compute_api:servers:"),
        (("GET /nothing", "--as", "admin"), "there is no route"),
        (("PATCH /servers", "--as", "admin"), "knows GET, POST, and no PATCH"),
        (("POST /servers/x/action (migrat)", "--as", "admin"), "did you mean migrate"),
        ((CREATE, "--as", "admin", "--target", "p2"), "expected NAME=VALUE"),
        (("--as", "admin"), "name a rule or a request"),
        ((CREATE, "--all", "--as", "admin"), "name a rule or a request"),
    ],
)
def test_what_cannot_be_checked_is_one_clear_line(
    file: Path, words: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(CannotStart, match=reason.replace("(", r"\(")) as refused:
        _run(file, "check", *words)

    assert "\n" not in str(refused.value)


def test_a_broken_file_is_told_with_its_line(file: Path) -> None:
    file.write_text(f'"{CREATE}": "roel:admin"\n')

    with pytest.raises(CannotStart, match=r"policy\.yaml: line 1: .*did you mean role"):
        _run(file, "list")


def test_names_are_whole_however_narrow_the_terminal_is(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")

    _run(file, "list", "os-migrate-server")

    said = capsys.readouterr().out.splitlines()
    assert "os_compute_api:os-migrate-server:migrate_live:host" in said
    assert "    Requests: POST /servers/{server_id}/action (os-migrateLive)" in said


def test_a_list_of_nothing_says_so(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _run(file, "list", "--overridden")

    assert capsys.readouterr().out == "nothing fits that\n"
