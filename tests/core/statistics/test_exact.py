"""The exact tests against scipy's, and what must hold of them whatever the numbers."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped] # scipy has no types

from landed.core.statistics.anytime import log_stake, too_many
from landed.core.statistics.boundary import LOOKS, PLANNED, SHARES, allowed
from landed.core.statistics.exact import (
    Hits,
    at_most,
    clean_needed,
    clumped,
    highest_rate,
    no_fewer_hits,
    no_more_hits,
    seldom,
)

GONE = 0.05


def some_hits(most: int = 300, least: int = 1) -> st.SearchStrategy[Hits]:
    return st.integers(least, most).flatmap(
        lambda of: st.integers(0, of).map(lambda hit: Hits(hit=hit, of=of))
    )


@settings(max_examples=200, deadline=None, derandomize=True)
@given(some_hits(), some_hits())
def test_fisher_is_scipys(before: Hits, after: Hits) -> None:
    table = [[after.hit, after.of - after.hit], [before.hit, before.of - before.hit]]
    for ours, side in ((no_more_hits, "less"), (no_fewer_hits, "greater")):
        theirs = stats.fisher_exact(table, alternative=side).pvalue
        assert abs(ours(before, after) - theirs) <= 1e-9 + 1e-7 * theirs


@settings(max_examples=150, deadline=None, derandomize=True)
@given(some_hits(), st.floats(0.001, 0.999))
def test_binomial_sums_and_their_bound_are_scipys(hits: Hits, rate: float) -> None:
    assert abs(at_most(hits.hit, hits.of, rate) - stats.binom.cdf(hits.hit, hits.of, rate)) < 1e-9
    if hits.hit < hits.of:
        bound = stats.beta.ppf(0.99, hits.hit + 1, hits.of - hits.hit)
        assert abs(highest_rate(hits, 0.01) - bound) < 1e-9


def test_the_runs_test_counts_every_order() -> None:
    """All orders of 4 hits among 10, and how many have so few stretches."""
    orders = [[bool(bits >> n & 1) for n in range(10)] for bits in range(1024)]
    orders = [order for order in orders if sum(order) == 4]
    stretches = [1 + sum(a != b for a, b in pairwise(o)) for o in orders]
    for order, mine in zip(orders, stretches, strict=True):
        share = sum(other <= mine for other in stretches) / len(orders)
        assert abs(clumped(order) - share) < 1e-9


@settings(max_examples=150, deadline=None, derandomize=True)
@given(some_hits(), some_hits())
def test_more_hits_since_never_make_gone_more_certain(before: Hits, after: Hits) -> None:
    more = Hits(hit=min(after.of, after.hit + 1), of=after.of)
    assert no_more_hits(before, after) <= no_more_hits(before, more) + 1e-9


@settings(max_examples=200, deadline=None, derandomize=True)
@given(some_hits().filter(lambda hits: hits.hit > 0), st.integers(0, 400))
def test_so_many_more_clean_ones_are_enough_and_one_fewer_is_not(before: Hits, of: int) -> None:
    more = clean_needed(before, of, GONE)
    assert seldom(no_more_hits(before, Hits(hit=0, of=of + more)), GONE)
    if more:
        assert not seldom(no_more_hits(before, Hits(hit=0, of=of + more - 1)), GONE)


@given(some_hits())
def test_an_empty_side_is_never_a_surprise(hits: Hits) -> None:
    nothing = Hits(hit=0, of=0)
    for one, other in ((hits, nothing), (nothing, hits), (nothing, nothing)):
        assert no_more_hits(one, other) == no_fewer_hits(one, other) == 1.0
        assert not too_many(one, other, 1)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.floats(0.01, 0.9), st.integers(1, 60))
def test_the_bet_is_fair(highest: float, runs: int) -> None:
    """What the stake is worth on average, at the highest rate that nothing speaks against: one."""
    from math import exp

    worth = sum(
        stats.binom.pmf(hit, runs, highest) * exp(log_stake(highest, Hits(hit=hit, of=runs)))
        for hit in range(runs + 1)
    )
    assert abs(worth - 1) < 1e-6


def test_the_boundary_allows_less_to_more_looks_to_earlier_ones_and_to_more_errors() -> None:
    assert allowed(1, 1, 1) <= PLANNED
    for looks in LOOKS:
        row = [allowed(look, looks, 1) for look in range(1, looks + 1)]
        assert row == sorted(row)
        assert sum(row[-1:]) <= PLANNED
    last = [allowed(looks, looks, 1) for looks in LOOKS]
    assert last == sorted(last, reverse=True)
    shares = [allowed(6, 6, errors) for errors in SHARES]
    assert shares == sorted(shares, reverse=True)


def test_a_look_that_was_not_planned_is_allowed_nothing() -> None:
    assert allowed(0, 6, 1) == allowed(7, 6, 1) == allowed(1, 193, 1) == allowed(1, 6, 129) == 0.0


def test_the_table_is_what_its_simulation_says() -> None:
    """One row again, with fewer walks and another seed."""
    from watch_boundary import row

    for looks in (6, 24):
        for share, height in zip(SHARES[:3], row(looks, walks=200_000, seed=1)[:3], strict=True):
            crossed = stats.norm.sf(height) * share
            assert abs(allowed(looks, looks, share) * share / crossed - 1) < 0.1
