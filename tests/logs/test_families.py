"""Errors of several executions: by family and identity, on which image, before or after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import structs

from landed.core.model import NamedError
from landed.core.probe import LogLine
from landed.core.seen import Execution, ExecutionState
from landed.logs.families import Family, families

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DEPLOYED = BEGIN + timedelta(hours=1)
OLD, NEW = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"


def at(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


def run(name: str, digest: str | None, begun: float) -> Execution:
    return Execution(
        id=name,
        digest=digest,
        started_at=at(begun),
        finished_at=None,
        state=ExecutionState.SUCCEEDED,
    )


def failing(execution: str, about: str, minutes: float) -> LogLine:
    text = (
        "Traceback (most recent call last):\n"
        '  File "/app/main.py", line 3, in main\n    go()\n'
        f"LookupError: no {about!r}"
    )
    return LogLine(timestamp=at(minutes), severity="ERROR", text=text, execution=execution)


def look(runs: Sequence[Execution], *lines: LogLine, named: str = "") -> tuple[Family, ...]:
    entries = {one.id: [line for line in lines if line.execution == one.id] for one in runs}
    wanted = [NamedError(name="it", contains=named)] if named else []
    return families(runs, entries, wanted, ["work done"], DEPLOYED)


def test_two_identities_of_one_family_each_on_its_image() -> None:
    runs = [run("b", NEW, 70), run("a", OLD, 10)]
    (family,) = look(runs, failing("a", "School", 11), failing("b", "FeatureFlag", 71))
    assert [one.title for one in family.identities] == [
        "LookupError: no 'FeatureFlag'",
        "LookupError: no 'School'",
    ]
    assert [one.sightings[0].digest for one in family.identities] == [NEW, OLD]


def test_an_execution_from_before_the_deployment_is_shown_as_such_whatever_the_clock_says() -> None:
    # It runs the digest that is deployed now, and it still writes after the deployment.
    runs = [run("late", NEW, 50), run("fresh", NEW, 65)]
    (family,) = look(runs, failing("late", "School", 80), failing("fresh", "School", 66))
    (identity,) = family.identities
    assert [(s.executions, s.old) for s in identity.sightings] == [
        (("late",), True),
        (("fresh",), False),
    ]


def test_a_revision_that_serves_is_not_old() -> None:
    serving = structs.replace(run("r1", NEW, 59), state=ExecutionState.SERVING)
    (family,) = look([serving], failing("r1", "School", 61))
    assert not family.identities[0].sightings[0].old


def test_entries_that_came_late_and_out_of_order_are_counted_where_they_belong() -> None:
    runs = [run("a", OLD, 10)]
    lines = [failing("a", "School", minutes) for minutes in (30, 11, 20)]
    (identity,) = look(runs, *lines)[0].identities
    assert (identity.count, identity.first_at, identity.last_at) == (3, at(11), at(30))


def test_an_execution_without_a_digest_is_on_an_unknown_image() -> None:
    (family,) = look([run("a", None, 10)], failing("a", "School", 11))
    assert family.identities[0].sightings[0].digest is None


def test_a_named_error_says_so() -> None:
    (family,) = look([run("a", OLD, 10)], failing("a", "School", 11), named="no 'School'")
    assert family.identities[0].named == "it"


def test_messages_that_one_line_wrote_share_a_template() -> None:
    names = ["ada", "bob", "cleo", "dan", "eve", "fred"]
    lines = [
        LogLine(timestamp=at(11), severity="ERROR", text=f"no lesson for {name}", execution="a")
        for name in names
    ]
    found = look([run("a", OLD, 10)], *lines)
    assert len(found) == len(names)
    assert {family.template for family in found} == {"no lesson for <*>"}
