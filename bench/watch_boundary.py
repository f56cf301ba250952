"""The table in `core/statistics/boundary.py`, made anew: `./dev bench watch_boundary`.

Two million random walks, the limit of many hits and a long history, in which the exact tests are
no longer conservative. For each number of planned looks: how far out the boundary has to lie so
that, if nothing changed, a watch crosses it at any look as seldom as each share of the chance asks.
"""

from __future__ import annotations

import math

import numpy as np

from landed.core.statistics.boundary import LOOKS, PLANNED, SHAPE, SHARES

SEED, WALKS, AT_ONCE = 20251104, 2_000_000, 20_000


def furthest(looks: int, walks: int, seed: int) -> np.ndarray:
    """How far each walk came out at its furthest look, measured in boundaries of height one."""
    chance = np.random.default_rng(seed)
    number = np.arange(1, looks + 1)
    height = np.sqrt(number) * (looks / number) ** SHAPE
    parts = []
    for begin in range(0, walks, AT_ONCE):
        steps = chance.standard_normal((min(AT_ONCE, walks - begin), looks), dtype=np.float32)
        parts.append((np.cumsum(steps, axis=1) / height).max(axis=1))
    return np.concatenate(parts)


def row(looks: int, walks: int = WALKS, seed: int = SEED) -> list[float]:
    """The heights for one number of looks, by share."""
    out = furthest(looks, walks, seed)
    return [float(np.quantile(out, 1 - PLANNED / share)) for share in SHARES]


def up(height: float) -> float:
    """Two digits, and never lower than it was."""
    return math.ceil(height * 100) / 100


if __name__ == "__main__":
    print("looks ", *(f"1/{share}" for share in SHARES))
    for looks in LOOKS:
        print(f"{looks}: ({', '.join(f'{up(height):.2f}' for height in row(looks))}),", flush=True)
