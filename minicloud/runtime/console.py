"""What `minicloud up` tells: to the terminal, to its log, and to the parent of a detached one."""

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TextIO

from minicloud.runtime.clock import Clock
from minicloud.runtime.life import with_log


class Console:
    """Lines for a person; each is kept in a log as well."""

    def __init__(self, log: Path, clock: Clock, parent: int | None = None) -> None:
        """`parent`: a pipe to the process that waits until we are ready; None: a terminal."""
        self._log, self._clock, self._parent = log, clock, parent
        self._detached = parent is not None

    def say(self, text: str) -> None:
        self._keep(text)
        self._show("say", text)

    def fail(self, text: str) -> None:
        self._keep(text)
        self._show("fail", text)

    def ready(self, text: str) -> None:
        """Say the last words to a parent that waits; a terminal goes on seeing lines."""
        self._keep("ready")
        self._show("ready", text)
        if self._parent is not None:
            os.close(self._parent)
            self._parent = None

    def _keep(self, text: str) -> None:
        with self._log.open("a") as log:
            log.write(f"{_stamp(self._clock.now())} {text}\n")

    def _show(self, kind: str, text: str) -> None:
        if self._parent is not None:
            with suppress(BrokenPipeError):
                os.write(self._parent, json.dumps({"kind": kind, "text": text}).encode() + b"\n")
        elif not self._detached:
            print(text, file=_stream(kind), flush=True)


def detached(output: Path, body: Callable[[int], int]) -> int:
    """Run `body` in a process of its own and wait until it is ready or has failed.

    The child gets the pipe that its Console reports to; its standard streams become `output`.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child:
        os.close(writing)
        return _listen_to(child, reading, output)
    os.close(reading)
    os.setsid()
    _redirect(output)
    sys.exit(body(writing))


def _listen_to(child: int, reading: int, output: Path) -> int:
    failed = False
    try:
        with open(reading) as lines:
            for line in lines:
                message = json.loads(line)
                print(message["text"], file=_stream(message["kind"]), flush=True)
                if message["kind"] == "ready":
                    return 0
                failed = failed or message["kind"] == "fail"
    except KeyboardInterrupt:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)
        return 130
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if not failed:
        print(with_log("minicloud did not start", output), file=sys.stderr)
    return code if code > 0 else 1


def _stream(kind: str) -> TextIO:
    return sys.stderr if kind == "fail" else sys.stdout


def _redirect(output: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(log)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d}"
