"""minicloud-manage limits, on a file and on a real Redis."""

import io
import itertools
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from oslo_config import cfg

from minicloud import conf as options
from minicloud.api.ratelimit import notation, sources
from minicloud.api.ratelimit.limit import Limit
from minicloud.api.ratelimit.limiter import Caller, Limiter
from minicloud.api.ratelimit.redis_store import client_of
from minicloud.cmd import limited, manage_limits
from minicloud.cmd.parts import Parts
from minicloud.errors import CannotStart
from minicloud.rpc.direct import DirectLine
from minicloud.runtime import steps
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.files import shipped
from tests.servers import Servers
from tests.waiting import until

NUMBERS = itertools.count(1)
TEXT = """\
# Ours.
limits:
  - name: create   # dear
    verbs: [POST]
    uri: /servers
    value: 50
    unit: MINUTE
  - name: delete
    verbs: [DELETE]
    value: 100
    unit: HOUR
"""


@dataclass
class Operator:
    """Runs commands on limits that are in `file`, or in Redis and began as they are in `file`."""

    file: Path
    store: str
    name: str
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> str:
        """What the command prints; CannotStart is what it refuses, with exit code 1."""
        conf = self.conf("limits", *words)
        self.capsys.readouterr()
        conf.command.run(conf)
        return self.capsys.readouterr().out

    def conf(self, *arguments: str) -> cfg.ConfigOpts:
        conf = options.register_opts(cfg.ConfigOpts())
        conf.register_cli_opt(cfg.SubCommandOpt("command", handler=manage_limits.add_commands))
        conf(
            list(arguments) or ["limits", "dump"], default_config_files=[], default_config_dirs=[]
        )
        values = {"limits_file": str(self.file), "store": self.store, "enabled": True}
        values |= {"key_prefix": self.name, "control_channel": self.name, "store_timeout_s": 5}
        for option, value in values.items():
            conf.set_override(option, value, "ratelimit")
        return conf

    def limits(self) -> dict[str, Limit]:
        return {limit.name: limit for limit in notation.read(self.run("dump"), "").limits}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a space" / "limits.yaml"
    path.parent.mkdir()
    path.write_text(TEXT)
    return path


@pytest.fixture
def on_file(file: Path, capsys: pytest.CaptureFixture[str]) -> Operator:
    return Operator(file, "memory", "none", capsys)


@pytest.fixture
def on_redis(file: Path, servers: Servers, capsys: pytest.CaptureFixture[str]) -> Operator:
    name = f"test-{os.getpid()}-{next(NUMBERS)}"
    return Operator(file, servers.get("redis").url, name, capsys)


@pytest.fixture(params=["on_file", "on_redis"])
def operator(request: pytest.FixtureRequest) -> Operator:
    """Where the limits are makes no difference."""
    found: Operator = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def serve(on_redis: Operator) -> Iterator[Callable[[], Limiter]]:
    """The part of an API process that limits."""
    running: list[Parts] = []

    def one_more() -> Limiter:
        conf = on_redis.conf()
        conf.set_override("host", f"api-{len(running) + 1}")
        running.append(Parts(conf, DirectLine(), SystemClock(), steps.nothing))
        (limiter,) = limited.limiters(conf, running[-1], SystemClock())
        return limiter

    yield one_more
    for each in running:
        each.stop()


def test_what_counts_is_shown(operator: Operator) -> None:
    said = operator.run("show")

    assert "create  POST    /servers     50  MINUTE  user      *" in said
    assert "delete  DELETE  *           100  HOUR    user      *" in said
    assert ("in redis://127.0.0.1:" in said) == (operator.store != "memory")
    assert "password" not in operator.store
    secret = operator.store.rpartition("@")[0].rpartition(":")[2]
    assert not secret or secret not in said


