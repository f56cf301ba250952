"""A check that stays true however often, and whenever, somebody looks.

A bet against "the rate is not higher than before". By Ville's inequality a fair bet multiplies
its stake by 200 with a chance of at most 1 in 200, over all moments together. The bet is spread
evenly over every rate above the highest that the history leaves possible, which makes it exact:
its value is a sum of binomial probabilities.
"""

from __future__ import annotations

from math import inf, lgamma, log, log1p

from landed.core.statistics.exact import Hits, at_most, highest_rate

ANYTIME = 0.01
"""The chance of a false alarm at any unplanned look, ever."""


def too_many(before: Hits, after: Hits, errors: int) -> bool:
    """Whether the hits afterwards are too many, at whatever moment this is asked.

    Half of the chance goes to a history that looked better than it was, half to the bet.
    `errors` is how many are watched at once.
    """
    chance = ANYTIME / 2 / errors
    highest = highest_rate(before, chance)
    return highest < 1 and log_stake(highest, after) >= -log(chance)


def log_stake(highest: float, after: Hits) -> float:
    """The logarithm of what a stake of one has become, if no rate up to `highest` explains it."""
    hit, clean = after.hit, after.of - after.hit
    below = at_most(hit, after.of + 1, highest)
    if not below:
        return -inf
    spread = lgamma(hit + 1) + lgamma(clean + 1) - lgamma(after.of + 2)
    return log(below) + spread - (hit * log(highest) + (clean + 1) * log1p(-highest))
