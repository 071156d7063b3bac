"""What `minicloud-manage policy` says: tables, trees, and JSON."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from oslo_config import cfg

from minicloud.errors import CannotStart

if TYPE_CHECKING:
    from rich.table import Table
    from rich.tree import Tree

    from minicloud.api.policy import Policy
    from minicloud.api.rulebook.explained import Part
    from minicloud.api.rulebook.survey import RouteLine, RuleLine
    from minicloud.context import RequestContext

REFUSED: Final = 3  # exit code
_WIDTH_OF_A_PIPE: Final = 200


def listed(conf: cfg.ConfigOpts) -> None:
    from minicloud.api.rulebook import survey

    policy, options = _policy(conf), conf.command
    lines = list(survey.rules(policy, options.words))
    if options.overridden:
        lines = [line for line in lines if line.overridden]
    if options.persona:
        context = survey.judged(policy, survey.caller(survey.PERSONAS[options.persona]))
        lines = [line for line in lines if policy.allows(context, line.rule)]
    if options.json:
        print(json.dumps([asdict(line) for line in lines], indent=2))
    else:
        _table(("Rule", "Check", "Overridden by", "Requests"), map(_rule_cells, lines))


def checked(conf: cfg.ConfigOpts) -> None:
    from minicloud.api.rulebook import survey

    policy, options = _policy(conf), conf.command
    if bool(options.rule) == bool(options.all):
        raise CannotStart("name a rule or a request, or say --all (see policy check --help)")
    roles = survey.PERSONAS[options.persona] if options.persona else options.roles.split(",")
    named = [role for role in roles if role]
    context = survey.judged(policy, survey.caller(named, options.user, options.project))
    if options.all:
        return _every_route(survey.routes(policy, context), as_json=options.json)
    target = _target(options, context)
    rows = survey.meant(policy, options.rule)
    rules = dict.fromkeys(row if isinstance(row, str) else row.rule for row in rows)
    verdicts = [_verdict(policy, rule, context, target, as_json=options.json) for rule in rules]
    if options.json:
        print(json.dumps([shown for shown, _ in verdicts], indent=2))
    if not all(allowed for _, allowed in verdicts):
        sys.exit(REFUSED)
    return None


def _policy(conf: cfg.ConfigOpts) -> "Policy":
    from minicloud.api.policy import Policy

    return Policy(conf)


def _target(options: Any, context: "RequestContext") -> dict[str, str]:
    target = {"project_id": context.project_id, "user_id": context.user_id}
    for text in options.target:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise CannotStart(f"--target {text}: expected NAME=VALUE, as project_id=p2")
        target[name] = value
    return target


def _verdict(
    policy: "Policy",
    rule: str,
    context: "RequestContext",
    target: dict[str, str],
    *,
    as_json: bool,
) -> tuple[dict[str, Any], bool]:
    from minicloud.api.rulebook.explained import deciding

    part = policy.explain(context, rule, target)
    reasons = [f"{one.text} ({one.note})" if one.note else one.text for one in deciding(part)]
    if not as_json:
        from rich.tree import Tree

        word = "[green]allowed[/]" if part.holds else "[red]refused[/]"
        tree = Tree(f"{_plain(rule)}: {word}")
        for one in part.parts:
            _grow(tree, one)
        console = _console()
        console.print(tree)
        console.print(f"decided by: {_plain('; '.join(dict.fromkeys(reasons)))}")
    shown = {"rule": rule, "allowed": part.holds, "decided_by": reasons, "why": asdict(part)}
    return shown, part.holds


def _grow(tree: "Tree", part: "Part") -> None:
    word = "[green]yes[/]" if part.holds else "[red]no[/]"
    note = f"  ({part.note})" if part.note else ""
    branch = tree.add(f"{word} {_plain(part.text + note)}")
    for one in part.parts:
        _grow(branch, one)


def _every_route(lines: Iterator["RouteLine"], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(line) for line in lines], indent=2))
        return
    heads = ("Request", "Its own", "Another project's", "Rule")
    _table(heads, ((line.operation, line.own, line.others, line.rule) for line in lines))


def _rule_cells(line: "RuleLine") -> tuple[str, ...]:
    return line.rule, line.check, line.overridden, "\n".join(line.operations)


def _table(heads: Sequence[str], rows: Iterable[tuple[str | bool, ...]]) -> None:
    """A table; where it does not fit, a paragraph for each row: names are never cut."""
    from rich.table import Table

    console, table, cells = _console(), Table(*heads), [[*map(_cell, row)] for row in rows]
    for row in cells:
        table.add_row(*row)
    if not cells:
        console.print("nothing fits that")
    elif _width(table) <= console.width:
        console.print(table)
    else:
        for first, *others in cells:
            console.print(first, soft_wrap=True)
            for head, cell in zip(heads[1:], others, strict=True):
                for line in filter(None, cell.splitlines()):
                    console.print(f"    {head}: {line}", soft_wrap=True)


def _width(table: "Table") -> int:
    """Of a table none of whose cells is wrapped."""
    from rich.console import Console

    endless = Console(width=100_000)
    return endless.measure(table).maximum


def _cell(value: str | bool) -> str:
    if isinstance(value, str):
        return _plain(value)
    return "[green]yes[/]" if value else "[red]no[/]"


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _console() -> Any:
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else _WIDTH_OF_A_PIPE, highlight=False)
