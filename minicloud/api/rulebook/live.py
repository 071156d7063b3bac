"""The rules in force, which follow their files: a change counts from the next request on."""

import logging
import threading
from collections.abc import Mapping
from typing import Any, Final

from oslo_config import cfg

from minicloud.api.rulebook import files
from minicloud.api.rulebook.book import Override, Rulebook
from minicloud.api.rulebook.places import Places
from minicloud.api.rulebook.texts import BadRule
from minicloud.errors import CannotStart
from minicloud.runtime.clock import Clock

LOG = logging.getLogger(__name__)
_COARSEST_S: Final = 2.5  # no file system's times are coarser: from then on a stamp tells all
_WRITING_S: Final = 1.0  # so long one who writes is given to come to the end of a line

Good = dict[str, dict[str, Override]]


class LiveRules:
    """A file that cannot be taken leaves its last good rules in force, and is told of once.

    So does a file that is gone or emptied: what it closed does not open by an accident.
    """

    def __init__(
        self, conf: cfg.ConfigOpts, defaults: Mapping[str, Any], enforcer: Any, clock: Clock
    ) -> None:
        """CannotStart, naming the file and the reason, where anything is wrong."""
        self._conf, self._defaults, self._enforcer = conf, defaults, enforcer
        self._clock, self._lock = clock, threading.Lock()
        self._places = Places(conf)
        self._good: Good = {}
        self._told: frozenset[str] = frozenset()
        self._problems: list[str] = []
        self._unfinished = self._settled = False
        self._stamps = self._places.stamps()
        self._changed_at = clock.monotonic()
        self._texts = {path: files.text(path) for path in self._stamps}
        self.book = self._first()

    def refresh(self) -> None:
        """Take what has changed; two calls of stat where nothing has."""
        if not self._settled or self._places.stamps() != self._stamps:
            with self._lock:
                self._look()

    def _first(self) -> Rulebook:
        good, problems = self._read(self._texts, writing=False)
        try:
            book = self._bound(good)
        except BadRule as error:
            problems.append(str(error))
        if problems:
            raise CannotStart("; ".join(problems))
        self._good = good
        self._tell([], book)
        return book

    def _look(self) -> None:
        stamps, now = self._places.stamps(), self._clock.monotonic()
        if stamps != self._stamps:
            self._stamps, self._changed_at = stamps, now
        age = now - self._changed_at
        texts = {path: files.text(path) for path in stamps}
        if texts != self._texts or self._unfinished:
            self._texts = texts
            self._take(writing=age < _WRITING_S)
        self._settled = age > _COARSEST_S

    def _take(self, *, writing: bool) -> None:
        good, problems = self._read(self._texts, writing=writing)
        try:
            if good != self._good:
                self.book, self._good = self._bound(good), good
                LOG.info("policy: %d rules are overridden now", len(self.book.overrides))
        except BadRule as error:
            problems.append(str(error))
        self._tell(problems, self.book)

    def _bound(self, good: Good) -> Rulebook:
        overrides = [
            one for path in sorted(good, key=self._places.rank) for one in good[path].values()
        ]
        default_rule = self._conf.oslo_policy.policy_default_rule
        return Rulebook(self._defaults, overrides, default_rule, self._enforcer)

    def _read(self, texts: Mapping[str, bytes | str], *, writing: bool) -> tuple[Good, list[str]]:
        """What counts of each file, and what is wrong with it."""
        good: Good = {}
        problems: list[str] = []
        self._unfinished = False
        for path in {**self._good, **texts}:
            before = good[path] = self._good.get(path, {})
            text = texts.get(path)
            if text is None:
                problems += [f"{path}: is gone"] if before else []
            elif before and not text.strip():
                problems.append(f"{path}: is empty; a file without rules says {{}}")
            elif writing and isinstance(text, bytes) and text[-1:] not in (b"\n", b""):
                self._unfinished = True
            else:
                try:
                    good[path] = files.overrides(path, text)
                except BadRule as error:
                    problems.append(f"{path}: {error}")
        return good, problems

    def _tell(self, problems: list[str], book: Rulebook) -> None:
        """Each once, for as long as it lasts."""
        told = frozenset(problems) | frozenset(book.warnings())
        for problem in problems:
            if problem not in self._told:
                LOG.error("policy: %s (the rules read before stay in force)", problem)
        for warning in sorted(told - self._told - set(problems)):
            LOG.warning("policy: %s", warning)
        if self._problems and not problems:
            LOG.info("policy: the files are in order again")
        self._told, self._problems = told, problems
