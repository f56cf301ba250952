"""The exact tests against scipy's, and what must hold of them whatever the numbers."""

from __future__ import annotations

from itertools import pairwise
from math import inf, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats  # type: ignore[import-untyped] # scipy has no types

from landed.core.statistics.anytime import log_stake, too_many
from landed.core.statistics.boundary import LOOKS, PLANNED, SHARES, allowed
from landed.core.statistics.exact import (
    Hits,
    at_most,
    clean_needed,
    clumped,
    highest_rate,
    log_choices,
    no_fewer_hits,
    no_more_hits,
    seldom,
)

GONE = 0.05


def H(hit: int, of: int) -> Hits:  # noqa: N802 - short for a table
    return Hits(hit=hit, of=of)


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


def test_some_sums_are_scipys_to_the_last_digits() -> None:
    """As the tests with data below and above, in milliseconds."""
    for before, after in ((H(3, 40), H(5, 20)), (H(0, 9), H(2, 3)), (H(9, 9), H(1, 30))):
        table = [[after.hit, after.of - after.hit], [before.hit, before.of - before.hit]]
        for ours, side in ((no_more_hits, "less"), (no_fewer_hits, "greater")):
            theirs = stats.fisher_exact(table, alternative=side).pvalue
            assert ours(before, after) == pytest.approx(theirs, rel=1e-9)
    assert no_fewer_hits(H(3, 40), H(5, 20), enough=0.01) >= 0.01
    assert no_fewer_hits(H(3, 40), H(5, 20), enough=0.04) < 0.1
    assert no_fewer_hits(H(0, 240), H(9, 90), enough=0.04) == no_fewer_hits(H(0, 240), H(9, 90))
    assert at_most(3, 20, 0.2) == pytest.approx(stats.binom.cdf(3, 20, 0.2), rel=1e-9)
    assert highest_rate(H(2, 30), 0.01) == pytest.approx(stats.beta.ppf(0.99, 3, 28), rel=1e-9)
    assert highest_rate(H(4, 4), 0.01) == 1.0
    assert (H(1, 4).rate, H(0, 0).rate) == (0.25, 0.0)
    assert seldom(0.05 * (1 + 1e-10), 0.05)
    assert not seldom(0.05 * (1 + 1e-8), 0.05)
    assert log_choices(5, 2) == pytest.approx(log(10))
    assert log_choices(5, 6) == log_choices(5, -1) == -inf
    for before, so_far in ((H(3, 40), 0), (H(3, 40), 7), (H(30, 40), 0)):
        more = clean_needed(before, so_far, GONE)
        assert seldom(no_more_hits(before, H(0, so_far + more)), GONE)
        assert not seldom(no_more_hits(before, H(0, so_far + more - 1)), GONE)
    assert clean_needed(H(3, 40), 4_000, GONE) == 0
    assert clean_needed(H(30, 30), 0, GONE) == 1
    assert all(no_fewer_hits(H(n, 50), H(0, 50)) <= 1.0 for n in range(50))
    assert clumped([True] * 3) == clumped([False] * 3) == clumped([]) == 1.0


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


def test_the_stake_is_what_a_bet_on_every_higher_rate_has_become() -> None:
    for highest, after in ((0.1, H(3, 10)), (0.4, H(2, 9)), (0.05, H(0, 4)), (0.2, H(0, 0))):

        def likely(rate: float, after: Hits = after) -> float:
            return float(rate**after.hit * (1 - rate) ** (after.of - after.hit))

        area, _ = integrate.quad(likely, highest, 1)
        worth = area / (1 - highest) / likely(highest)
        assert log_stake(highest, after) == pytest.approx(log(worth), abs=1e-7)


def test_the_anytime_check_is_wrong_once_in_a_hundred_times_shared_by_all_errors() -> None:
    before = H(12, 240)
    for errors in (1, 4):
        share = 0.01 / 2 / errors
        highest = highest_rate(before, share)
        some = [H(hit, of) for of in (20, 90, 200) for hit in range(of)]
        said = [too_many(before, after, errors) for after in some]
        assert said == [log_stake(highest, after) >= log(1 / share) for after in some]
        assert {*said} == {True, False}
    assert not too_many(H(3, 3), H(2, 2), 1)


def test_the_boundary_is_looked_up_by_looks_and_by_errors() -> None:
    def height(look: int, looks: int, errors: int) -> float:
        return -float(stats.norm.ppf(allowed(look, looks, errors)))

    assert height(1, 1, 1) == pytest.approx(1.76)
    assert height(6, 6, 1) == height(5, 5, 1) == pytest.approx(1.97)
    assert height(3, 6, 1) == pytest.approx(1.97 * 2**0.25)
    assert height(192, 192, 128) == pytest.approx(3.67)
    for share, more in pairwise(SHARES):
        assert more == 2 * share
        assert allowed(6, 6, share) > allowed(6, 6, share + 1) == allowed(6, 6, more)


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
