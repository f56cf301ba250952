"""Exact probabilities of counts: every term of every sum, by logarithms.

Importing scipy.stats takes longer than most commands of landed; these sums take microseconds.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from functools import cache
from math import exp, inf, lgamma, log, log1p

from landed.core.model import Frozen


class Hits(Frozen):
    """Of `of` executions (or hours) `hit` showed the error."""

    hit: int
    of: int

    @property
    def rate(self) -> float:
        """The share that showed it; 0 where there was none at all."""
        return self.hit / self.of if self.of else 0.0


def no_more_hits(before: Hits, after: Hits) -> float:
    """Fisher's one-sided exact test that the error became rarer.

    How probable so few hits afterwards are (these, or fewer) if nothing changed: all hits dealt
    by chance over all executions. 1.0 where a side is empty.
    """
    return _dealt(before, after, range(after.hit + 1))


def no_fewer_hits(before: Hits, after: Hits, enough: float = 1.0) -> float:
    """Fisher's one-sided exact test that the error became more frequent.

    The sum ends where it is `enough`: who compares it with less is spared the rest.
    """
    return _dealt(before, after, range(after.hit, before.hit + after.hit + 1), enough)


def _dealt(before: Hits, after: Hits, hits: range, enough: float = 1.0) -> float:
    """How probable it is that one of these numbers of hits falls on the executions afterwards."""
    total, every = before.hit + after.hit, before.of + after.of
    ways = log_choices(every, after.of)
    return _summed(
        (
            log_choices(total, hit) + log_choices(every - total, after.of - hit) - ways
            for hit in hits
        ),
        enough,
    )


def _summed(logarithms: Iterable[float], enough: float = 1.0) -> float:
    """The sum of probabilities that are given by their logarithms, as far as it is `enough`."""
    found = 0.0
    for logarithm in logarithms:
        found += exp(logarithm)
        if found >= enough:
            break
    return min(1.0, found)


def log_choices(of: int, hit: int) -> float:
    """The logarithm of the number of ways to choose `hit` of `of`; minus infinity for none."""
    if not 0 <= hit <= of:
        return -inf
    return lgamma(of + 1) - lgamma(hit + 1) - lgamma(of - hit + 1)


def seldom(chance: float, allowed: float) -> bool:
    """Whether a chance is at most what is allowed; logarithms may miss the last digits."""
    return chance <= allowed * (1 + 1e-9)


def clean_needed(before: Hits, after_of: int, chance: float) -> int:
    """How many more clean ones it takes until Fisher's test falls to `chance`, beside `after_of`.

    `before` must have a hit: with none, no number is enough.
    """
    enough = 1
    while not seldom(no_more_hits(before, Hits(hit=0, of=enough)), chance):
        enough *= 2
    least = enough // 2
    while enough - least > 1:
        middle = (least + enough) // 2
        if seldom(no_more_hits(before, Hits(hit=0, of=middle)), chance):
            enough = middle
        else:
            least = middle
    return max(0, enough - after_of)


def at_most(hit: int, of: int, rate: float) -> float:
    """How probable at most `hit` hits are in `of` independent tries of this rate (0 < rate < 1)."""
    yes, no = log(rate), log1p(-rate)
    return _summed(log_choices(of, n) + n * yes + (of - n) * no for n in range(hit + 1))


@cache
def highest_rate(seen: Hits, chance: float) -> float:
    """The rate above which the true one lies with at most this chance (Clopper and Pearson)."""
    if seen.hit >= seen.of:
        return 1.0
    low, high = seen.rate, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        if at_most(seen.hit, seen.of, middle) > chance:
            low = middle
        else:
            high = middle
    return high


def clumped(shown: Sequence[bool], enough: float = 1.0) -> float:
    """How probable so few changes between hit and clean are, in this order, if chance dealt them.

    The exact runs test of Wald and Wolfowitz, one-sided: a small value says that hits follow hits.
    1.0 where there is nothing to tell: no hit, or no clean one. The sum ends where it is `enough`.
    """
    hit = sum(shown)
    clean = len(shown) - hit
    if not hit or not clean:
        return 1.0
    stretches = 1 + sum(a != b for a, b in itertools.pairwise(shown))
    total = log_choices(len(shown), hit)
    ways = (_log_ways(hit, clean, number) - total for number in range(stretches, 1, -1))
    return _summed(ways, enough)


def _log_ways(hit: int, clean: int, stretches: int) -> float:
    """In how many orders hits and clean ones make exactly so many stretches, as a logarithm."""
    half, odd = divmod(stretches, 2)
    if not odd:
        return log(2) + log_choices(hit - 1, half - 1) + log_choices(clean - 1, half - 1)
    more_hits = log_choices(hit - 1, half) + log_choices(clean - 1, half - 1)
    more_clean = log_choices(hit - 1, half - 1) + log_choices(clean - 1, half)
    both = max(more_hits, more_clean)
    return both + log(exp(more_hits - both) + exp(more_clean - both))
