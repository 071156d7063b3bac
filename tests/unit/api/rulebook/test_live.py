"""Overrides of rules: what an edit does, and what a broken one does not."""

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from minicloud.api.policy import Policy, enforcer
from minicloud.api.rulebook.places import Places
from minicloud.errors import CannotStart
from tests.hand_clock import HandClock
from tests.unit.api.rulebook.policies import (
    CREATE,
    FLAVOR,
    SHOW,
    allowed,
    caller,
    configured,
    policy_of,
)

READER, MEMBER, ADMIN = ("reader",), ("member", "reader"), ("admin",)
CLOSED = f'"{SHOW}": "!"\n'  # a good file: nobody shows servers


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "policy.yaml"


def test_a_file_that_is_made_counts_at_the_next_request(file: Path) -> None:
    policy = policy_of(file.parent)
    assert not allowed(policy, READER, CREATE)

    file.write_text(f'"{CREATE}": "role:reader"\n')

    assert allowed(policy, READER, CREATE)


def test_an_edit_counts_at_the_next_request_and_so_does_the_next_one(file: Path) -> None:
    file.write_text(CLOSED)
    policy = policy_of(file.parent)
    seen = [allowed(policy, READER, SHOW)]

    for check in ("role:reader", "role:member", "@", "!"):
        file.write_text(f'"{SHOW}": "{check}"\n')
        seen.append(allowed(policy, READER, SHOW))

    assert seen == [False, True, False, True, False]


