"""How rare a difference has to be at a planned look, so that many looks raise no false alarm.

Who tests at every checkpoint as if it were the only one raises a false alarm three to six times
as often as the test says. So each look is allowed less, the earlier the less: late looks have
more to go by.
"""

from __future__ import annotations

PLANNED = 0.04
"""The chance of a false alarm over all planned looks; `anytime` has the rest of 5 %."""

SHAPE = 0.25
"""Between Pocock's boundary (0: every look alike) and O'Brien's and Fleming's (0.5)."""

SHARES = (1, 2, 4, 8, 16, 32, 64, 128)
"""Where several errors are watched, each has its share of the chance."""

_HEIGHTS: dict[int, tuple[float, ...]] = {
    1: (1.76, 2.06, 2.33, 2.58, 2.81, 3.03, 3.24, 3.43),
    2: (1.85, 2.13, 2.39, 2.62, 2.84, 3.05, 3.25, 3.45),
    3: (1.90, 2.17, 2.42, 2.65, 2.88, 3.09, 3.28, 3.47),
    4: (1.93, 2.21, 2.45, 2.68, 2.91, 3.11, 3.31, 3.49),
    6: (1.97, 2.24, 2.49, 2.72, 2.94, 3.14, 3.33, 3.51),
    8: (2.00, 2.27, 2.51, 2.74, 2.96, 3.16, 3.36, 3.55),
    12: (2.04, 2.30, 2.55, 2.77, 2.98, 3.18, 3.37, 3.56),
    24: (2.08, 2.35, 2.59, 2.81, 3.02, 3.21, 3.40, 3.58),
    48: (2.12, 2.38, 2.62, 2.84, 3.05, 3.25, 3.44, 3.62),
    96: (2.14, 2.41, 2.65, 2.87, 3.09, 3.29, 3.47, 3.65),
    192: (2.16, 2.42, 2.67, 2.89, 3.10, 3.30, 3.50, 3.67),
}
"""By the number of looks: the height of the last look's boundary, in standard deviations, for each
share. Simulated by `bench/watch_boundary.py`."""

LOOKS = tuple(_HEIGHTS)


def allowed(look: int, looks: int, errors: int) -> float:
    """The p-value that is an alarm at look number `look` (from 1) of `looks` that were planned.

    `errors` is how many are watched at once. 0.0, so never an alarm, for a look that was not
    planned and where the table ends: there only `anytime` speaks.
    """
    row = next((number for number in LOOKS if number >= looks), None)
    column = next((place for place, share in enumerate(SHARES) if share >= errors), None)
    if row is None or column is None or not 1 <= look <= looks:
        return 0.0
    height = _HEIGHTS[row][column] * (looks / look) ** SHAPE
    from statistics import NormalDist  # noqa: PLC0415 - slow to load, and few look at a watch

    return NormalDist().cdf(-height)
