"""Finds hosts for instances: builds the request, asks a scheduler, records a refusal."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.conductor import groups, pending, together
from minicloud.conductor.ledger import Delays, Ledger
from minicloud.conductor.watch import Watch
from minicloud.context import for_service
from minicloud.db import actions, instances, migrations
from minicloud.db.engine import Database
from minicloud.db.instances import Working
from minicloud.db.models import Instance
from minicloud.instance_states import NEW, TASKS, Task
from minicloud.rpc.scheduler import SchedulerClient, Verdict, Wanted

LOG = logging.getLogger(__name__)


def request_spec(row: Instance, flavor: Mapping[str, Any]) -> dict[str, Any]:
    """What is wanted, in the seed era's form (SEMANTICS section 5).

    `flavor`: the instance's own, or the one that it is to get.
    """
    return {
        "image": row.request.get("image") or {},
        "instance_properties": {
            "uuid": row.uuid,
            "project_id": row.project_id,
            "user_id": row.user_id,
            "display_name": row.display_name,
            "availability_zone": row.availability_zone,
            "vcpus": flavor["vcpus"],
            "memory_mb": flavor["memory_mb"],
            "root_gb": flavor["root_gb"],
            "ephemeral_gb": flavor["ephemeral_gb"],
            "metadata": row.meta,
            "key_name": row.key_name,
            "reservation_id": row.reservation_id,
            "launch_index": row.launch_index,
        },
        "instance_type": flavor,
        "num_instances": together.count_of(row),
        "instance_uuids": [row.uuid],
    }


def filter_properties(
    row: Instance, flavor: Mapping[str, Any], wish: Mapping[str, Any], max_attempts: int
) -> dict[str, Any]:
    """How to choose: hints, forced and ignored hosts, and the hosts tried before.

    `wish`: the parameters of an action on an instance that is there already: it leaves its host,
    and the hosts named when it was made bind no more. No `retry` where no second host may be
    tried: one attempt only, or the host was forced.
    """
    named = row.request if _is_new(row) else wish
    forced = {key: named.get(key) or [] for key in ("force_hosts", "force_nodes")}
    leaves = [row.host] if row.host else []
    properties: dict[str, Any] = {
        "scheduler_hints": row.request.get("hints") or {},
        "instance_type": flavor,
        "ignore_hosts": [*(row.request.get("ignore_hosts") or []), *leaves],
        "project_id": row.project_id,
        "requested_destination": {
            "host": named.get("requested_host"),
            "node": named.get("requested_node"),
        },
        "limits": {},
        **forced,
    }
    if max_attempts > 1 and not any(forced.values()):
        before = row.retry or {"num_attempts": 0, "hosts": []}
        properties["retry"] = {**before, "num_attempts": before["num_attempts"] + 1}
    return properties


def _is_new(row: Instance) -> bool:
    return row.task_state in NEW


class Placer:
    def __init__(
        self,
        conf: cfg.ConfigOpts,
        database: Database,
        scheduler: SchedulerClient,
        watch: Watch,
        goes_on: Callable[[], None] = lambda: None,
    ) -> None:
        """`goes_on` is called before each question: many that nobody answers take long."""
        self._database, self._scheduler, self._watch = database, scheduler, watch
        self._goes_on = goes_on
        self._max_attempts: int = conf.conductor.max_attempts
        self._batch: int = conf.conductor.batch
        self._patience = timedelta(seconds=conf.conductor.wait_for_hosts_s)
        self._lease_s: float = conf.conductor.lease_s

    def place(self, uuids: Sequence[str]) -> dict[str, Verdict]:
        """Find hosts for those that wait for one, in this order: what was answered about each.

        What no scheduler answers falls due again.
        """
        found, flavors, company = self._database.read(lambda db: _read(db, uuids))
        found = together.in_order(found, uuids)
        rows = {one.row.uuid: one.row for one in found}
        wanted = [
            self._wanted(one, flavors.get(one.row.uuid), company.get(one.row.uuid, {}))
            for one in found
        ]
        exhausted = [w for w in wanted if self._is_exhausted(w)]
        if exhausted:
            self._refuse({w.uuid: self._exhaustion(rows[w.uuid]) for w in exhausted}, rows)
        asked = [w for w in wanted if not self._is_exhausted(w)]
        calls = together.calls(asked, self._batch)
        verdicts = [verdict for call in calls for verdict in self._ask(call)]
        waiting = self._conclude(verdicts, rows)
        answers = {verdict.uuid: verdict for verdict in verdicts}
        return answers | (self.place(waiting) if waiting else {})

    def _ask(self, wanted: Sequence[Wanted]) -> list[Verdict]:
        """What no scheduler answers falls due again; one that cannot be asked keeps no other."""
        self._goes_on()
        try:
            return list(self._scheduler.select_destinations(for_service("conductor"), wanted))
        except errors.Unavailable as error:
            LOG.warning("no host chosen for %d instances: %s; trying again", len(wanted), error)
        except Exception:
            LOG.exception("no host chosen for %s", ", ".join(w.uuid for w in wanted))
            units = together.calls(wanted, 1)
            if len(units) > 1:
                return [verdict for unit in units for verdict in self._ask(unit)]
        return []

    def _conclude(
        self, verdicts: Sequence[Verdict], rows: Mapping[str, Instance]
    ) -> Sequence[str]:
        """Record refusals; those that begin to wait for room."""
        refused = {v.uuid: v.refused for v in verdicts if v.refused}
        now = self._database.now()
        patient = [u for u in refused if (pending.until(rows[u]) or now) > now]
        final = {
            uuid: (_no_valid_host(rows[uuid], why), why)
            for uuid, why in refused.items()
            if uuid not in patient and not self._may_wait(rows[uuid], why)
        }
        if final:
            self._refuse(final, rows)
        return self._pend({uuid: refused[uuid] for uuid in patient}, rows) if patient else ()

    def _pend(
        self, refused: Mapping[str, Mapping[str, Any]], rows: Mapping[str, Instance]
    ) -> Sequence[str]:
        """Those that begin to wait by this; nothing is written of who is told the same again."""
        ids = {uuid: rows[uuid].action_id or 0 for uuid in refused}
        known = self._database.read(lambda db: actions.decisions(db, ids.values()))
        found = [pending.Refused(rows[u], why, known.get(ids[u])) for u, why in refused.items()]
        news = [one for one in found if one.is_news]
        if not news:
            return ()
        return self._database.write(
            lambda db: pending.keep(db, news, self._database.now(), self._lease_s),
            "conductor.pend",
        )

    def _may_wait(self, row: Instance, refused: Mapping[str, Any]) -> bool:
        """Hosts are down that may be back in a moment, as after a restart of everything.

        While this conductor has not watched for long itself, any host may be.
        """
        if not refused["counts"].get("ComputeFilter") or row.deadline_at is None:
            return False
        if not self._watch.may_judge:
            return True
        begun = row.deadline_at - timedelta(seconds=TASKS[Task(row.task_state or "")].deadline_s)
        return bool(refused["waiting"]) and self._database.now() < begun + self._patience

    def _wanted(
        self, one: Working, new_flavor: Mapping[str, Any] | None, company: Mapping[str, Any]
    ) -> Wanted:
        row, flavor = one.row, new_flavor or one.row.flavor
        properties = filter_properties(row, flavor, one.parameters or {}, self._max_attempts)
        spec = request_spec(row, flavor)
        return Wanted(row.uuid, row.generation, one.request_id, spec, {**properties, **company})

    def _is_exhausted(self, wanted: Wanted) -> bool:
        retry = wanted.filter_properties.get("retry") or {}
        return int(retry.get("num_attempts", 0)) > self._max_attempts

    def _exhaustion(self, row: Instance) -> tuple[errors.MinicloudError, Mapping[str, Any]]:
        retry = row.retry or {}
        sentence = (
            "Exceeded maximum number of retries. Exhausted all hosts available for retrying "
            f"build failures for instance {row.uuid}."
        )
        if retry.get("exc_reason"):
            sentence += f" Last error: {retry['exc_reason']}"
        return errors.RetriesExhausted(sentence), retry

    def _refuse(
        self,
        reasons: Mapping[str, tuple[errors.MinicloudError, Mapping[str, Any]]],
        read: Mapping[str, Instance],
    ) -> None:
        """End these, each with its reason, unless they changed since they were read."""

        def work(db: Session) -> None:
            ledger = Ledger(db, self._database.now(), Delays())
            for row in ledger.lock(reasons):
                if row.generation == read[row.uuid].generation:
                    ledger.refuse(row, *reasons[row.uuid])
            ledger.write()

        self._database.write(work, "conductor.refuse")


def _read(
    db: Session, uuids: Sequence[str]
) -> tuple[list[Working], dict[str, Mapping[str, Any]], Mapping[str, Mapping[str, Any]]]:
    """What waits for a host; by uuid the flavor that those get which are resized, and what is to
    be told of their groups."""
    found = together.gathered(db, instances.to_place(db, uuids))
    moving = [one.row.uuid for one in found if one.row.task_state == Task.RESIZE_PREP]
    moves = migrations.open_of(db, moving)
    flavors: dict[str, Mapping[str, Any]] = {u: move.new_flavor for u, move in moves.items()}
    return found, flavors, groups.facts(db, [one.row for one in found])


def _no_valid_host(row: Instance, refused: Mapping[str, Any]) -> errors.NoValidHost:
    """The scheduler's sentence, and why the hosts tried before failed."""
    before = (row.retry or {}).get("exc_reason")
    return errors.NoValidHost(refused["sentence"] + (f" Last error: {before}" if before else ""))
