"""Runs seeds: `python -m tests.simulation.run --seeds 1-2000`, or one with `--seed N --trace`."""

import argparse
import sys
import time

from tests.simulation.scenario import Outcome, play


def main() -> int:
    options = _options()
    if options.seed is not None:
        return _one(options.seed, trace=options.trace)
    first, _dash, last = options.seeds.partition("-")
    return _many(int(first), int(last or first), most_failures=options.failures)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.run", description=__doc__)
    parser.add_argument("--seeds", default="1-200", help="a range, such as 1-2000")
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--trace", action="store_true", help="print what happened in it")
    parser.add_argument("--failures", type=int, default=5, help="stop after so many bad seeds")
    return parser.parse_args()


def _one(seed: int, *, trace: bool) -> int:
    outcome = play(seed, keep_trace=trace)
    print("\n".join(outcome.trace))
    _tell(outcome)
    return 1 if outcome.problems else 0


def _many(first: int, last: int, *, most_failures: int) -> int:
    bad: list[Outcome] = []
    began, servers, simulated_s = time.monotonic(), 0, 0.0
    for seed in range(first, last + 1):
        outcome = play(seed)
        servers += outcome.servers
        simulated_s += outcome.simulated_s
        if outcome.problems:
            bad.append(outcome)
            _tell(outcome)
            if len(bad) >= most_failures:
                break
        if seed % 50 == 0 or seed == last:
            took_s = time.monotonic() - began
            print(
                f"seed {seed}: {servers} servers, {simulated_s / 3600:.1f} simulated hours "
                f"in {took_s:.0f} s, {len(bad)} bad seeds",
                flush=True,
            )
    return 1 if bad else 0


def _tell(outcome: Outcome) -> None:
    print(
        f"seed {outcome.seed}: {outcome.servers} servers, {outcome.simulated_s:.0f} s simulated, "
        f"trace {outcome.digest:08x}: {'BAD' if outcome.problems else 'good'}"
    )
    for problem in outcome.problems[:10]:
        print(f"    {problem}")
    if outcome.problems:
        print(f"    replay: python -m tests.simulation.run --seed {outcome.seed} --trace")


if __name__ == "__main__":
    sys.exit(main())
