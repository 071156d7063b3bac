"""The scheduler: chooses hosts, claims room on them, and wakes them.

Any number of them may run: the claim is the gate, and who loses a race chooses again.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.context import RequestContext, speak_for
from minicloud.db import placements
from minicloud.db.claims import Pick
from minicloud.db.engine import Database
from minicloud.db.placements import Outcome
from minicloud.errors import LineDown
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.scheduler import Question, Verdict, Wanted
from minicloud.runtime.dice import Dice
from minicloud.scheduler import rules
from minicloud.scheduler.chooser import Chooser
from minicloud.scheduler.companions import Companions
from minicloud.scheduler.fleet import Fleet
from minicloud.scheduler.hinted import Hinted
from minicloud.scheduler.reasons import explain
from minicloud.scheduler.refusal import CLAIM, Refusal
from minicloud.scheduler.request import Request
from minicloud.scheduler.selection import Selection, fellows, most_bytes
from minicloud.scheduler.what_if import Prospect, prospect
from minicloud.servicegroup.base import ServiceGroup

LOG = logging.getLogger(__name__)
_ROUNDS = 5  # choices for one instance when other schedulers keep taking the room


class Scheduler:
    def __init__(
        self,
        conf: cfg.ConfigOpts,
        database: Database,
        group: ServiceGroup,
        compute: ComputeClient,
        dice: Dice,
    ) -> None:
        self._database, self._compute, self._dice = database, compute, dice
        self._attempts: int = conf.conductor.max_attempts  # hosts named for one instance
        self._rules = rules.of(conf)
        self._chooser = Chooser(self._rules)
        self._fleet = Fleet(conf, database, group, self._rules.want_contents)

    def select_destinations(
        self, context: RequestContext, wanted: Sequence[Wanted]
    ) -> list[Verdict]:
        """A verdict for each, in order; those placed are claimed and their hosts woken.

        A refusal is final only when the table is sure: before, it may count what never happened,
        or not yet know of room that was given back. Nor is it where what was chosen before it, in
        the same call, comes to nothing, unless it does so every time.
        """
        verdicts: dict[str, Verdict] = {}
        left: list[Wanted] = list(wanted)
        for number in range(_ROUNDS):
            if not left:
                break
            is_last = number == _ROUNDS - 1
            picks, refused, sure = self._choose(left, is_last)
            outcome = self._claim(picks)
            self._conclude(left, outcome, verdicts)
            self._wake(context, outcome.wake)
            again = {pick.uuid for pick in outcome.crowded_out}
            full = [w for w in left if _is_full(w, again)]
            outdated = self._outdated(outcome.crowded_out) if full else ()
            for together in fellows([w for w in full if w.uuid not in outdated]):
                verdicts.update(self._no_room(together))
            if sure and (is_last or not _is_loose(outcome)):
                verdicts.update(refused)
            elif refused:
                self._fleet.look_closely()
                again |= refused.keys()
            left = [w for w in left if w.uuid in again and w.uuid not in verdicts]
        if self._rules.by_chance:
            verdicts.update((one.uuid, self._out_of_luck(one)) for one in left)
        return [verdicts.get(w.uuid, Verdict(w.uuid)) for w in wanted]

    def what_if(self, question: Question) -> Mapping[str, Any]:
        """What would become of it now; a refusal counts hosts of a table that is sure."""
        found, sure = self._prospect(question)
        if found.refused and not sure:
            self._fleet.look_closely()
            found, _sure = self._prospect(question)
        return found.to_dict()

    def _prospect(self, question: Question) -> tuple[Prospect, bool]:
        question = self._with_hinted(question)
        with self._fleet.lock:
            sure = self._fleet.refresh()
            table = self._fleet.table.copy()
        return prospect(table, question, self._rules, self._dice), sure

    def _with_hinted(self, question: Question) -> Question:
        """The same with where the servers are that its hints name."""
        spec, properties = question.request_spec, question.filter_properties
        one = Wanted(str(spec["instance_properties"]["uuid"]), 0, None, spec, properties)
        hinted = Hinted([one])
        if not hinted:
            return question
        self._database.read(hinted.read)
        return replace(question, filter_properties={**properties, **hinted.told(one)})

    def _claim(self, picks: Sequence[Pick]) -> Outcome:
        """Write the picks down; what was counted in the table and did not happen is forgotten."""
        if not picks:
            return Outcome()

        def work(db: Session) -> Outcome:
            return placements.record(db, picks, self._database.now())

        outcome = Outcome()
        try:
            outcome = self._database.write(work, "scheduler.claim")
        finally:
            placed = {(pick.uuid, pick.host) for pick in outcome.placed}
            in_vain = [pick.host for pick in picks if (pick.uuid, pick.host) not in placed]
            self._fleet.settle([pick.host for pick in picks], in_vain)
        return outcome

    def _outdated(self, picks: Sequence[Pick]) -> set[str]:
        """Those whose host is in another epoch than when it was chosen: it may have room."""
        with self._fleet.lock:
            self._fleet.refresh()
            table = self._fleet.table
            return {pick.uuid for pick in picks if table.epoch_of(pick.host) != pick.epoch}

    def _conclude(
        self, wanted: Sequence[Wanted], outcome: Outcome, verdicts: dict[str, Verdict]
    ) -> None:
        whose = {w.uuid: w for w in wanted}
        for pick in outcome.placed:
            _speak_for(whose[pick.uuid])
            LOG.info("%s goes to %s", pick.uuid, pick.host)
            verdicts[pick.uuid] = Verdict(pick.uuid, host=pick.host)

    def _choose(
        self, wanted: Sequence[Wanted], is_last: bool
    ) -> tuple[list[Pick], dict[str, Verdict], bool]:
        """Picks, refusals, and whether the table was sure."""
        picks: list[Pick] = []
        refused: dict[str, Verdict] = {}
        with self._fleet.lock:
            sure = self._fleet.refresh()
            companions = Companions(self._database, wanted)
            select = Selection(
                self._fleet.table,
                self._chooser,
                companions,
                self._rules,
                self._dice,
                self._attempts,
                is_last,
                is_sure=sure,
            )
            try:
                for together in fellows(wanted):
                    found = select.picks(together)
                    if isinstance(found, Refusal):
                        refused.update(_refused(together, found))
                    else:
                        picks += found
            except Exception:
                self._fleet.distrust()
                raise
            self._fleet.count(pick.host for pick in picks)
        return picks, refused, sure

    def _out_of_luck(self, one: Wanted) -> Verdict:
        """No host that chance has named had room; no filter says so, since none was asked."""
        hosts = len(self._fleet.table)
        tried = min(_ROUNDS * self._attempts, hosts)
        counts = {CLAIM: tried, "not tried": hosts - tried}
        refusal = Refusal(hosts, {k: n for k, n in counts.items() if n})
        LOG.info("no valid host for %s: %s", one.uuid, refusal.sentence)
        return Verdict(one.uuid, refused=refusal.to_dict())

    def _no_room(self, together: Sequence[Wanted]) -> dict[str, Verdict]:
        """The host that was forced is full: no filter says so, since none was asked."""
        one = together[0]
        company = Companions(self._database, [one])
        request = Request.of(one.uuid, one.request_spec, company.told(one))
        with self._fleet.lock:
            self._fleet.refresh()  # without what was counted for it
            said = explain(
                self._fleet.table,
                request,
                self._rules,
                full=True,
                most_bytes=most_bytes(len(together)),
            )
        return _refused(together, Refusal(said.hosts, said.counts, explanation=said))

    def _wake(self, context: RequestContext, hosts: Iterable[str]) -> None:
        by_agent: dict[str, set[str]] = {}
        with self._fleet.lock:
            table = self._fleet.table
            for host in hosts:
                place = table.place_of(host)
                if place is not None:
                    by_agent.setdefault(table.agents[place], set()).add(host)
        for agent, named in sorted(by_agent.items()):
            try:
                self._compute.wake(context, agent, sorted(named))
            except LineDown as error:
                LOG.warning("could not wake %s (%s); it will look by itself", agent, error)


def _is_loose(outcome: Outcome) -> bool:
    """Whether room that was counted while others were refused is free again: of servers that were
    changed or deleted meanwhile, or that get hosts together and did not."""
    return bool(outcome.overtaken) or any(pick.together for pick in outcome.crowded_out)


def _is_full(one: Wanted, crowded_out: Collection[str]) -> bool:
    """Whether the host that was forced turned out to have no room."""
    properties = one.filter_properties
    forced = properties.get("force_hosts") or properties.get("force_nodes")
    return bool(forced) and one.uuid in crowded_out


def _refused(together: Sequence[Wanted], why: Refusal) -> dict[str, Verdict]:
    """All of them, by the one that no host was found for."""
    for one in together:
        _speak_for(one)
        LOG.info("no valid host for %s: %s", one.uuid, why.sentence)
    return {one.uuid: Verdict(one.uuid, refused=why.to_dict()) for one in together}


def _speak_for(one: Wanted) -> None:
    whose = one.request_spec["instance_properties"]
    speak_for(one.request_id, whose["user_id"], whose["project_id"])
