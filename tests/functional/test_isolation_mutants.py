"""The matrix finds out what is wrong: the product is broken here, in one place after another."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa

from minicloud.api.handlers import of_server, server_groups
from minicloud.api.middleware.policy import RoutePolicy
from minicloud.api.policy import Policy
from minicloud.db import images, listing
from minicloud.db import server_groups as db_groups
from minicloud.identity.parts import Parts as IdentityParts
from minicloud.image import parts as image_parts
from tests.functional.isolation.asking import MATRIX, Asker, Question
from tests.functional.isolation.findings import findings
from tests.functional.isolation.who import OWN
from tests.functional.isolation.world import World
from tests.statements import statements

Patch = pytest.MonkeyPatch


@contextmanager
def _world(directory: Path, rules: Mapping[str, str] | None = None) -> Iterator[World]:
    world = World(directory, rules)
    yield world
    world.close()


def _found(world: World, *paths: str) -> list[str]:
    return list(findings(world, [row for row in MATRIX if row.path in paths]))


def _anybodys_server(patch: Patch) -> None:
    """Handlers find the servers of every project, and ask the policy about none."""
    patch.setattr(of_server, "own_or_any", lambda req: True)
    patch.setattr(Policy, "check_owned", lambda *_: None)


def _anybodys_group(patch: Patch) -> None:
    """A group is looked for in every project."""

    def find(self: Any, req: Any, ref: str, _rule: str) -> Any:
        return self._groups.show(req.context, ref, anywhere=True)

    patch.setattr(server_groups.ServerGroups, "_find", find)


def _groups_of_all(patch: Patch) -> None:
    """A list without its project."""
    page = db_groups.page
    patch.setattr(db_groups, "page", lambda db, _project, *more: page(db, None, *more))


def _servers_of_all(patch: Patch) -> None:
    conditions = listing._conditions
    patch.setattr(listing, "_conditions", lambda db, filters: conditions(db, filters)[1:])


def _images_of_all(patch: Patch) -> None:
    patch.setattr(images, "_visible", lambda *_: sa.true())


def _logs_of_all(patch: Patch) -> None:
    """The server whose log is asked for is found in every project."""
    patch.setattr(of_server, "own_or_any", lambda req: True)


def _no_roles(patch: Patch) -> None:
    """Routes ask no policy before their handlers do."""
    patch.setattr(RoutePolicy, "_allowed", lambda self, req, match: match.rows[0])


def _images_of_any_role(patch: Patch) -> None:
    patch.setattr(image_parts, "_with", lambda caller, _roles: caller)


def _anybodys_account(patch: Patch) -> None:
    patch.setattr(IdentityParts, "admin_or", lambda self, call, _user: self.grant(call))


_MUTANTS: Final[Mapping[Callable[[Patch], None], tuple[str, ...]]] = {
    _anybodys_server: ("/servers/{server_id}",),
    _anybodys_group: ("/os-server-groups/{server_group_id}",),
    _groups_of_all: ("/os-server-groups",),
    _servers_of_all: ("/servers/detail",),
    _images_of_all: ("/images/{image_id}",),
    _logs_of_all: ("/servers/{server_id}/os-instance-actions",),
    _no_roles: ("/os-services",),
    _images_of_any_role: ("/image/v2/images/{id}",),
    _anybodys_account: ("/identity/v3/users/{id}",),
}


@pytest.mark.parametrize("mutant", _MUTANTS, ids=lambda mutant: mutant.__name__)
def test_the_matrix_finds_what_is_not_checked(
    tmp_path: Path, monkeypatch: Patch, mutant: Callable[[Patch], None]
) -> None:
    with _world(tmp_path) as world:
        assert _found(world, *_MUTANTS[mutant]) == []

        mutant(monkeypatch)

        assert _found(world, *_MUTANTS[mutant]) != []


@pytest.mark.parametrize(
    ("name", "rule", "path"),
    [
        ("os_compute_api:servers:delete", "@", "/servers/{server_id}"),
        (
            "os_compute_api:os-aggregates:show",
            "rule:project_reader_api",
            "/os-aggregates/{aggregate_id}",
        ),
        ("os_compute_api:os-server-groups:show", "!", "/os-server-groups/{server_group_id}"),
        ("context_is_admin", "role:admin or role:manager", "/servers/{server_id}"),
    ],
)
def test_the_matrix_finds_a_rule_that_is_another(
    tmp_path: Path, name: str, rule: str, path: str
) -> None:
    with _world(tmp_path, {name: rule}) as world:
        assert _found(world, path) != []


_OF_USERS: Final = ("/servers/{server_id}", "/os-server-groups/{server_group_id}")
_BY_USER: Final = "role:member and user_id:%(user_id)s and project_id:%(project_id)s"


def test_a_rule_that_names_the_user_holds_for_everything_of_a_server_or_group(
    tmp_path: Path,
) -> None:
    """Handlers ask the policy again with what they have found, not only with who asks."""
    rules = {"project_member_api": _BY_USER, "project_reader_api": _BY_USER}
    with _world(tmp_path, rules) as world, statements(world.database) as said:
        asker = Asker(world, said)
        statuses = {}
        for row, must in MATRIX.items():
            if must.kind not in ("reads", "acts") or not row.path.startswith(_OF_USERS):
                continue
            for name in ("member", "second member"):
                persona = world.personas[name]
                question = Question(row, must, persona, OWN, min(row.until, 104))
                statuses[must.route, name] = asker.ask(question).status

    refused = {key for key, status in statuses.items() if status == 403}
    assert {name for _route, name in refused} == {"second member"}
    assert {route for route, name in statuses if name == "second member"} == {
        route for route, _name in refused
    }
