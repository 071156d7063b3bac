"""All rules that are in force: the defaults in code, and what overrides them."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from oslo_policy import policy

from minicloud.api.rulebook.compiled import Compiled, Facts
from minicloud.api.rulebook.explained import Explanation, Part
from minicloud.api.rulebook.texts import FIELD, BadRule, leaves, near, parts

LOG = logging.getLogger(__name__)
TARGET: Final = frozenset({"project_id", "user_id"})  # what all things have that rules look at
_LONGEST_WAY: Final = 40


@dataclass(frozen=True)
class Override:
    name: str
    text: Any
    check: Any
    file: str


class Rulebook:
    """It never changes; a change of the files makes another one."""

    def __init__(
        self,
        defaults: Mapping[str, Any],
        overrides: Iterable[Override],
        default_rule: str,
        enforcer: Any,
    ) -> None:
        """BadRule, naming the file, when the rules do not fit together."""
        self.defaults = defaults
        self.overrides = {override.name: override for override in overrides}
        self._default_rule = default_rule
        self._checks = {name: rule.check for name, rule in defaults.items()}
        self._checks |= {name: over.check for name, over in self.overrides.items()}
        self._checks |= self._under_old_names()
        for override in self.overrides.values():
            self._verify(override)
        self._refuse_circles()
        self._compiled = Compiled(self.find, enforcer)
        self._explanation = Explanation(self.find, enforcer)
        self._broken: set[str] = set()

    def names(self) -> frozenset[str]:
        return frozenset(self._checks)

    def find(self, name: str) -> Any:
        """A rule's check; for an unknown name that of the default rule, if there is one."""
        return self._checks.get(name, self._checks.get(self._default_rule))

    def allows(self, name: str, target: Facts, caller: Facts) -> bool:
        """False for a name that no rule bears, and for a rule that cannot be asked."""
        if name not in self._checks:
            return False
        try:
            return self._compiled.of(name)(target, caller)
        except Exception as error:  # a check of others, as http: whose server is away
            if name not in self._broken:
                self._broken.add(name)
                LOG.error("policy: %s refuses, because it cannot be asked: %r", name, error)
            return False

    def explain(self, name: str, target: Facts, caller: Facts) -> Part:
        return self._explanation.of(name, target, caller)

    def resolved(self, name: str) -> str:
        """The rule's check with all rules that it refers to put in."""
        return self._spelled(self.find(name), top=True)

    def _spelled(self, check: Any, *, top: bool = False) -> str:
        if str(check).startswith("rule:"):
            named = self.find(check.match)
            return "!" if named is None else self._spelled(named, top=top)
        below = parts(check)
        if len(below) == 1 and not hasattr(check, "rules"):
            return f"not {self._spelled(below[0])}"
        if not below:
            return str(check)
        word = " and " if isinstance(check, policy.AndCheck) else " or "
        text = word.join(self._spelled(part) for part in below)
        return text if top else f"({text})"

    def warnings(self) -> Iterator[str]:
        """What is allowed to stand in the files, and is hardly meant so."""
        used = {
            leaf.match
            for override in self.overrides.values()
            for leaf in leaves(override.check)
            if str(leaf).startswith("rule:")
        }
        for over in self.overrides.values():
            where = f"{over.file}: {over.name}"
            if not over.text:
                yield f"{where}: an empty rule allows EVERYBODY; '@' says so, '!' is nobody"
            if over.name not in self._known() | used | {self._default_rule}:
                known = near(over.name, set(self.defaults))
                yield f"{where}: there is no such rule, so this changes nothing{known}"
            unknown = sorted(_fields(over.check) - TARGET)
            if unknown:
                yield f"{where}: nothing that is acted on has {', '.join(unknown)}: it never holds"

    def renamed(self) -> dict[str, str]:
        """Rules by the names that they had before."""
        return {
            name: rule.deprecated_rule.name
            for name, rule in self.defaults.items()
            if rule.deprecated_rule and rule.deprecated_rule.name != name
        }

    def _known(self) -> set[str]:
        return {*self.defaults, *self.renamed().values()}

    def _under_old_names(self) -> dict[str, Any]:
        """As in oslo.policy: what overrides a rule's old name, overrides the rule."""
        return {
            name: self.overrides[old].check
            for name, old in self.renamed().items()
            if name not in self.overrides
            and old in self.overrides
            and str(self.overrides[old].check) != f"rule:{name}"
        }

    def _verify(self, override: Override) -> None:
        where = f"{override.file}: {override.name}"
        for leaf in leaves(override.check):
            if str(leaf).startswith("rule:") and self.find(leaf.match) is None:
                known = near(leaf.match, set(self._checks))
                raise BadRule(f"{where}: there is no rule {leaf.match!r}{known}")

    def _refuse_circles(self) -> None:
        """Whoever refers to a rule is looked at after it; nobody twice."""
        done: set[str] = set()

        def visit(name: str, way: tuple[str, ...]) -> None:
            if name in way or len(way) > _LONGEST_WAY:
                named = next(one for one in way if one in self.overrides)
                circle = " -> ".join((*way[-_LONGEST_WAY:], name))
                what = "in a circle" if name in way else f"over more than {_LONGEST_WAY} steps"
                file = self.overrides[named].file
                raise BadRule(f"{file}: {named}: the rules refer to each other {what}: {circle}")
            check = None if name in done else self.find(name)
            for leaf in leaves(check) if check is not None else ():
                if str(leaf).startswith("rule:"):
                    visit(leaf.match, (*way, name))
            done.add(name)

        for name in self.overrides:
            visit(name, ())


def _fields(check: Any) -> set[str]:
    return {name for leaf in leaves(check) for name in FIELD.findall(str(leaf))}
