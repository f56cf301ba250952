"""Triggers of Cloud Build: made, run and mended by the real gcloud, and seen by a trace.

The remote is github.com/team/shop, as its URL says; git itself is told where that lies. Nobody
types a commit: a trigger asks the remote for it.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.face.conftest import Gcloud, run_gcloud
from scenarios.google_shop import IMAGE, GoogleShop
from scenarios.shop import JOB, SCHOOL, bad
from waiting import until

URL = "https://github.com/team/shop"
STEP = "  args: [build, -t, '{image}:$SHORT_SHA', --label, commit=$COMMIT_SHA, {folder}]\n"
BUILD = "steps:\n{before}- name: gcr.io/cloud-builders/docker\n" + STEP
BUILD += "images: ['{image}:$SHORT_SHA']\n"


def recipe(before: str = "", folder: str = ".") -> str:
    return BUILD.format(image=IMAGE, before=before, folder=folder)


class Triggered(GoogleShop):
    """The shop whose builds a trigger starts."""

    def __init__(self, folder: Path, **how: Any) -> None:
        super().__init__(folder, **how)
        self.git("config", f"url.{self.remote.as_uri()}.insteadOf", URL)
        self.git("remote", "set-url", "origin", URL)
        self.write("cloudbuild.yaml", recipe())
        self.commit("A build file")
        self.push()
        self.face.face.project.repositories["team/shop"] = str(self.remote)
        self.gcloud: Gcloud = run_gcloud(self.face)

    def trigger(self, name: str = "on-main", region: str = "europe-west1", **own: Any) -> None:
        """Makes a trigger, as a person does it from a file."""
        github = {"owner": "team", "name": "shop", "push": {"branch": "^main$"}}
        place = self.folder / f"{name}.json"
        document = {"name": name, "filename": "cloudbuild.yaml", "github": github, **own}
        place.write_text(json.dumps(document))
        source = f"--source={place}"
        self.gcloud("builds", "triggers", "import", source, f"--region={region}")

    def fire(self, *how: str, name: str = "on-main", region: str = "europe-west1") -> str:
        """Runs a trigger, and returns the digest that was pushed."""
        how = how or ("--branch=main",)
        known = {one.id for one in self.face.cloud.builds()}
        self.gcloud("builds", "triggers", "run", name, f"--region={region}", *how)
        (build,) = (one.id for one in self.face.cloud.builds() if one.id not in known)
        until(lambda: self._record(build).status != "WORKING")
        assert self._record(build).status == "SUCCESS", self._record(build).failure
        return str(self._record(build).digest)

    def _record(self, build: str) -> Any:
        return next(one for one in self.face.cloud.builds() if one.id == build)

    def bring(self, digest: str) -> None:
        """Deploys a digest and executes it."""
        self.deploy(f"{JOB}@{digest}")
        self.execute()

    def lose_by_hand(self) -> None:
        """Releases a worker with a bug, without any trigger."""
        super().lose()

    def lose(self, *, fixes: str = SCHOOL) -> None:
        """Releases a worker with a bug, by the trigger."""
        self.change(bad(fixes), "Ask the school")
        self.push()
        self.bring(self.fire())


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Triggered]:
    made = Triggered(tmp_path)
    yield made
    made.close()


def test_what_a_trigger_built_is_proved(shop: Triggered) -> None:
    shop.trigger()
    shop.lose()
    head = shop.fix()
    shop.push()
    shop.bring(shop.fire())
    traced = shop.trace()
    traced.proves()
    assert traced.answers == ("yes", "yes", "yes")
    sourced = traced.link("sourced")["evidence"][-1]
    assert (sourced["strength"], sourced["facts"]["commit"]) == ("recorded", head)
    # What the trigger set is no claim of anybody's; the label that was made of it is one.
    (packed, claim) = traced.link("packed")["evidence"][-2:]
    assert packed["facts"]["claims"] == [["label commit", head, True]]
    assert claim["strength"] == "claimed"


def test_a_trigger_that_did_not_fire(shop: Triggered) -> None:
    shop.trigger()
    shop.lose()
    shop.fix()
    shop.push()
    traced = shop.trace()
    assert (traced.data["first_break"], traced.diagnosis("sourced")) == (
        "sourced",
        "trigger-silent",
    ), traced.said()
    # What it says is what mends it.
    shop.gcloud(*shlex.split(traced.link("sourced")["remedy"][0])[1:])
    until(lambda: shop.face.cloud.builds()[0].status != "WORKING")
    shop.bring(str(shop.face.cloud.builds()[0].digest))
    shop.trace().proves()


def test_a_trigger_that_is_turned_off(shop: Triggered) -> None:
    shop.trigger()
    shop.lose()
    shop.fix()
    shop.push()
    shop.trigger(disabled=True)
    traced = shop.trace()
    assert traced.diagnosis("sourced") == "trigger-disabled", traced.said()
    enable, build = traced.link("sourced")["remedy"]
    described, _, imported = enable.split("; ")
    *words, into, file = shlex.split(described)[1:]
    assert (into, file) == (">", "trigger.yaml")
    text = shop.gcloud(*words).stdout
    (shop.folder / file).write_text(text.replace("disabled: true\n", ""))
    shop.gcloud(*shlex.split(imported)[1:], cwd=shop.folder)
    shop.gcloud(*shlex.split(build)[1:])
    until(lambda: shop.face.cloud.builds()[0].status != "WORKING")
    shop.bring(str(shop.face.cloud.builds()[0].digest))
    shop.trace().proves()


def test_what_turns_a_trigger_on_is_asked_of_its_own_region(shop: Triggered) -> None:
    shop.lose_by_hand()
    shop.trigger(region="global", disabled=True)
    shop.fix()
    shop.push()
    traced = shop.trace()
    assert traced.diagnosis("sourced") == "trigger-disabled", traced.said()
    described = shlex.split(traced.link("sourced")["remedy"][0].partition(" > ")[0])
    assert "disabled: true" in shop.gcloud(*described[1:]).stdout


def test_a_filter_that_leaves_the_change_out(shop: Triggered) -> None:
    shop.trigger()
    shop.lose()
    shop.fix()
    shop.push()
    shop.trigger(includedFiles=["docs/**"])
    traced = shop.trace()
    assert traced.diagnosis("sourced") == "path-filter-skipped", traced.said()
    assert traced.ruled_out("sourced") >= {"trigger-disabled"}
    shop.trigger(includedFiles=["app/**"])
    assert shop.trace().diagnosis("sourced") == "trigger-silent"


def test_a_branch_that_no_trigger_watches(shop: Triggered) -> None:
    shop.trigger()
    shop.lose()
    shop.git("switch", "-q", "-c", "topic")
    shop.fix()
    shop.push("topic")
    traced = shop.trace()
    traced.breaks("pushed", "wrong-branch", beside=("healed",))
    assert not {"trigger-silent"} & {traced.diagnosis("built"), traced.diagnosis("sourced")}


@pytest.mark.parametrize(
    "other",
    [
        {"github": {"owner": "team", "name": "other", "push": {"branch": "^main$"}}},
        {"github": {"owner": "team", "name": "shop", "push": {"branch": "^release$"}}},
        {"github": {"owner": "team", "name": "shop", "push": {"tag": ".*"}}},
    ],
    ids=["another repository", "another branch", "tags"],
)
def test_a_trigger_of_something_else_is_not_waited_for(
    shop: Triggered, other: dict[str, Any]
) -> None:
    shop.lose_by_hand()
    shop.trigger("another", **other)
    shop.fix()
    shop.push()
    traced = shop.trace()
    assert traced.data["first_break"] == "sourced", traced.said()
    link = traced.link("sourced")
    assert "trigger" not in json.dumps([link["diagnosis"], link["also"], link["because"]])


def test_a_commit_that_the_caller_typed_is_a_claim(shop: Triggered) -> None:
    shop.trigger()
    shop.lose()
    head = shop.fix()
    shop.push()
    # What is uploaded is the commit before, under the name of this one.
    shop.git("switch", "-q", "--detach", "HEAD~1")
    typed = f"--substitutions=COMMIT_SHA={head},SHORT_SHA={head[:7]}"
    words = ("builds", "submit", "--config=cloudbuild.yaml", typed, "--format=value(id)", ".")
    shop.gcloud(*words, cwd=shop.work)
    shop.git("switch", "-q", "main")
    shop.bring(str(shop.face.cloud.builds()[0].digest))
    traced = shop.trace()
    assert traced.verdict == "broken", traced.said()
    assert traced.answers[0] == "no"
    found = {link["diagnosis"] for link in traced.data["links"]}
    assert "claimed-commit" in found | {one for k in traced.data["links"] for one in k["also"]}


def test_a_commit_typed_at_a_trigger_does_not_pass_for_the_one_that_it_took(
    shop: Triggered,
) -> None:
    shop.trigger()
    shop.lose()
    lost = shop.git("rev-parse", "HEAD")
    head = shop.fix()
    shop.push()
    (shop.work / "app" / "job.py").write_text(bad("another thing"))
    shop.commit("Break it again")
    shop.push()
    lie = {"COMMIT_SHA": head, "REVISION_ID": head, "SHORT_SHA": head[:7]}
    asked = {"source": {"commitSha": lost, "substitutions": lie}}
    where = "https://cloudbuild.googleapis.com/v1/projects/landed-local/locations/europe-west1"
    with shop.face.client() as http:
        done = http.post(f"{where}/triggers/on-main:run", json=asked)
        assert done.status_code == 200, done.text
    until(lambda: shop.face.cloud.builds()[0].status != "WORKING")
    shop.bring(str(shop.face.cloud.builds()[0].digest))
    traced = shop.trace(head)
    assert traced.verdict == "broken", traced.said()
    assert traced.answers[0] == "no"
    assert traced.diagnosis("packed") == "claimed-commit", traced.said()
    claimed = [
        one["facts"] for one in traced.link("packed")["evidence"] if one["facts"].get("where")
    ]
    assert {"where": "substitution COMMIT_SHA", "commit": head, "files_agree": False} in claimed


CLONES = """\
- name: gcr.io/cloud-builders/git
  args: [clone, --branch, {branch}, {url}, again]
"""


@pytest.mark.parametrize("branch", ["main", "release"])
def test_a_build_that_clones_once_more_is_not_what_its_trigger_took(
    shop: Triggered, branch: str
) -> None:
    shop.trigger()
    shop.lose()
    shop.push("release")
    before = CLONES.format(branch=branch, url=shop.remote.as_uri())
    shop.write("cloudbuild.yaml", recipe(before, "again"))
    shop.fix()
    shop.push()
    shop.bring(shop.fire())
    traced = shop.trace()
    if branch == "main":
        # Which commit the step cloned, no record says. The image has every file of this one.
        traced.proves()
        assert traced.answers == ("yes", "unknown", "yes")
        return
    assert "did not record the commit" in traced.link("sourced")["because"], traced.said()
    assert traced.statuses()["packed"] == "unseen", traced.said()
    assert traced.answers[0] == "no"
    assert traced.broken() == {"healed"}
