"""The named error in entries that are another environment's: a word about it, and no verdict."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scenarios.google_shop import GoogleShop
from scenarios.shop import FLAG, JOB, SCHOOL, Answer, Shop, bad, good

LIVE = "worker-live"
OTHER = "other-environments-error"
TWO = '[environments.live]\njobs = { worker = "worker-live" }\n'


class Two:
    """A shop with two environments on one cloud; the live one is still on the bug."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        shop.settings(TWO)
        shop.lose()
        self.old = self.digest()

    def digest(self) -> str:
        """What the job is on now."""
        record = json.loads((self.shop.cloud / "jobs" / JOB / "job.json").read_text())
        return str(record["spec"]["resolved"])

    def live(self, digest: str) -> None:
        """Brings an image out in the live environment, and runs it there."""
        self.shop.landed("cloud", "deploy", LIVE, "--image", f"{JOB}@{digest}")
        self.shop.landed("cloud", "execute", LIVE, "--wait")

    def fix(self, job: str = "", *, fixes: str = SCHOOL) -> None:
        """Brings a fix out here alone."""
        self.shop.fix(job, fixes=fixes)
        self.shop.push()
        self.shop.release()

    def trace(self, environment: str = "dev") -> Answer:
        """What landed says of one environment."""
        return self.shop.trace("--env", environment)


@pytest.fixture
def two(shop: Shop) -> Two:
    return Two(shop)


def says(traced: Answer, *words: str) -> None:
    """Asserts that a note names the other, with its entries as evidence."""
    healed = traced.link("healed")
    assert OTHER in healed["also"], traced.said()
    note = next(note for note in healed["notes"] if "is still written" in note)
    owner = next(e["facts"]["owner"] for e in healed["evidence"] if "owner" in e["facts"])
    assert all(word in note and word in owner for word in words), note


def quiet(traced: Answer) -> None:
    """Asserts that nothing is said of others."""
    healed = traced.link("healed")
    assert OTHER not in (healed["diagnosis"], *healed["also"]), traced.said()
    assert not any("by another" in note for note in healed["notes"]), traced.said()


def test_a_healthy_fix_stays_proved_and_the_other_is_named(two: Two) -> None:
    two.fix()
    two.live(two.old)
    traced = two.trace()
    traced.proves()
    assert traced.answers == ("yes", "yes", "yes")
    says(traced, f"job {LIVE}")
    live = two.trace("live")
    assert (live.verdict, live.answers[0]) == ("broken", "no")
    quiet(live)


def test_a_fix_that_is_wrong_stays_broken_whatever_others_show(two: Two) -> None:
    two.fix("# better\n" + bad(SCHOOL))
    two.live(two.old)
    traced = two.trace()
    traced.breaks("healed", "fix-ineffective")
    quiet(traced)
    assert OTHER in traced.ruled_out("healed")


def test_something_new_that_broke_stays_broken(two: Two) -> None:
    two.fix(bad("there is no budget", "ValueError"))
    two.live(two.old)
    traced = two.trace()
    traced.breaks("healed", "new-error")
    says(traced, f"job {LIVE}")


def test_nothing_has_run_here_since_the_deployment(two: Two) -> None:
    two.shop.fix()
    two.shop.push()
    built = two.shop.build()
    two.shop.deploy(f"{JOB}@{built.data['digest']}")
    two.live(two.old)
    traced = two.trace()
    traced.cannot_tell("ran")
    assert traced.link("healed")["status"] == "pending"
    # Its own older execution shows the error as well, and is named first.
    assert traced.diagnosis("healed") == "old-entries"
    assert OTHER in traced.link("healed")["also"]


def test_nothing_has_ever_run_here(shop: Shop) -> None:
    two = Two(shop)
    shop.settings(TWO.replace(LIVE, "worker-test").replace("live", "test"))
    shop.fix()
    shop.push()
    built = shop.build()
    shop.landed("cloud", "deploy", "worker-test", "--image", f"{JOB}@{built.data['digest']}")
    two.live(two.old)
    traced = two.trace("test")
    assert (traced.code, traced.diagnosis("healed")) == (3, OTHER), traced.said()
    assert traced.link("healed")["status"] == "pending"
    assert "landed cloud execute worker-test" in traced.link("healed")["remedy"][0]


def test_silence_stays_silence(two: Two) -> None:
    two.shop.write("app/__main__.py", "")
    two.fix()
    two.live(two.old)
    traced = two.trace()
    traced.cannot_tell("healed")
    says(traced, f"job {LIVE}")


def test_the_others_error_was_before_the_deployment_here(two: Two) -> None:
    two.live(two.old)
    two.fix()
    traced = two.trace()
    traced.proves()
    quiet(traced)


def test_the_other_is_healthy_too(two: Two) -> None:
    two.fix()
    two.live(two.digest())
    for environment in ("dev", "live"):
        quiet(two.trace(environment))


def test_the_other_shows_another_error(two: Two) -> None:
    two.shop.change(bad(FLAG))
    two.shop.push()
    two.shop.release()
    other = two.digest()
    two.fix()
    two.live(other)
    traced = two.trace()
    traced.proves()
    quiet(traced)


def test_a_change_that_names_no_error_asks_nobody(two: Two) -> None:
    two.shop.change(good())
    two.shop.push()
    two.shop.release()
    two.live(two.old)
    traced = two.trace()
    traced.proves()
    quiet(traced)


@pytest.fixture
def sunk(tmp_path: Path) -> GoogleShop:
    shop = GoogleShop(tmp_path)
    shop.lose()
    return shop


def sink(shop: Shop, project: str, **payload: str) -> str:
    """Brings an entry of another project's job into this one's log, where job and execution have
    the very names that they have here. Returns the execution's.
    """
    ran = max((shop.cloud / "logs" / JOB).iterdir()).stem
    entry = {
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "insertId": "1",
        "logName": f"projects/{project}/logs/run.googleapis.com%2Fstdout",
        "resource": {
            "type": "cloud_run_job",
            "labels": {"project_id": project, "location": "europe-west1", "job_name": JOB},
        },
        "labels": {"run.googleapis.com/execution_name": ran},
        **payload,
    }
    with (shop.cloud / "logs" / JOB / f"{project}.jsonl").open("a") as file:
        file.write(json.dumps(entry) + "\n")
    return ran


def test_a_sink_brings_another_projects_error(sunk: GoogleShop) -> None:
    sunk.fix()
    sunk.push()
    sunk.release()
    ran = sink(sunk, "shop-live", severity="ERROR", textPayload=f"LookupError: {SCHOOL}")
    traced = sunk.trace()
    traced.proves()
    says(traced, "project shop-live", f"job {JOB}", ran)
    sunk.close()


def test_another_projects_work_is_no_work_here(sunk: GoogleShop) -> None:
    sunk.write("app/__main__.py", "")
    sunk.fix()
    sunk.push()
    sunk.release()
    sink(sunk, "shop-live", textPayload="work done")
    traced = sunk.trace()
    traced.cannot_tell("healed")
    quiet(traced)
    sunk.close()


def test_another_projects_new_error_breaks_nothing_here(sunk: GoogleShop) -> None:
    sunk.fix()
    sunk.push()
    sunk.release()
    sink(sunk, "shop-live", severity="ERROR", textPayload="ValueError: there is no budget")
    traced = sunk.trace()
    traced.proves()
    quiet(traced)
    sunk.close()