def test_a_limit_is_made_and_changed_in_what_is_named(operator: Operator) -> None:
    said = operator.run(
        "set", "act", "--verb", "POST,PUT", "--uri", "/servers/{id}/action", "--value", "3",
        "--unit", "90", "--per", "project", "--class", "gold", "--query", "q", "--each", "id",
        "--require", "id=[0-9]+",
    )  # fmt: skip

    act = Limit(
        "act",
        frozenset({"POST", "PUT"}),
        "/servers/{id}/action",
        3,
        90,
        {"id": "[0-9]+"},
        ("q",),
        ("id",),
        "project",
        "gold",
    )
    assert operator.limits()["act"] == act
    assert said.startswith(
        "act: 3 POST, PUT calls per 90 SECONDS to /servers/{id}/action where id is [0-9]+ with q "
        "for each project and each id of class gold (new)\n"
    )
    said = operator.run("set", "act", "--value", "4", "--class", "", "--query", "")
    assert "\n  it was act: 3 POST, PUT calls" in said
    changed = operator.limits()["act"]
    assert (changed.value, changed.limit_class, changed.queries) == (4, None, ())
    assert changed.requirements == act.requirements
    assert operator.run("set", "act", "--value", "4").partition("\n")[0].endswith("(as it was)")
    assert list(operator.limits()) == ["create", "delete", "act"]


