"""The five steps that the incident's team wrote down, by the real gcloud, and what they do not see.

Build, image, execution, the logs' errors, the logs' work: each step looks at one thing alone. The
same hour is traced on Google's side, over HTTP, and on the local cloud itself.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localcloud.face.conftest import Gcloud, run_gcloud
from scenarios.google_shop import IMAGE, GoogleShop
from scenarios.shop import JOB, SCHOOL, SETTINGS, Answer, bad

Steps = Callable[[str], tuple[str, str, bool, bool, bool]]


@pytest.fixture
def google(tmp_path: Path) -> Iterator[GoogleShop]:
    shop = GoogleShop(tmp_path)
    yield shop
    shop.close()


@pytest.fixture
def gcloud(google: GoogleShop) -> Gcloud:
    return run_gcloud(google.face)


def submitted(google: GoogleShop, gcloud: Gcloud) -> str:
    words = ("builds", "submit", "--tag", f"{IMAGE}:latest", "--format=value(id)", ".")
    return gcloud(*words, cwd=google.work).stdout.split()[-1]


@pytest.fixture
def steps(gcloud: Gcloud) -> Steps:
    def five(build: str) -> tuple[str, str, bool, bool, bool]:
        """What each of the five steps says: status, digest, success, the error, work."""
        status = gcloud("builds", "describe", build, "--format=value(status)").stdout.strip()
        image = ("artifacts", "docker", "images", "describe", f"{IMAGE}:latest", "--format=json")
        digest = json.loads(gcloud(*image).stdout)["image_summary"]["digest"]
        ran = gcloud("run", "jobs", "execute", JOB, "--wait", ok=False).returncode == 0
        of_all = gcloud("logging", "read", "School", "--format=json").stdout
        at_work = gcloud("logging", "read", "severity>=INFO", "--format=json").stdout
        return status, digest, ran, "failed to locate" in of_all, "worker started" in at_work

    return five


def digest_of(gcloud: Gcloud, build: str) -> str:
    """The digest that a build pushed, as its record says."""
    words = ("builds", "describe", build, "--format=value(results.images[0].digest)")
    return gcloud(*words).stdout.strip()


def local_settings(google: GoogleShop) -> tuple[str, str]:
    """Settings by which the local provider looks at the very same cloud."""
    place = google.folder / "local.toml"
    text = SETTINGS.format(more='\n[ledger]\npath = "ledger.db"\n')
    here = '[environments.dev]\ncloud = "work/.landed/cloud"\n'
    place.write_text(text.replace("[environments.dev]\n", here))
    return "--config", str(place)


def told(answer: Answer) -> list[tuple[str, str, str | None]]:
    return [(k["link"], k["status"], k["diagnosis"]) for k in answer.data["links"]]


def test_five_green_steps_and_the_link_that_they_do_not_see(
    google: GoogleShop, gcloud: Gcloud, steps: Steps
) -> None:
    google.change(bad(SCHOOL), "Ask the school")
    google.push()
    first = submitted(google, gcloud)
    old = digest_of(gcloud, first)
    gcloud("run", "jobs", "create", JOB, f"--image={IMAGE}@{old}")
    gcloud("run", "jobs", "execute", JOB, "--wait")

    google.fix()
    google.push()
    build = submitted(google, gcloud)
    status, digest, ran, error, work = steps(build)
    # Built, new, ran, and at work; and the same error. "The fix is wrong?"
    assert (status, ran, error, work) == ("SUCCESS", True, True, True)
    assert digest != old

    traced = google.trace()
    traced.breaks("deployed", "spec-not-updated", beside=("healed",))
    assert traced.answers == ("no", "yes", "no")
    here = google.landed("trace", *local_settings(google))
    assert (told(here), here.answers) == (told(traced), traced.answers)

    # What it says is what mends it.
    (remedy,) = traced.link("deployed")["remedy"]
    program, *words = shlex.split(remedy)
    assert program == "gcloud"
    gcloud(*words)
    status, again, ran, error, work = steps(build)
    # The five steps say the same as before: the old entries are still in the log.
    assert (status, again, ran, error, work) == ("SUCCESS", digest, True, True, True)
    traced = google.trace()
    traced.proves()
    assert traced.answers == ("yes", "yes", "yes")
    here = google.landed("trace", *local_settings(google))
    assert (told(here), here.answers) == (told(traced), traced.answers)
