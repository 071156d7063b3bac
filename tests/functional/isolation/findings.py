"""Where a world differs from the matrix."""

from collections.abc import Iterable, Iterator

from minicloud.api.row import Row
from minicloud.api.versions import MAX
from tests.functional.isolation.asking import MATRIX, Asker, Question, Reply, may, variables
from tests.functional.isolation.people import Persona
from tests.functional.isolation.rows import Must
from tests.functional.isolation.who import FOREIGN, MISSING, OWN, PROJECTS, RELATIONS
from tests.functional.isolation.world import World
from tests.statements import statements

_A_FEW = ("nobody", "admin", "member", "reader", "other member")


def findings(world: World, rows: Iterable[Row]) -> Iterator[str]:
    """Where the world differs from the matrix."""
    with statements(world.database) as said:
        asker = Asker(world, said)
        for row in rows:
            must = MATRIX[row]
            for persona in _askers(world, row):
                yield from _about(asker, row, must, persona, min(row.until, MAX))
            if row.since != min(row.until, MAX):
                yield from _alike(asker, row, must, world.personas["member"], row.since)


def _askers(world: World, row: Row) -> Iterable[Persona]:
    """Everybody; of what has an old name as well, a few."""
    few = row.path.startswith("/os-volumes_boot")
    return (one for one in world.personas.values() if not few or one.name in _A_FEW)


def _about(asker: Asker, row: Row, must: Must, persona: Persona, version: int) -> Iterator[str]:
    relations = RELATIONS if variables(must) else (OWN,)
    replies = {}
    strict = not may(must, persona, FOREIGN)  # what others have is not for this one
    for relation in relations:
        question = Question(row, must, persona, relation, version)
        reply = replies[relation] = asker.ask(question)
        if reply.status != question.expected:
            yield f"{question}: {reply.status}, not {question.expected}: {reply.text[:300]}"
        if asker.changed and not question.may and persona.role != "admin":
            yield f"{question}: it may not, and something was written"
        if asker.harmed and (strict or persona.role in PROJECTS):
            yield f"{question}: another project's things were changed"
        if question.may and (strict or persona.role in PROJECTS) and reply.status < 300:
            told = {secret for secret in asker.secrets(persona) if secret in reply.text}
            if told:
                yield f"{question}: it is told {told}"
    if len(replies) > 1 and strict:
        alike = (FOREIGN, MISSING) if persona.role else RELATIONS
        first, *rest = (replies[one] for one in alike)
        yield from differences(f"{persona} asks {must.route}", first, rest)


def _alike(asker: Asker, row: Row, must: Must, persona: Persona, version: int) -> Iterator[str]:
    """At the oldest version there must be no difference either."""
    if not variables(must) or may(must, persona, FOREIGN):
        return
    first, other = (
        asker.ask(Question(row, must, persona, relation, version))
        for relation in (FOREIGN, MISSING)
    )
    yield from differences(f"{persona} asks {must.route} at 2.{version}", first, [other])


def differences(who: str, first: Reply, rest: Iterable[Reply]) -> Iterator[str]:
    for other in rest:
        if other.shape != first.shape:
            yield f"{who}: another's {first.shape} is not as a missing one's {other.shape}"
        if other.said != first.said:
            yield f"{who}: {first.said} statements for another's, {other.said} for none"
