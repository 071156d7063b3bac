"""Who may what: what each kind of route answers to whom, about whose thing.

Three answers for each persona: about a thing of its own project, of another project, and about
one that is not there. "ok" is the answer that rows.py names for the route. "nobody" stands for no
token, a forged one, and one that has expired or was revoked. Written down from Nova's own rules,
not made from minicloud's.
"""

from collections.abc import Mapping
from typing import Final

OK: Final = 0
OWN, FOREIGN, MISSING = RELATIONS = ("own", "foreign", "missing")
PROJECTS: Final = ("manager", "member", "reader")  # roles that count in their own project only
ROLES: Final = ("admin", *PROJECTS, "service")

_TABLE: Final = """
kind         admin         manager       member        reader        service
# A thing of a project: its readers see it, its members change it, others find nothing.
reads        ok  ok  404   ok  404 404   ok  404 404   ok  404 404   403 403 403
acts         ok  ok  404   ok  404 404   ok  404 404   403 403 403   403 403 403
manages      ok  ok  404   ok  404 404   403 403 403   403 403 403   403 403 403
# A thing of the cloud: the first column of a persona is for what is there.
anyone       ok  ok  404   ok  ok  404   ok  ok  404   ok  ok  404   ok  ok  404
sees         ok  ok  404   ok  ok  404   ok  ok  404   ok  ok  404   403 403 403
admin        ok  ok  404   403 403 403   403 403 403   403 403 403   403 403 403
service      ok  ok  404   403 403 403   403 403 403   403 403 403   ok  ok  404
# A thing that is whatever its name: a quota, a project's use.
reads-of     ok  ok  ok    ok  403 403   ok  403 403   ok  403 403   403 403 403
anyone-of    ok  ok  ok    ok  ok  ok    ok  ok  ok    ok  ok  ok    ok  ok  ok
admin-of     ok  ok  ok    403 403 403   403 403 403   403 403 403   403 403 403
# A private flavor, whose own projects are those with access.
flavor       ok  ok  404   ok  404 404   ok  404 404   ok  404 404   404 404 404
specs        ok  ok  404   ok  404 404   ok  404 404   ok  404 404   403 403 403
# A key pair is its user's, and nobody else's.
key          ok  404 404   ok  404 404   ok  404 404   ok  404 404   ok  404 404
# Identity: a user's own, one's own project; administrators see those of all.
self         ok  ok  404   ok  403 403   ok  403 403   ok  403 403   ok  403 403
self-of      ok  ok  ok    ok  403 403   ok  403 403   ok  403 403   ok  403 403
self-only    ok  403 403   ok  403 403   ok  403 403   ok  403 403   ok  403 403
token        ok  ok  404   ok  403 403   ok  403 403   ok  403 403   ok  ok  404
project      ok  ok  404   ok  403 403   ok  403 403   ok  403 403   403 403 403
# Images: what is not seen is not there, and who only sees is told so.
image        ok  ok  404   ok  404 404   ok  404 404   ok  404 404   404 404 404
changes      ok  ok  404   ok  404 404   ok  404 404   403 404 404   404 404 404
# Without any token.
open         ok  ok  ok    ok  ok  ok    ok  ok  ok    ok  ok  ok    ok  ok  ok
# What Nova has given up: 410, by any name.
gone         ok  ok  ok    ok  ok  ok    ok  ok  ok    ok  ok  ok    ok  ok  ok
"""


def _kinds(table: str) -> dict[str, dict[tuple[str, str], int]]:
    kinds = {}
    for line in table.strip().splitlines()[1:]:
        if line.startswith("#"):
            continue
        kind, *words = line.split()
        places = [(role, relation) for role in ROLES for relation in RELATIONS]
        answers = [OK if word == "ok" else int(word) for word in words]
        kinds[kind] = dict(zip(places, answers, strict=True))
    return kinds


WHO_MAY: Final = {
    "reads": "its readers",
    "acts": "its members",
    "manages": "its managers",
    "anyone": "everybody",
    "sees": "readers of any project",
    "admin": "administrators",
    "service": "administrators and services",
    "reads-of": "readers of that project",
    "anyone-of": "everybody",
    "admin-of": "administrators",
    "flavor": "projects with access",
    "specs": "readers of projects with access",
    "key": "its user",
    "self": "the user",
    "self-of": "the user",
    "self-only": "the user alone",
    "token": "its user, and services",
    "project": "readers of it",
    "image": "readers of its project",
    "changes": "members of its project",
    "open": "everybody, without a token",
    "gone": "nobody",
}

KINDS: Final[Mapping[str, Mapping[tuple[str, str], int]]] = _kinds(_TABLE)