def test_versions_rise_with_every_change(operator: Operator) -> None:
    def version(said: str) -> int:
        return int(said.partition(" version ")[2].split()[0])

    first = version(operator.run("set", "create", "--value", "1"))
    second = version(operator.run("set", "create", "--value", "2"))

    assert 1_700_000_000_000 < first < second


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("set more --value 3", "there is no limit 'more' yet: a new one needs --value and --unit"),
        ("set creat --value 3", "--value and --unit; did you mean create?"),
        ("set more --value 3 --unit MINUTES", "'MINUTES' is none of ... ; did you mean MINUTE?"),
        ("set more --value 3 --unit 1 --per usr", "'usr' is none of ... ; did you mean user?"),
        ("set create --value many", "'many' is no whole number of calls"),
        ("set create --value 0", "limit 'create': value must be a whole number from 1 to"),
        ("set create --verb PSOT", "there is no verb 'PSOT'; did you mean POST?"),
        ("set create --uri servers", "limit 'create': uri 'servers' must begin with / or be *"),
        ("set create --each id", "limit 'create': use: the uri has no variable 'id'"),
        ("set create --require id", "--require id: VARIABLE=EXPRESSION is wanted"),
        ("unset creat", "there is no limit 'creat'; did you mean create?; there are: create, de"),
        ("unset create xyz", "there is no limit 'xyz'; there are: create, delete"),
        ("import (POST)", "limit 1 of the text, (POST): five parts are wanted"),
        ("load /nowhere/limits.yaml", "/nowhere/limits.yaml: No such file or directory"),
        ("show --user u", "--user: name the project as well"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line_and_changes_nothing(
    operator: Operator, words: str, reason: str
) -> None:
    before = operator.run("dump")

    with pytest.raises(CannotStart) as said:
        operator.run(*words.split())

    assert all(part in str(said.value) for part in reason.split(" ... "))
    assert "\n" not in str(said.value)
    assert operator.run("dump") == before


def test_limits_are_taken_away(operator: Operator) -> None:
    said = operator.run("unset", "create", "delete")

    assert said.startswith("gone: create, delete; limits: 0\n")
    assert operator.limits() == {}
    assert "there are no limits" in operator.run("show")


def test_a_project_is_given_a_class(operator: Operator) -> None:
    assert operator.run("class", "0123") == "default\n"

    said = operator.run("class", "0123", "gold")

    assert "project 0123 is of class gold\n" in said
    assert "note: there is no limit of this class yet" in said
    assert operator.run("class", "0123") == "gold\n"
    assert "0123     gold" in operator.run("show")
    operator.run("set", "create", "--class", "gold")
    assert "note" not in operator.run("class", "4567" * 8, "gold")
    assert "project 0123 is of class default" in operator.run("class", "0123", "default")
    assert operator.run("class", "0123") == "default\n"


def test_a_project_that_looks_like_a_name_is_doubted(operator: Operator) -> None:
    said = operator.run("class", "demo", "gold")

    assert "note: 'demo' does not look like the id of a project" in said


def test_limits_of_an_old_nova_are_added(operator: Operator) -> None:
    said = operator.run(
        "import", '(POST, "*", .*, 10, MINUTE);(POST, "*/servers", ^/servers, 5, DAY)'
    )

    assert said.startswith("nova-post: 10 POST calls per MINUTE to every path for each user\n")
    assert list(operator.limits()) == ["create", "delete", "nova-post", "nova-post-servers"]
    operator.run("import", '(POST, "*", .*, 20, MINUTE)')
    assert operator.limits()["nova-post"].value == 20


def test_what_is_dumped_can_be_loaded_again(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.run("class", "p1", "gold")
    text = operator.run("dump")
    other = tmp_path / "other.yaml"
    other.write_text("limits: []\n")

    assert "limits: 0; classes of projects: 0" in operator.run("load", str(other))
    assert operator.limits() == {}
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    operator.run("load", "-")

    assert operator.run("dump") == text
    other.write_text("limits: [{name: a, value: x, unit: 1}]")
    with pytest.raises(CannotStart, match=f"{other}, line 1: limit 'a': value: 'x'"):
        operator.run("load", str(other))


def test_changes_by_many_operators_at_once_are_all_there(operator: Operator) -> None:
    confs = [
        operator.conf("limits", "set", f"limit-{n}", "--value", "1", "--unit", "1")
        for n in range(12)
    ]

    with ThreadPoolExecutor(6) as operators:
        list(operators.map(lambda conf: conf.command.run(conf), confs))

    assert {f"limit-{n}" for n in range(12)} < operator.limits().keys()


def test_comments_of_a_file_stay(on_file: Operator) -> None:
    on_file.run("set", "create", "--value", "60")
    on_file.run("class", "p1", "gold")

    assert on_file.file.read_text() == TEXT.replace("50", "60") + "\nclasses:\n  p1: gold\n"


def test_a_file_that_must_be_written_anew_is_said_to_be(on_file: Operator) -> None:
    on_file.file.write_text("# top\nlimits: [{name: a, value: 1, unit: 1}]  # flow\n")

    said = on_file.run("set", "b", "--value", "1", "--unit", "1")

    assert "was written anew; of its comments those at the top are left" in said
    assert on_file.file.read_text().startswith("# top\nlimits:\n")


def test_a_file_keeps_its_mode_and_may_be_behind_a_link(on_file: Operator) -> None:
    real = on_file.file.rename(on_file.file.with_name("real.yaml"))
    real.chmod(0o640)
    on_file.file.symlink_to(real)

    on_file.run("set", "create", "--value", "60")

    assert on_file.file.is_symlink()
    assert "value: 60" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in sorted(real.parent.iterdir())] == ["limits.yaml", "real.yaml"]


def test_a_broken_file_is_said_to_be_and_left(on_file: Operator) -> None:
    on_file.file.write_text("limits:\n- nam: a\n")

    for words in (["show"], ["dump"], ["reload"], ["set", "a", "--value", "1", "--unit", "1"]):
        with pytest.raises(CannotStart, match="line 2: a limit: there is no 'nam' here"):
            on_file.run(*words)
    assert on_file.file.read_text() == "limits:\n- nam: a\n"


def test_a_file_that_cannot_be_replaced_is_said_to_be(
    on_file: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "fsync", refuse)

    with pytest.raises(CannotStart, match=r"cannot write .*limits\.yaml: Permission denied"):
        on_file.run("set", "create", "--value", "60")


def test_the_shipped_file_is_not_changed(on_file: Operator) -> None:
    on_file.file = shipped("etc/minicloud/limits.yaml")
    before = on_file.file.read_text()

    with pytest.raises(CannotStart, match="came with the program and is not changed: copy it"):
        on_file.run("set", "create", "--value", "60")

    assert on_file.file.read_text() == before
    assert "create-servers" in on_file.run("show")


def test_a_reload_of_a_file_checks_it(on_file: Operator) -> None:
    said = on_file.run("reload")

    assert "can be read: 2 limits" in said
    assert "each API process looks at the file itself" in said


def test_without_redis_there_is_nobody_to_ping(on_file: Operator) -> None:
    with pytest.raises(CannotStart, match=r"without a Redis .* have no channel"):
        on_file.run("ping")
    with pytest.raises(CannotStart, match="openstack limits show --rate"):
        on_file.run("show", "--project", "p")


def test_a_redis_that_has_none_begins_with_the_file(on_redis: Operator) -> None:
    assert "of the file: Redis has none yet" in on_redis.run("show")

    on_redis.run("set", "create", "--value", "60")

    assert on_redis.limits()["create"].value == 60
    assert on_redis.limits()["delete"].value == 100
    assert on_redis.file.read_text() == TEXT


@pytest.mark.parametrize(
    "words", [["show"], ["dump"], ["ping"], ["reload"], ["class", "p", "c"], ["unset", "create"]]
)
def test_a_redis_that_is_away_is_one_line_without_its_password(
    on_redis: Operator, words: list[str]
) -> None:
    on_redis.store = "redis://:hidden@127.0.0.1:1/0"

    with pytest.raises(
        CannotStart, match=r"Redis of the limits, redis://127\.0\.0\.1:1/0,"
    ) as said:
        on_redis.run(*words)

    assert "hidden" not in str(said.value)
    assert "\n" not in str(said.value)


def test_an_address_that_is_none_is_one_line(on_redis: Operator) -> None:
    on_redis.store = "redys://127.0.0.1"

    with pytest.raises(CannotStart, match=r"\[ratelimit\] store: neither memory nor an address"):
        on_redis.run("show")


def test_a_table_that_cannot_be_read_is_replaced_by_load(on_redis: Operator, file: Path) -> None:
    client = client_of(on_redis.store, 5.0)
    held = sources.redis_table(on_redis.conf(), client)
    client.hset(held.key, mapping={"version": 5, "table": "{"})

    with pytest.raises(CannotStart, match="limits load FILE"):
        on_redis.run("show")
    on_redis.run("load", str(file))

    assert "create" in on_redis.limits()
    client.close()


def test_processes_that_hear_are_shown_with_what_they_go_by(
    on_redis: Operator, serve: Callable[[], Limiter]
) -> None:
    with pytest.raises(CannotStart, match="no API process hears on the channel"):
        on_redis.run("ping")
    with pytest.raises(CannotStart, match="no API process hears"):
        on_redis.run("reload")
    assert "no API process hears" in on_redis.run("show")

    limiters = [serve(), serve()]
    until(lambda: on_redis.run("show").count("these") == 2)

    answers = on_redis.run("ping").splitlines()
    assert sorted(line.split("  ")[0] for line in answers) == [
        f"api-{n}/{os.getpid()}" for n in (1, 2)
    ]
    assert on_redis.run("reload", "--spread", "2") == "told 2 API processes\n"
    on_redis.run("set", "create", "--value", "60")
    until(lambda: all(each.table().limits[0].value == 60 for each in limiters))
    until(lambda: on_redis.run("show").count("these") == 2)


def test_errors_that_processes_had_are_shown(
    on_redis: Operator, serve: Callable[[], Limiter]
) -> None:
    serve()
    until(lambda: "these" in on_redis.run("show"))
    client = client_of(on_redis.store, 5.0)

    client.publish(on_redis.name, "_nonsense")

    until(lambda: "lately: api-1/" in on_redis.run("show"))
    assert "there is no command '_nonsense'" in " ".join(on_redis.run("show").split())
    client.close()


def test_what_a_caller_has_left_is_shown_and_not_counted(
    on_redis: Operator, serve: Callable[[], Limiter]
) -> None:
    limiter = serve()
    on_redis.run("set", "all", "--per", "project", "--value", "10", "--unit", "DAY")
    until(lambda: len(limiter.table().limits) == 3)
    for _ in range(4):
        limiter.charge(Caller("u1", "p1"), "POST", "/servers", ())

    for _ in range(3):
        said = on_redis.run("show", "--project", "p1", "--user", "u1")

    rows = {line.split()[0]: line.split() for line in said.splitlines() if line.strip()}
    assert rows["all"][5] == "6"
    assert int(rows["create"][5]) >= 46
    assert rows["delete"][5] == "100"
    said = on_redis.run("show", "--project", "p1")
    rows = {line.split()[0]: line.split() for line in said.splitlines() if line.strip()}
    assert rows["all"][5] == "6"
    assert rows["create"][5] == "-"
    assert "is told with --user ID" in said


@pytest.mark.parametrize(
    "words", [["limits", "--help"], *(["limits", w, "--help"] for w in ("set", "class", "load"))]
)
def test_help_teaches_by_example(
    words: list[str], on_file: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        on_file.conf(*words)

    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert "example" in said.rpartition("\n\n")[2]
    assert "minicloud-manage limits " in said.rpartition("\n\n")[2]


@pytest.mark.parametrize(
    "words",
    [[], ["nonsense"], ["set"], ["reload", "--spread", "soon"], ["reload", "--spread", "-1"]],
)
def test_wrong_usage_ends_with_code_2(words: list[str], on_file: Operator) -> None:
    with pytest.raises(SystemExit) as ended:
        on_file.conf("limits", *words)

    assert ended.value.code == 2
