"""minicloud-manage quota, over the books that the API serves from."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from oslo_config import cfg

from minicloud import conf as options
from minicloud.cmd import manage_quota
from minicloud.cmd.bootstrap import bootstrap
from minicloud.db import identity, instances, quotas
from minicloud.db.engine import Database
from minicloud.db.models import Project
from minicloud.errors import CannotStart
from tests.contract.db.rows import instance
from tests.functional.over_books import application, asked, database

__all__ = ["database"]  # a fixture

Manage = Callable[..., str]


@pytest.fixture
def manage(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Manage:
    """What a command prints. Options of the configuration are given as group__name."""

    def run(words: str, **settings: Any) -> str:
        conf = options.register_opts(cfg.ConfigOpts())
        conf.register_cli_opt(cfg.SubCommandOpt("command", handler=manage_quota.add_commands))
        conf(["quota", *words.split()], default_config_files=[], default_config_dirs=[])
        url = database.engine.url.render_as_string(hide_password=False)
        conf.set_override("connection", url, "database")
        conf.set_override("state_path", str(tmp_path))
        for name, value in settings.items():
            group, _, option = name.partition("__")
            conf.set_override(option, value, group)
        if not database.read(lambda db: identity.names(db, Project, 1)):
            bootstrap(database, conf, "secret")
        capsys.readouterr()
        conf.command.run(conf)
        return capsys.readouterr().out

    return run


def _id(database: Database, name: str) -> str:
    reference = identity.Reference(name=name, domain_id="default")
    found = database.read(lambda db: identity.project(db, reference))
    assert found is not None
    return found.id


def _rows(shown: str) -> dict[str, list[str]]:
    """resource -> the other cells."""
    lines = [line for line in shown.splitlines() if line.startswith("│")]
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]
    return {row[0]: row[1:] for row in cells}


def test_a_project_is_shown_with_limits_and_what_is_used(
    manage: Manage, database: Database
) -> None:
    manage("defaults")
    project = _id(database, "demo")
    rows = [instance(project_id=project, user_id="alice") for _ in range(9)]
    database.write(lambda db: instances.insert(db, rows))

    shown = manage("show --project demo")

    assert project in shown
    found = _rows(shown)
    assert found["instances"][:2] == ["10", "9"]
    assert found["instances"][2] == "█" * 18 + "░" * 2 + " 90%"
    assert found["ram"][:2] == ["51200", str(9 * 1024)]
    assert found["key_pairs"] == ["100", "", ""]
    assert _rows(manage(f"show --tenant {project} --user admin"))["instances"][1] == "0"


def test_what_is_changed_counts_in_the_api_at_once_and_is_put_back(
    manage: Manage, database: Database, tmp_path: Path
) -> None:
    said = manage("update demo --instances 7 --cores -1 --key-pairs 3")
    api, project = application(database, tmp_path), _id(database, "demo")

    def limits() -> Any:
        path = f"/os-quota-sets/{project}"
        return asked(api, "GET", path, user=f"me:{project}").json["quota_set"]

    assert said.splitlines() == [
        "demo: instances 10 -> 7",
        "demo: cores 20 -> unlimited",
        "demo: key_pairs 100 -> 3",
    ]
    assert (limits()["instances"], limits()["cores"], limits()["key_pairs"]) == (7, -1, 3)
    assert _rows(manage("show --project demo"))["cores"] == ["unlimited", "0", ""]
    manage("delete --project demo")
    assert (limits()["instances"], limits()["cores"]) == (10, 20)


def test_a_user_has_limits_that_go_with_the_user_alone(manage: Manage) -> None:
    manage("update demo --cores 10")
    manage("update demo --user alt_demo --cores 4")

    assert _rows(manage("show --project demo --user alt_demo"))["cores"][0] == "4"
    assert _rows(manage("show --project demo --user demo"))["cores"][0] == "10"
    manage("delete --project demo --user alt_demo")
    assert _rows(manage("show --project demo --user alt_demo"))["cores"][0] == "10"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("show --project nobody", "no project 'nobody'; there are admin, .*demo"),
        ("show --project demo --user nobody", "no user 'nobody'; there are admin"),
        ("update demo", "name a limit to change"),
        ("class-update gold", "name a limit to change"),
        ("update demo --cores 1", "greater than or equal to already used .* 2. .--force"),
        ("update demo --user demo --cores 99", "less than or equal to 20. .--force"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    manage: Manage, database: Database, words: str, reason: str
) -> None:
    manage("defaults")
    rows = [instance(project_id=_id(database, "demo")) for _ in range(2)]
    database.write(lambda db: instances.insert(db, rows))

    with pytest.raises(CannotStart, match=reason):
        manage(words)


def test_force_sets_a_limit_below_what_is_used(manage: Manage, database: Database) -> None:
    manage("defaults")
    rows = [instance(project_id=_id(database, "demo"))]
    database.write(lambda db: instances.insert(db, rows))

    manage("update demo --instances 0 --force")

    assert _rows(manage("show --project demo"))["instances"] == ["0", "1", "█" * 20 + " 100%"]


@pytest.mark.parametrize("number", ["many", "-2", "2147483648", "1.5"])
def test_a_limit_is_a_number_that_the_api_takes_too(
    manage: Manage, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        manage(f"update demo --cores {number}")

    assert "error: argument --cores" in capsys.readouterr().err


def test_the_class_default_is_everybodys_and_another_is_its_projects(
    manage: Manage, database: Database, tmp_path: Path
) -> None:
    assert manage("class-update default --ram 4096") == "class default: ram 51200 -> 4096\n"
    manage("class-update gold --instances 500")
    classes = tmp_path / "limits.yaml"
    classes.write_text(f"limits: []\nclasses: {{{_id(database, 'demo')}: gold}}\n")
    in_classes = {"ratelimit__enabled": True, "ratelimit__limits_file": str(classes)}

    assert _rows(manage("defaults"))["ram"] == ["4096"]
    assert _rows(manage("class-show gold"))["instances"] == ["500"]
    demo, admin = (manage(f"show --project {one}", **in_classes) for one in ("demo", "admin"))
    assert "class gold" in demo
    assert (_rows(demo)["instances"][0], _rows(demo)["ram"][0]) == ("500", "4096")
    assert _rows(admin)["instances"][0] == "10"


def test_of_a_keystone_of_its_own_any_id_is_a_projects(manage: Manage, database: Database) -> None:
    manage("defaults")

    manage("update 5f3c --cores 3", identity__external=True)

    found = database.read(lambda db: quotas.limits(db, "5f3c", None, quotas.Usual({})))
    assert found == {"cores": 3}
