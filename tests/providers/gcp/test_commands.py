"""The commands that mend a link: they build what was built, in the way it was built."""

from __future__ import annotations

from pathlib import Path

from landed.core.model import Unseen
from landed.core.words import filled
from landed.providers.gcp.commands import commands
from landed.providers.gcp.place import Place
from providers.gcp.google import PROJECT, REGION, Google, build

PLACE = Place(project=PROJECT, region=REGION, build_region=REGION)
WANTED = {"url": "https://git.example/shop", "image": "shop/worker:1", "trigger": "t"}


def test_the_folder_that_is_built() -> None:
    known = commands(PLACE, None, "backend/my app")
    said = filled(known.build, ref="main", **WANTED)
    assert " --git-source-revision main --git-source-dir 'backend/my app' --tag shop/worker" in said
    said = filled(known.build_commit, commit="a" * 40, **WANTED)
    assert f"{'a' * 40} --git-source-dir 'backend/my app' --tag" in said
    assert "--git-source-dir" not in commands(PLACE, None).build


def test_a_dockerfile_of_another_name_needs_a_build_file() -> None:
    said = commands(PLACE, None, "", "docker/Dockerfile").build
    assert "--config cloudbuild.yaml" in said
    assert "--tag" not in said


def test_a_trigger_by_its_whole_name(google: Google, tmp_path: Path) -> None:
    google.builds = [build(google.image.digest, buildTriggerId="abc")]
    view = google.view(tmp_path)
    records = view.builds()
    assert not isinstance(records, Unseen)
    whole = f"projects/{PROJECT}/locations/global/triggers/abc"
    assert records[0].build.trigger == whole
    said = filled(view.commands(None).again, ref="main", **{**WANTED, "trigger": whole})
    assert said == f"gcloud builds triggers run {whole} --branch main --project {PROJECT}"
