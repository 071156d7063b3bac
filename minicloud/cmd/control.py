"""`minicloud down`, `kill` and `restart`: what is asked of a running cloud."""

import argparse
import signal
import sys

from minicloud.cmd.state import State
from minicloud.runtime import control, pids, runfile
from minicloud.runtime.clock import Clock, SystemClock
from minicloud.runtime.leftovers import end_leftovers
from minicloud.runtime.runfile import Child, Run

DOWN_PATIENCE_S = 120.0


def down(options: argparse.Namespace) -> int:
    """Stop the cloud and wait until it is down; one that does not run is down already."""
    state = State(options.state_dir)
    clock = SystemClock()
    run = _run_or_leftover(state, clock)
    if run is None or not (run.alive or any(child.alive for child in run.children)):
        print(f"no cloud runs in {state.root}")
        return 0
    pids.send(run.pid, run.process_started, signal.SIGTERM)
    if not pids.gone(run.pid, run.process_started, clock, DOWN_PATIENCE_S):
        print(f"it still runs after {DOWN_PATIENCE_S:.0f} s (pid {run.pid})", file=sys.stderr)
        return 1
    end_leftovers(run, state.servers, clock)  # there are any only if the supervisor was killed
    state.run_file.unlink(missing_ok=True)
    print("minicloud is down; what it had is kept, `minicloud up` goes on with it")
    return 0


def _run_or_leftover(state: State, clock: Clock) -> Run | None:
    """What runs here or was left by a supervisor that was killed; one just starting tells soon."""
    until = clock.monotonic() + 30.0
    while (run := runfile.read(state.run_file)) is None or not run.alive:
        if not state.starting or clock.monotonic() > until:
            break
        clock.sleep(0.1)
    return run


def kill(options: argparse.Namespace) -> int:
    """Send a signal to a service's processes; the supervisor starts again what dies."""
    chosen = _choose(options, "kill")
    if isinstance(chosen, int):
        return chosen
    number = _signal(options.signal)
    if number is None:
        print(f"no such signal: {options.signal}; try KILL, TERM, STOP, CONT", file=sys.stderr)
        return 2
    sent = 0
    for child in chosen[1]:
        if child.pid and pids.send(child.pid, child.process_started, number):
            print(f"{child.name} (pid {child.pid}) got {signal.Signals(number).name}")
            sent += 1
        else:
            print(f"{child.name} does not run at the moment", file=sys.stderr)
    return 0 if sent else 1


def restart(options: argparse.Namespace) -> int:
    """Restart a service, one process at a time."""
    chosen = _choose(options, "restart")
    if isinstance(chosen, int):
        return chosen
    run, children = chosen
    for answer in control.ask(run.control, {"restart": [child.name for child in children]}):
        if isinstance(answer, bool):
            return 0 if answer else 1
        print(answer, flush=True)
    return 1


def _choose(options: argparse.Namespace, verb: str) -> tuple[Run, list[Child]] | int:
    """The processes that the command names, or the exit code after saying why there are none."""
    state = State(options.state_dir)
    run = state.run()
    if run is None:
        print(f"no cloud runs in {state.root}; `minicloud up` starts one", file=sys.stderr)
        return 3
    if run.mode == runfile.EMBEDDED and not (verb == "kill" and _is_beside(run, options.service)):
        beside = [child.name for child in run.children if child.pid != run.pid]
        only = f" but {', '.join(beside)}" if beside and verb == "kill" else ""
        print(
            f"this cloud is one process, so there is no single service to {verb}{only}: "
            "use `minicloud down` and `minicloud up`,\n"
            "or start one of many processes with `minicloud up --processes`",
            file=sys.stderr,
        )
        return 2
    children = run.matching(options.service)
    if not children:
        there = ", ".join(runfile.names(run.children))
        print(f"no such service: {options.service}; there are: {there}", file=sys.stderr)
        return 2
    return run, children


def _is_beside(run: Run, word: str) -> bool:
    """Whether it is a server that the one process looks after, as a private Keystone."""
    found = run.matching(word)
    return bool(found) and all(child.pid != run.pid for child in found)


def _signal(word: str) -> int | None:
    """9, KILL or SIGKILL."""
    name = word.upper()
    for candidate in (name, f"SIG{name}"):
        if candidate in signal.Signals.__members__:
            return signal.Signals[candidate]
    return int(word) if word.isdigit() and int(word) in set(signal.Signals) else None
