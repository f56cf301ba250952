"""`landed ship` on Google Cloud, through the local cloud's HTTP face."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from landed.localcloud.cloud import LocalCloud
from landed.localcloud.records import BuildRecord, JobRecord
from landed.ship.shipment import STEPS
from scenarios.front import SETTINGS, Front
from scenarios.google_shop import IMAGE, PLACE, UPLOADS, GoogleShop
from scenarios.shop import FLAG, JOB, Answer, bad
from ship.driven import Time


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[GoogleShop]:
    """A shop with a bug deployed, and a fix that is pushed."""
    runtime = str(Path(__file__).parents[2] / ".runtime")
    with patch.dict(os.environ, {"LANDED_RUNTIME": runtime}):
        made = GoogleShop(tmp_path)
        smoke(made, "import app.job; print('$HOME')")
        made.lose()
        made.fix()
        made.push()
        yield made
        made.close()


class GoogleFront(GoogleShop, Front):
    """The shop on Google Cloud with a service in the place of its job."""

    settings_text = SETTINGS.replace("[environments.dev]\n", f"[environments.dev]\n{PLACE}")


@pytest.fixture
def front(tmp_path: Path) -> Iterator[GoogleFront]:
    """A service that serves the bug, and a fix that is pushed."""
    made = GoogleFront(tmp_path, settings="[ship]\nwork_seconds = 0.01\n")
    made.lose()
    made.fix()
    made.push()
    yield made
    made.stop()
    made.close()


def smoke(shop: GoogleShop, program: str) -> None:
    text = GoogleShop.settings_text.format(more="")
    own = f'[deployables.worker]\nimage = "{IMAGE}:latest"\n'
    own += f"smoke = ['python', '-c', \"{program}\"]\n"
    shop.write("landed.toml", text.replace("[deployables.worker]\n", own))
    shop.commit("How it is shipped")


def steps(answer: Answer) -> dict[str, str | None]:
    return {step["step"]: step["status"] for step in answer.data["steps"]}


def job(shop: GoogleShop) -> JobRecord:
    found = LocalCloud(shop.cloud).job(JOB)
    assert found is not None
    return found


def builds(shop: GoogleShop) -> list[BuildRecord]:
    """Those that make an image."""
    return [build for build in LocalCloud(shop.cloud).builds() if build.tags]


def test_the_days_of_a_team(shop: GoogleShop, time: Time) -> None:
    """One story: each part goes on where the one before it stopped."""
    a_dry_run_writes_nothing_and_names_the_place(shop)
    a_fix_is_brought_out_once_though_every_answer_is_lost(shop)
    a_look_of_the_watch_sees_what_ran_since(shop, time)
    a_smoke_command_that_fails_deploys_nothing(shop)
    it_goes_back_to_the_last_proved_digest(shop)


def a_dry_run_writes_nothing_and_names_the_place(shop: GoogleShop) -> None:
    shop.face.watch.requests.clear()
    answer = shop.landed("ship", "--dry-run")
    assert answer.code == 0, answer.data
    assert [step["step"] for step in answer.data["steps"]] == list(STEPS)
    would = {step["step"]: step["would"] for step in answer.data["steps"]}
    assert f"to gs://{UPLOADS}, as {IMAGE}:commit-" in would["build"]
    assert would["smoke"].endswith("as a step of Cloud Build without the job's variables")
    place = "Cloud Run (landed-local, europe-west1)"
    assert would["deploy"].startswith(f"pin job worker of {place} to the new digest")
    assert answer.data["lacks"] == []
    # Reading is POST as well for a log, and for a question what one may do.
    asked = [one for one in shop.face.watch.requests if not one.startswith("GET ")]
    reads = ("entries:list", ":testIamPermissions")
    assert [one for one in asked if not any(part in one for part in reads)] == []
    settings = (shop.work / "landed.toml").read_text()
    named = settings.replace(
        "[environments.dev]\n", '[environments.dev]\nstaging_bucket = "ours"\n'
    )
    shop.write("landed.toml", named)
    missing = shop.landed("ship", "--dry-run")
    assert missing.code == 1, missing.data
    (lack,) = missing.data["lacks"]
    assert "project landed-local has no bucket ours" in lack["because"]
    shop.write("landed.toml", settings)


def a_fix_is_brought_out_once_though_every_answer_is_lost(shop: GoogleShop) -> None:
    before, built = job(shop), len(builds(shop))
    ran = len(LocalCloud(shop.cloud).executions(JOB))
    losing = ["POST /v1/projects/landed-local/locations/europe-west1/builds", "PUT /upload/",
              f"PATCH /v2/projects/landed-local/locations/europe-west1/jobs/{JOB}",
              f"/jobs/{JOB}:run", "PUT /v2/"]  # fmt: skip
    shop.face.watch.losing += losing
    answer = shop.landed("ship")
    assert (answer.code, answer.verdict) == (0, "proved"), answer.data
    assert shop.face.watch.losing == []
    assert answer.data["trace"]["answers"] == {
        "in_there": "yes", "by_the_book": "yes", "did_it_help": "yes",
    }  # fmt: skip
    assert len(builds(shop)) == built + 1
    after = job(shop)
    assert after.spec.image == f"{IMAGE}@{answer.data['digest']}"
    assert after.spec.env == before.spec.env
    pinned = [spec.image for spec in after.history[len(before.history) + 1 :]]
    assert set(pinned) <= {after.spec.image}
    assert len(LocalCloud(shop.cloud).executions(JOB)) == ran + 1
    assert LocalCloud(shop.cloud).images.here(f"{IMAGE}:latest") == answer.data["digest"]
    shop.trace().proves()


def a_look_of_the_watch_sees_what_ran_since(shop: GoogleShop, time: Time) -> None:
    shop.execute()
    time.forward(4)
    watch = shop.landed("watch", "--once")
    assert (watch.code, watch.data["status"]) == (3, "pending"), watch.data
    first = watch.data["checkpoints"][0]
    assert (first["executions"], first["unseen"], first["elsewhere"]) == (1, None, None)


def a_smoke_command_that_fails_deploys_nothing(shop: GoogleShop) -> None:
    before = job(shop)
    smoke(shop, "import app.job, no_such_thing")
    shop.push()
    answer = shop.landed("ship")
    assert (answer.code, answer.data["stopped_at"]) == (1, "smoke"), answer.data
    step = next(one for one in answer.data["steps"] if one["step"] == "smoke")
    assert "No module named 'no_such_thing'" in step["because"]
    assert job(shop) == before


def it_goes_back_to_the_last_proved_digest(shop: GoogleShop) -> None:
    proved = job(shop).spec.image
    shop.change(bad(FLAG), "Ask for the flag")
    shop.push()
    shop.release()
    assert job(shop).spec.image != proved
    answer = shop.landed("ship", "--rollback")
    assert (answer.code, answer.verdict) == (0, "proved"), answer.data
    assert job(shop).spec.image == proved
    assert f"{IMAGE}@{LocalCloud(shop.cloud).images.here(f'{IMAGE}:latest')}" == proved


def test_a_service_is_brought_out_once_and_has_to_be_asked(front: GoogleFront) -> None:
    services = "/v2/projects/landed-local/locations/europe-west1/services/"
    front.face.watch.losing += [f"PATCH {services}"]
    answer = front.landed("ship")
    assert (answer.code, answer.data["stopped_at"]) == (3, "logs"), answer.data
    step = next(one for one in answer.data["steps"] if one["step"] == "logs")
    assert "nobody has asked it yet" in step["because"]
    front.execute()
    answer = front.landed("ship", "--resume", answer.data["id"])
    assert (answer.code, answer.verdict) == (0, "proved"), answer.data
    service = LocalCloud(front.cloud).services.get(JOB)
    newest = service.latest.record
    assert (newest.digest, newest.name) == (answer.data["digest"], answer.data["execution"])
    assert newest.annotations["landed-deployed"] == f"{answer.data['id']}/deploy"
    assert len(service.revisions) == 2
    assert front.landed("watch").data["counts"] == "hour"
