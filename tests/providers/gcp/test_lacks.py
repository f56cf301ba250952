"""What a dry run finds missing in a project, by questions that change nothing."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest

from landed.core.action import Missing
from landed.providers.gcp import waiting
from landed.providers.gcp.actions import GoogleActions
from providers.gcp.google import JOB, PROJECT, REGION, Google, refuse, say
from providers.gcp.rolling import Rolling
from providers.gcp.submitting import BUCKET, Submitting
from providers.gcp.test_rollout import WHOLE
from providers.oci.faults import Asked

_ROLES = {
    "run.jobs.update": f"gcloud run jobs add-iam-policy-binding worker --member MEMBER --role "
    f"roles/run.developer --region {REGION} --project {PROJECT}",
    "storage.objects.create": "gcloud storage buckets add-iam-policy-binding "
    f"gs://{BUCKET} --member MEMBER --role roles/storage.objectUser --project {PROJECT}",
    "cloudbuild.builds.create": f"gcloud projects add-iam-policy-binding {PROJECT} --member MEMBER "
    "--role roles/cloudbuild.builds.editor",
    "artifactregistry.repositories.uploadArtifacts": "gcloud artifacts repositories "
    "add-iam-policy-binding shop --member MEMBER --role roles/artifactregistry.writer "
    f"--location {REGION} --project {PROJECT}",
}
"""A permission of each kind, with the command that gives it."""


@dataclass
class Project:
    """A project where all is there. `withheld` are permissions that who asks has not."""

    google: Google
    withheld: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.submitting = Submitting(self.google)
        self.rolling = Rolling(self.google, copy.deepcopy(WHOLE))
        self.google.spoil("testIamPermissions", self._tested)
        self.google.spoil("/iam/testPermissions", self._tested)

    def _tested(self, asked: Asked) -> None:
        if asked.method == "GET":
            listed = parse_qs(urlsplit(asked.path).query)["permissions"]
        else:
            listed = json.loads(asked.body)["permissions"]
        say(asked, {"permissions": [one for one in listed if one not in self.withheld]})

    def lacks(self, hands: GoogleActions, *, builds: bool = True) -> list[Missing]:
        """What is missing; nothing was changed to find that."""
        found = list(hands.lacks(JOB, builds=builds))
        asked = {one.method for one in self.google.server.asked if "test" not in one.path}
        assert asked <= {"GET"}, asked
        return found


@pytest.fixture
def project(google: Google) -> Project:
    return Project(google)


def test_where_all_is_there_nothing_is_missing(project: Project, hands: GoogleActions) -> None:
    assert project.lacks(hands) == []
    assert project.lacks(hands, builds=False) == []


@pytest.mark.parametrize("permission", _ROLES)
def test_a_permission_that_is_missing_is_named_with_the_command_that_gives_it(
    project: Project, hands: GoogleActions, permission: str
) -> None:
    project.withheld = [permission]
    (lack,) = project.lacks(hands)
    assert (f"{permission} is missing" in lack.because, lack.sure) == (True, True), lack
    assert lack.remedy == _ROLES[permission]


def test_a_bucket_and_a_job_that_are_not_there_come_with_the_commands_that_make_them(
    project: Project, hands: GoogleActions
) -> None:
    project.submitting.buckets.clear()
    project.google.spoil("/jobs/worker", lambda asked: refuse(asked, 404, "no job"))
    job, bucket = project.lacks(hands)
    assert "there is no job worker" in job.because
    assert job.remedy.startswith("gcloud run jobs create worker --image IMAGE")
    assert f"has no bucket {BUCKET}" in bucket.because
    assert bucket.remedy.startswith(f"gcloud storage buckets create gs://{BUCKET} ")
    # A roll-back uploads nothing.
    assert project.lacks(hands, builds=False) == [job]


def test_a_job_whose_container_nobody_knows_is_said_before_the_build(
    project: Project, hands: GoogleActions
) -> None:
    for one in project.rolling.job["template"]["template"]["containers"]:
        one["image"] = "europe-docker.pkg.dev/other/side/car:1"
    (lack,) = project.lacks(hands)
    assert "none is known to be this one" in lack.because


def test_what_google_does_not_say_is_neither_there_nor_missing(
    project: Project, hands: GoogleActions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "OUTAGE", 0.01)
    off = {"reason": "SERVICE_DISABLED"}
    project.google.spoil(
        f"projects/{PROJECT}:test", lambda asked: refuse(asked, 403, "it is off", **off)
    )
    (unsure,) = project.lacks(hands)
    assert unsure.because.startswith(f"nobody can tell whether you may start builds of {PROJECT}")
    assert not unsure.sure
    project.google.spoil("/storage/v1/b?", lambda asked: asked.say(503))
    assert [one.sure for one in project.lacks(hands)] == [False, False]
