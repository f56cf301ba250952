"""A service on the local cloud, from the commit to the revisions that take its traffic."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scenarios.front import Front
from scenarios.shop import JOB, SCHOOL, good

NEVER_LISTENS = good() + '\ndef START():\n    raise SystemExit("no settings")\n'
ENDS_BY_ITSELF = """\
import os


def run():
    print("work done", flush=True)
    os._exit(3)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Front]:
    made = Front(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def ill(shop: Front) -> Front:
    """A service that serves the bug."""
    shop.lose()
    return shop


def test_a_fix_that_serves(ill: Front) -> None:
    ill.fix()
    ill.push()
    ill.release()
    traced = ill.trace()
    traced.proves()
    assert traced.answers == ("yes", "yes", "yes")
    assert "deployed" in traced.statuses()
    assert traced.link("ran")["subject"]["execution"] == ill.revisions()[0]


def test_the_service_was_not_deployed_again(ill: Front) -> None:
    ill.fix()
    ill.push()
    ill.build()
    traced = ill.trace()
    traced.breaks("deployed", "spec-not-updated", beside=("healed",))
    assert traced.answers == ("no", "yes", "no")
    assert {"traffic-pinned", "auto-rollback"} & traced.ruled_out("deployed")


def test_traffic_stays_with_the_old_revision(ill: Front) -> None:
    """failure-modes 28."""
    old = ill.revisions()[0]
    ill.route(f"{old}=100")
    ill.fix()
    ill.push()
    ill.release()
    traced = ill.trace()
    traced.breaks("deployed", "traffic-pinned", beside=("healed",))
    assert f"100 % of the traffic goes to {old}" in traced.link("deployed")["because"]
    assert traced.link("deployed")["remedy"] == [f"landed cloud traffic {JOB} --to-latest"]
    assert traced.answers == ("no", "yes", "no")
    assert traced.diagnosis("healed") == "change-not-running"
    ill.landed("cloud", "traffic", JOB, "--to-latest")
    ill.execute()
    ill.trace().proves()


def test_a_tenth_of_the_traffic_lacks_the_fix(ill: Front) -> None:
    old = ill.revisions()[0]
    ill.fix()
    ill.push()
    ill.release()
    new = ill.revisions()[0]
    ill.route(f"{new}=90", f"{old}=10")
    traced = ill.trace()
    traced.breaks("deployed", "traffic-pinned", beside=("healed",))
    assert traced.answers[0] == "no"
    assert f"10 % of the traffic goes to {old}" in traced.data["answers_because"]["in_there"]


def test_two_revisions_that_both_have_the_fix(ill: Front) -> None:
    ill.fix()
    ill.push()
    ill.release()
    first = ill.revisions()[0]
    asked = ill.git("rev-parse", "HEAD")
    ill.write("app/later.py", "LATER = True\n")
    ill.commit("Something else")
    ill.push()
    ill.release()
    second = ill.revisions()[0]
    ill.route(f"{first}=50", f"{second}=50")
    ill.asked_all(first, second)
    traced = ill.trace(asked)
    traced.proves()
    assert "traffic-pinned" in traced.link("deployed")["also"]
    # The later commit is served by one of them alone.
    later = ill.trace("HEAD")
    later.breaks("deployed", "traffic-pinned")
    assert later.answers[0] == "no"


def test_a_revision_that_never_became_ready(ill: Front) -> None:
    """failure-modes 29."""
    old = ill.revisions()[0]
    ill.change(NEVER_LISTENS, "Mend the worker", fixes=SCHOOL)
    ill.push()
    digest = ill.build().data["digest"]
    ill.deploy(f"{JOB}@{digest}", code=1)
    traced = ill.trace()
    traced.breaks("deployed", "auto-rollback", beside=("healed",))
    assert f"{old} still serves" in traced.link("deployed")["because"]
    assert "traffic-pinned" in traced.ruled_out("deployed")
    assert traced.answers[0] == "no"


def test_the_first_revision_never_became_ready(shop: Front) -> None:
    shop.change(NEVER_LISTENS, "Mend the worker", fixes=SCHOOL)
    shop.push()
    digest = shop.build().data["digest"]
    shop.deploy(f"{JOB}@{digest}", code=1)
    traced = shop.trace()
    traced.breaks("deployed", "never-ready")
    assert traced.answers[0] == "no"


def test_the_tag_moved_and_nothing_was_deployed_again(ill: Front) -> None:
    """failure-modes 25."""
    ill.deploy(f"{JOB}:latest")
    ill.execute()
    ill.fix()
    ill.push()
    ill.build()
    traced = ill.trace()
    traced.breaks("deployed", "not-restarted", beside=("healed",))
    assert traced.link("published")["status"] == "holds"
    assert traced.link("deployed")["remedy"] == [
        f"landed cloud deploy {JOB} --service --image {JOB}:latest"
    ]
    ill.deploy(f"{JOB}:latest")
    ill.execute()
    ill.trace().proves()


def test_a_revision_that_nobody_asked_yet_proves_nothing(ill: Front) -> None:
    ill.fix()
    ill.push()
    ill.deploy(f"{JOB}@{ill.build().data['digest']}")
    traced = ill.trace()
    traced.cannot_tell("healed")
    assert traced.answers == ("yes", "yes", "unknown")


def test_a_service_that_nobody_deployed(shop: Front) -> None:
    shop.build()
    traced = shop.trace()
    traced.cannot_tell("deployed")
    assert traced.answers[0] == "no"
    assert "--service" in traced.link("deployed")["remedy"][0]


def test_an_instance_that_ended_by_itself_does_not_serve(ill: Front) -> None:
    ill.fix(ENDS_BY_ITSELF)
    ill.push()
    ill.release()
    ill.ended()
    traced = ill.trace()
    traced.breaks("ran", "execution-failed")
    assert "failed with exit code 3" in traced.link("ran")["because"]


def test_where_names_the_share_that_lacks_it(ill: Front) -> None:
    old = ill.revisions()[0]
    ill.fix()
    ill.push()
    ill.release()
    there = ill.landed("where", "HEAD")
    assert (there.code, there.data["environments"][0]["in_there"]) == (0, "yes")
    ill.route(f"{ill.revisions()[0]}=99", f"{old}=1")
    split = ill.landed("where", "HEAD")
    assert (split.code, split.data["environments"][0]["in_there"]) == (1, "no")
