"""Chance, handed in: whoever needs it takes dice, so that a seed can replay a run."""

import random

Dice = random.Random


def new(seed: int | None = None) -> Dice:
    """Dice of their own; without a seed, different each time."""
    return random.Random(seed)