def test_an_edit_of_the_same_size_within_the_grain_of_the_clock_is_noticed(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(f'"{SHOW}": "!"\n')
    monkeypatch.setattr(Places, "stamps", lambda _self: {str(file): "as before"})
    policy = policy_of(file.parent)
    assert not allowed(policy, READER, SHOW)

    file.write_text(f'"{SHOW}": "@"\n')

    assert allowed(policy, READER, SHOW)


def test_a_file_that_replaces_another_with_its_times_is_noticed_long_after(file: Path) -> None:
    clock = HandClock()
    file.write_text(f'"{SHOW}": "!"\n')
    policy = policy_of(file.parent, clock)
    stamp = file.stat()
    clock.sleep(3600)
    assert not allowed(policy, READER, SHOW)  # from here on only stamps are looked at

    other = file.with_name("other")
    other.write_text(f'"{SHOW}": "@"\n')
    os.utime(other, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    other.rename(file)

    assert allowed(policy, READER, SHOW)


def test_files_of_policy_d_override_the_file_and_later_ones_earlier_ones(file: Path) -> None:
    directory = file.with_name("policy.d")
    directory.mkdir()
    file.write_text(CLOSED)
    (directory / "10.yaml").write_text(f'"{SHOW}": "role:reader"\n')
    policy = policy_of(file.parent)
    seen = [allowed(policy, READER, SHOW)]

    (directory / "20.yaml").write_text(f'"{SHOW}": "role:admin"\n')
    seen.append(allowed(policy, READER, SHOW))
    (directory / "20.yaml").write_text("# nothing\n")
    seen.append(allowed(policy, READER, SHOW))

    assert seen == [True, False, True]


def test_policy_d_may_be_made_later(file: Path) -> None:
    policy = policy_of(file.parent)
    file.with_name("policy.d").mkdir()

    (file.with_name("policy.d") / "10.yaml").write_text(CLOSED)

    assert not allowed(policy, READER, SHOW)


def _unlink(file: Path) -> None:
    file.unlink()


def _unreadable(file: Path) -> None:
    file.unlink()
    file.symlink_to(file)  # also the superuser cannot open it


def _a_directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _says(text: str | bytes) -> Callable[[Path], None]:
    def write(file: Path) -> None:
        file.write_bytes(text.encode() if isinstance(text, str) else text)

    return write


_CIRCLE = '"one": "rule:two"\n"two": "rule:one or @"\n'
_LONG = "".join(f'"r{n}": "rule:r{n + 1}"\n' for n in range(60)) + '"r60": "@"\n'
BROKEN = {
    "no YAML": (_says('"a": "@"\n"b: [\n'), "line 3"),
    "a tab": (_says("a:\n\t- b\n"), "line 2"),
    "a list": (_says("- a\n- b\n"), "it is no list of lines"),
    "a word": (_says("hello\n"), "it is no list of lines"),
    "two documents": (_says('"a": "@"\n---\n"b": "@"\n'), "it is no YAML"),
    "an object": (_says('"a": !!python/object:os.system "x"\n'), "it is no YAML"),
    "not UTF-8": (_says(b'"a": "\xff"\n'), "is not UTF-8"),
    "a control character": (_says(b'"a": "\x00"\n'), "it is no YAML"),
    "a number": (_says('"a": 5\n'), "line 1: a: a rule is a text"),
    "nothing": (_says('"a":\n'), "and not nothing"),
    "an object as rule": (_says('"a": {b: c}\n'), "a rule is a text"),
    "a number as name": (_says('5: "@"\n'), "the name of a rule is a text"),
    "a list as name": (_says('? [a]\n: "@"\n'), "line 1"),
    "given twice": (_says(f'"{SHOW}": "@"\n"{SHOW}": "@"\n'), "line 2"),
    "no check": (_says('"a": "admin"\n'), "'admin' is no check"),
    "an unknown kind": (_says('"a": "roel:admin"\n'), "did you mean role"),
    "an unknown attribute": (_says('"a": "projectid:%(project_id)s"\n'), "mean project_id"),
    "an unknown rule": (_says('"a": "rule:context_is_admn"\n'), "mean context_is_admin"),
    "an unknown rule under not": (_says('"a": "not rule:nobody"\n'), "there is no rule 'nobody'"),
    "an operator too much": (_says('"a": "role:a or"\n'), "ends where a check should follow"),
    "no operator": (_says('"a": "role:a role:b"\n'), "out of place"),
    "an open bracket": (_says('"a": "(role:a"\n'), "brackets"),
    "a closed bracket": (_says('"a": "role:a)"\n'), "brackets"),
    "empty brackets": (_says('"a": "()"\n'), "out of place"),
    "quotes": (_says('"a": "\'role:a\'"\n'), "without quotes"),
    "a bad field": (_says('"a": "user_id:%(user_id)d"\n'), "%(name)s"),
    "a wide field": (_says('"a": "user_id:%(user_id)999999999s"\n'), "%(name)s"),
    "a bad list": (_says('"a": [["role:a", 5]]\n'), "in a list a check is a text"),
    "a circle": (_says(_CIRCLE), "in a circle: one -> two -> one"),
    "a circle of one": (_says('"one": "rule:one"\n'), "in a circle: one -> one"),
    "a long way": (_says(_LONG), "over more than"),
    "deep brackets": (_says(f'"a": "{"not " * 3000}role:a"\n'), "nested too deeply"),
    "deep YAML": (_says("[" * 3000 + "\n"), "it is no YAML"),
    "empty": (_says(""), "is empty"),
    "blank": (_says("\n\n"), "is empty"),
    "too large": (_says("#" * (5 << 20)), "is larger than"),
    "gone": (_unlink, "is gone"),
    "unreadable": (_unreadable, "cannot be read"),
    "a directory": (_a_directory, "is gone"),
    "a pipe": (_a_pipe, "is no file"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_edit_changes_nothing_and_is_told_of_once_until_it_is_mended(
    kind: str, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="minicloud.api")
    broken, reason = BROKEN[kind]
    clock = HandClock()
    file.write_text(CLOSED)
    policy = policy_of(file.parent, clock)
    caplog.clear()

    broken(file)
    for _ in range(5):
        clock.sleep(1)
        assert not allowed(policy, READER, SHOW)
        assert allowed(policy, MEMBER, CREATE)

    (told,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert str(file) in told.getMessage()
    assert reason in told.getMessage()
    assert told.exc_info is None

    if file.is_dir():
        file.rmdir()
    file.unlink(missing_ok=True)
    file.write_text(f'"{SHOW}": "role:reader"\n')

    assert allowed(policy, READER, SHOW)
    assert "in order again" in caplog.text


_AT_THE_START = [kind for kind in BROKEN if kind not in ("gone", "a directory", "empty", "blank")]


@pytest.mark.parametrize("kind", _AT_THE_START)
def test_a_broken_file_refuses_the_start_and_is_named(kind: str, file: Path) -> None:
    broken, reason = BROKEN[kind]
    file.write_text(CLOSED)
    broken(file)

    with pytest.raises(CannotStart) as refused:
        policy_of(file.parent)

    assert str(file) in str(refused.value)
    assert reason in str(refused.value)


def test_a_file_that_is_named_and_is_not_there_refuses_the_start(tmp_path: Path) -> None:
    (tmp_path / "minicloud.conf").write_text("[oslo_policy]\npolicy_file = polcy.yaml\n")

    with pytest.raises(CannotStart, match=r"there is no file .*polcy\.yaml"):
        policy_of(tmp_path)


def test_a_file_that_is_being_written_waits_for_the_end_of_its_line(file: Path) -> None:
    clock = HandClock()
    file.write_text(CLOSED)
    policy = policy_of(file.parent, clock)
    whole = f'"{SHOW}": "role:reader or role:member"\n'

    for end in range(len(whole)):  # also where what is there already means something else
        file.write_text(whole[:end])
        assert not allowed(policy, ("member",), SHOW), whole[:end]
    file.write_text(whole)

    assert allowed(policy, ("member",), SHOW)


def test_a_last_line_without_end_counts_after_a_second(file: Path) -> None:
    clock = HandClock()
    policy = policy_of(file.parent, clock)
    file.write_text(CLOSED.rstrip("\n"))
    seen = [allowed(policy, READER, SHOW)]

    clock.sleep(1.5)
    seen.append(allowed(policy, READER, SHOW))

    assert seen == [True, False]


def test_a_broken_file_does_not_hold_up_the_others(file: Path) -> None:
    directory = file.with_name("policy.d")
    directory.mkdir()
    file.write_text(CLOSED)
    (directory / "10.yaml").write_text(f'"{CREATE}": "role:reader"\n')
    policy = policy_of(file.parent)

    (directory / "10.yaml").write_text('"a": "admin"\n')
    file.write_text(f'"{SHOW}": "role:member"\n')

    assert not allowed(policy, READER, SHOW)
    assert allowed(policy, MEMBER, SHOW)
    assert allowed(policy, READER, CREATE)


def test_a_file_that_stays_broken_is_not_told_of_again_with_each_edit_of_another(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory = file.with_name("policy.d")
    directory.mkdir()
    policy = policy_of(file.parent)
    (directory / "10.yaml").write_text('"a": "admin"\n')

    for check in ("role:x", "role:reader"):
        file.write_text(f'"{SHOW}": "{check}"\n')
        policy.refresh()

    assert policy.allows(caller("reader"), SHOW)
    assert caplog.text.count("is no check") == 1


def test_every_thread_sees_an_edit_at_its_next_request(file: Path) -> None:
    file.write_text(CLOSED)
    policy = policy_of(file.parent)
    seen: list[bool] = []
    for round_ in range(20):
        file.write_text(f'"{SHOW}": "{"@" if round_ % 2 else "!"}"\n')
        threads = [
            threading.Thread(target=lambda: seen.append(allowed(policy, READER, SHOW)))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert set(seen) == {bool(round_ % 2)}
        seen.clear()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (f'"{SHOW}": ""\n', "allows EVERYBODY"),
        (f'"{SHOW}": []\n', "allows EVERYBODY"),
        ('"os_compute_api:servers:shwo": "@"\n', "did you mean os_compute_api:servers:show"),
        (f'"{SHOW}": "project_id:%(tenant_id)s"\n', "nothing that is acted on has tenant_id"),
    ],
)
def test_what_is_hardly_meant_is_warned_of_once(
    text: str, word: str, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    policy = policy_of(file.parent)
    file.write_text(text)

    for _ in range(3):
        policy.refresh()

    (told,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert word in told.getMessage()


def test_an_empty_rule_allows_everybody_as_in_oslo_policy(file: Path) -> None:
    file.write_text(f'"{FLAVOR}": ""\n')

    assert allowed(policy_of(file.parent), READER, FLAVOR)


def test_a_rule_of_the_operators_own_is_good_for_others(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_text(f'"operator": "role:operator"\n"{FLAVOR}": "rule:operator"\n')
    policy = policy_of(file.parent)

    assert allowed(policy, ("operator",), FLAVOR)
    assert not allowed(policy, ADMIN, FLAVOR)
    assert not caplog.records


def test_a_name_that_no_rule_bears_is_refused_to_everybody(file: Path) -> None:
    file.write_text('"default": "@"\n')
    policy = policy_of(file.parent)

    assert not allowed(policy, ADMIN, "os_compute_api:servers:shwo")


def test_what_makes_an_administrator_follows_the_file_too(file: Path) -> None:
    policy = policy_of(file.parent)
    file.write_text('"context_is_admin": "role:boss"\n')

    assert allowed(policy, ("boss",), FLAVOR)
    assert not allowed(policy, ADMIN, FLAVOR)


def test_a_check_of_others_that_cannot_be_asked_refuses(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_text(f'"{SHOW}": "http://127.0.0.1:1/ask"\n')
    policy = policy_of(file.parent)

    assert not allowed(policy, READER, SHOW)
    assert not policy.allows(caller("admin"), SHOW)
    assert caplog.text.count("cannot be asked") == 1


def test_the_files_are_not_read_again_while_nothing_changes(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = HandClock()
    file.write_text(CLOSED)
    policy: Policy = policy_of(file.parent, clock)
    clock.sleep(5)
    policy.refresh()

    monkeypatch.setattr("minicloud.api.rulebook.files.text", lambda path: pytest.fail(path))

    policy.refresh()


_OLD = "os_compute_api:os-hypervisors"
FILES = {
    "old names": f'"{_OLD}": "role:a"\n"os_compute_api:os-rescue": "role:b"\n',
    "an old name and the new": f'"{_OLD}": "role:a"\n"{_OLD}:list": "role:b"\n',
    "a rule that stands for more": '"os_compute_api:os-migrations:index": "role:a"\n',
    "an alias": f'"{_OLD}": "rule:{_OLD}:list"\n',
    "old rules": '"admin_or_owner": "role:a"\n"os_compute_api:servers:show": "rule:admin_api"\n',
    "personas": '"project_reader_api": "role:auditor"\n"context_is_admin": "role:boss"\n',
    "a default": f'"default": "role:a"\n"{SHOW}": "rule:nobody"\n',
    "lists": f'"{SHOW}": [["role:a", "role:b"], "role:c"]\n',
    "nothing": "# nothing\n",
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_means_what_it_means_to_oslo_policy(kind: str, file: Path) -> None:
    file.write_text(FILES[kind])
    theirs = enforcer(configured(file.parent))
    theirs.load_rules()

    book = policy_of(file.parent).book

    for name in theirs.registered_rules:
        assert str(book.find(name)) == str(theirs.rules[name]), name
