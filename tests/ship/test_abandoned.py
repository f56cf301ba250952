"""A shipment that was killed is given up: it is written down, and nobody goes on with it."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from landed.localcloud.records import JobRecord
from scenarios.shop import JOB
from schemas import validate
from ship.harbour import KILLED, Forks, Harbour
from waiting import until

ANY = pytest.mark.parametrize("database", ["sqlite", "postgresql"])
FILE = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def harbour(tmp_path: Path, forks: Forks, database: str, request: pytest.FixtureRequest) -> Harbour:
    server = request.getfixturevalue("postgresql") if database == "postgresql" else None
    return Harbour(tmp_path, forks, database=server.database() if server else "")


def given_up(harbour: Harbour, shipment: str) -> dict[str, Any]:
    done = harbour.run("ship", "--abandon", shipment)
    assert done.wait() == 0, done.said()
    found = done.document()
    assert validate(found) == "ship-v1"
    assert found["abandoned_at"]
    return found


def said(found: dict[str, Any]) -> str:
    (step,) = [one for one in found["steps"] if one["step"] == found["stopped_at"]]
    return f"{step['because']} -> {step['remedy'][0]}"


@ANY
def test_it_is_ended_once_and_nobody_goes_on_with_it(harbour: Harbour) -> None:
    assert harbour.run("ship", point="before prove").wait() == KILLED
    shipment = harbour.begun()
    found = given_up(harbour, shipment)
    assert (found["verdict"], found["stopped_at"]) == ("unproved", "prove")
    assert "given up: build " in said(found)
    assert "nothing was deployed -> landed ship " in said(found)
    assert given_up(harbour, shipment) == found
    again = harbour.run("ship", "--resume", shipment)
    assert (again.wait(), "was given up" in again.said()) == (2, True), again.said()
    assert harbour.under_way() == []
    worker = harbour.start("worker")
    until(lambda: "takes shipments" in worker.said())
    anew = harbour.run("ship")
    assert anew.wait() == 0, anew.said()
    harbour.once(str(anew.document()["id"]))
    os.kill(worker.pid, signal.SIGKILL)
    with harbour.ledger() as ledger:
        assert len([e for e in ledger.newest(9, "ship") if e.document()["id"] == shipment]) == 1
        assert ledger.verify().fault is None
    told = str(harbour.run("report", shipment).document()["markdown"])
    assert told.startswith("## ? worker in dev: given up at `prove`"), told
    late = harbour.run("ship", "--abandon", str(anew.document()["id"]))
    assert (late.wait(), "nothing to give up" in late.said()) == (2, True), late.said()


@ANY
def test_what_waits_for_a_worker_is_given_up_and_no_worker_takes_it(harbour: Harbour) -> None:
    shipment = harbour.order()
    assert "nothing was built" in said(given_up(harbour, shipment))
    worker = harbour.start("worker")
    until(lambda: "takes shipments" in worker.said())
    assert harbour.run("ship").wait() == 0
    os.kill(worker.pid, signal.SIGKILL)
    assert not [one for one in harbour.cloud.builds() if one.key.startswith(shipment)]


@ANY
def test_what_somebody_alive_works_on_is_not_given_up(harbour: Harbour) -> None:
    begun = harbour.start("ship", point="stand build 0")
    until(lambda: "stands still" in begun.said())
    refused = harbour.run("ship", "--abandon", harbour.begun())
    assert (refused.wait(), "somebody alive" in refused.said()) == (2, True), refused.said()
    os.kill(begun.pid, signal.SIGKILL)


@FILE
def test_a_deployment_that_nobody_wrote_down_is_said_and_counts(harbour: Harbour) -> None:
    assert harbour.run("ship", point="after build").wait() == KILLED
    older = harbour.begun()
    assert harbour.run("ship", point="in deploy 1").wait() == KILLED
    newer = harbour.begun()
    found = given_up(harbour, newer)
    assert found["stopped_at"] == "execute"
    job = harbour.cloud.job(JOB)
    assert isinstance(job, JobRecord)
    assert job.spec.resolved == found["digest"]
    assert "was deployed; it was not executed -> landed ship --rollback" in said(found)
    late = harbour.run("ship", "--resume", older)
    assert late.wait() == 3, late.said()
    assert newer in str(late.document()["steps"])


@FILE
@pytest.mark.parametrize(
    ("point", "at", "words"),
    [
        (
            "before build",
            "build",
            "a build may have been begun, which deploys nothing",
        ),
        ("in execute 2", "execute", " ran on it -> landed ship --rollback --env dev"),
        ("before watch", "watch", " was executed -> landed ship --rollback --env dev"),
    ],
)
def test_what_it_had_done_is_said(harbour: Harbour, point: str, at: str, words: str) -> None:
    assert harbour.run("ship", point=point).wait() == KILLED
    found = given_up(harbour, harbour.begun())
    assert found["stopped_at"] == at
    assert words in said(found)


@FILE
def test_what_only_was_not_written_down_is_not_given_up(harbour: Harbour) -> None:
    assert harbour.run("ship", point="in record 0").wait() == KILLED
    shipment = harbour.begun()
    refused = harbour.run("ship", "--abandon", shipment)
    assert (refused.wait(), "has ended" in refused.said()) == (2, True), refused.said()
    assert harbour.run("ship", "--resume", shipment).wait() == 0


@FILE
@pytest.mark.parametrize(
    ("point", "words"),
    [
        ("before roll-back", " is deployed -> landed ship --rollback --env dev"),
        ("after roll-back", " is deployed -> landed trace --env dev"),
    ],
)
def test_what_was_rolled_back_is_not_rolled_back_once_more(
    harbour: Harbour, point: str, words: str
) -> None:
    assert harbour.run("ship").wait() == 0
    harbour.shop.fix("# Better\ndef run():\n    return 'work done'\n")
    harbour.shop.push()
    assert harbour.run("ship").wait() == 0
    assert harbour.run("ship", "--rollback", point=point).wait() == KILLED
    shipment = harbour.begun()
    assert words in said(given_up(harbour, shipment))
    again = harbour.run("ship", "--resume", shipment)
    assert (again.wait(), f"landed report {shipment}" in again.said()) == (2, True), again.said()
