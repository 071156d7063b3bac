"""OSSA-2014-024, CVE-2014-3517: a signature was compared letter by letter, which time told."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import bcrypt
import pytest
import sqlalchemy as sa

import minicloud
from minicloud.db import consoles, models, tokens
from minicloud.identity.passwords import Passwords
from tests.functional.advisories import demands_failure
from tests.functional.server_rows import run
from tests.functional.service_client import login
from tests.functional.whole import Person, Whole

_ROOT: Final = Path(minicloud.__file__).parent
_SECRETS: Final = re.compile(
    r"(?:^|_)(?:token|secret|signature|hash|digest|hashed|password|hmac|key_data)(?:_text|_hash)?$"
)
_KNOWN: Final = {  # compared as they are, and no secret
    "known.body_hash != once.body_hash",  # whether a request is the one that bore the same key
    "options.password != password",  # the operator's own two, at the operator's terminal
    "row.token == held.token",  # a number that grows: whose turn a duty is
    "token != self._token",  # tells this process's pulses from those of one before it
}


def _names(node: ast.expr) -> Iterator[str]:
    """The last name of an expression: that of a variable, an attribute, a key, a function."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            yield name
        case ast.Call(func=function):
            yield from _names(function)


def _is_column(node: ast.expr) -> bool:
    """`Token.hash`: the database looks a digest up in an index."""
    match node:
        case ast.Attribute(value=ast.Name(id=name)):
            return name[:1].isupper()
        case ast.Attribute(value=ast.Attribute(attr="c")):
            return True
    return False


def compared_in_the_open(source: str) -> list[str]:
    """Comparisons of what must not be guessed letter by letter."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Compare) or not isinstance(
            node.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn
        ):
            continue
        sides = [node.left, *node.comparators]
        if any(isinstance(side, ast.Constant) or _is_column(side) for side in sides):
            continue
        text = ast.unparse(node)
        named = [name for side in sides for name in _names(side)]
        if any(_SECRETS.search(name) for name in named) and text not in _KNOWN:
            found.append(text)
    return found


def nothing_is_compared_in_the_open(sources: dict[str, str]) -> None:
    found = {path: compared_in_the_open(text) for path, text in sources.items()}
    assert {path: compared for path, compared in found.items() if compared} == {}


def _sources() -> dict[str, str]:
    return {str(path.relative_to(_ROOT)): path.read_text() for path in _ROOT.rglob("*.py")}


def a_log_in_takes_its_work(cloud: Whole, alice: Person, patch: pytest.MonkeyPatch) -> None:
    """Whoever it is, one hash of the same cost is computed, and the same is asked of the books."""
    costs: list[bytes] = []
    asked: list[int] = []
    said: list[str] = []

    def checked(password: bytes, known: bytes) -> bool:
        costs.append(known[:7])
        return check(password, known)

    check = bcrypt.checkpw
    patch.setattr(bcrypt, "checkpw", checked)
    closed = cloud.person("closed", "three")
    body = {"user": {"enabled": False}}
    cloud.identity("PATCH", f"/users/{closed.user_id}", body, cloud.admin)
    cloud.made("users", {"name": "without", "domain_id": "default"})
    del costs[:]
    sa.event.listen(cloud.books._reader, "before_cursor_execute", lambda *w: said.append(w[2]))
    for name in ("alice", "nobody", "closed", "without"):
        before = len(said)
        answer = cloud.identity("POST", "/auth/tokens", login(name, "one", "wrong"))
        assert answer.status_int == 401
        asked.append(len(said) - before)

    assert len(costs) == 4
    assert len(set(costs)) == 1
    assert len(set(asked)) == 1


def no_token_reaches_the_books(cloud: Whole, alice: Person) -> None:
    """They are looked up by a digest: how far a guess is right, no index can tell."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, _statement: str, values: Any, *_more: Any) -> None:
        said.append(repr(values))

    for engine in {cloud.books.engine, cloud.books._reader}:
        sa.event.listen(engine, "before_cursor_execute", note)
    guess = "a-guess-of-a-token"
    server = cloud.boot(alice)
    run(cloud.books, server)
    body = {"remote_console": {"protocol": "vnc", "type": "novnc"}}
    shown = cloud.compute("POST", f"/servers/{server}/remote-consoles", body, alice, version=6)
    console = shown.json["remote_console"]["url"].rpartition("=")[2]
    for text in (alice.token, guess):
        cloud.compute("GET", "/servers", who=text)
        cloud.image("GET", "/images", who=text)
        cloud.identity("GET", "/auth/tokens", who=text, headers={"X-Subject-Token": text})
    for text in (console, guess):
        cloud.ask("GET", f"/console/?token={text}")
        cloud.compute("GET", f"/os-console-auth-tokens/{text}", who=cloud.admin, version=31)

    assert said
    for text in (alice.token, guess, console):
        assert not [values for values in said if text in values]


def test_what_must_not_be_guessed_is_compared_in_constant_time() -> None:
    nothing_is_compared_in_the_open(_sources())


def test_a_wrong_log_in_takes_the_same_work_for_everyone(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_log_in_takes_its_work(cloud, alice, monkeypatch)


def test_tokens_are_looked_up_by_what_cannot_be_guessed(cloud: Whole, alice: Person) -> None:
    no_token_reaches_the_books(cloud, alice)


@pytest.mark.parametrize(
    "text",
    [
        "def f(token, given): return token == given",
        "def f(self, signature): return self.signature != signature",
        "def f(a, b): return a['secret'] == b",
        "def f(a, b): return hashed(a) == b",
        "def f(password, known): return password in known",
        "def f(user, password_hash): return user.password_hash == password_hash",
    ],
)
def test_a_comparison_in_the_open_is_found(text: str) -> None:
    with demands_failure():
        nothing_is_compared_in_the_open({"new.py": text})


def test_a_short_cut_for_those_who_are_not_there_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def match(self: Passwords, password: str, known: str | None) -> bool:
        return bool(known) and matched(self, password, known)

    matched = Passwords.match
    monkeypatch.setattr(Passwords, "match", match)

    with demands_failure():
        a_log_in_takes_its_work(cloud, alice, monkeypatch)


def test_a_cheaper_hash_for_those_who_are_not_there_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    dear = sa.update(models.User).values(password_hash=Passwords(5).hashed("x"))
    cloud.books.write(lambda db: db.execute(dear.where(models.User.id == alice.user_id)))

    with demands_failure():
        a_log_in_takes_its_work(cloud, alice, monkeypatch)


@pytest.mark.parametrize(("module", "name"), [(tokens, "hashed"), (consoles, "_digest")])
def test_a_token_that_is_kept_as_it_is_is_found(
    cloud: Whole, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    monkeypatch.setattr(module, name, lambda text: text[:64])

    with demands_failure():
        no_token_reaches_the_books(cloud, cloud.person("alice", "one"))
