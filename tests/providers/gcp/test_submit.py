"""Building, trying and naming an image by Cloud Build: once for a key, through lost answers."""

from __future__ import annotations

import io
import tarfile

import pytest
from msgspec.structs import replace

from landed.content.repo import Repository
from landed.core.action import BuildOrder
from landed.core.errors import DataError, ProviderError, UsageError
from landed.http.failures import PassingError
from landed.providers.gcp import builds, staging, submit, waiting
from landed.providers.gcp.actions import GoogleActions
from landed.providers.gcp.place import Place
from localcloud.face.discovery import faults
from providers.gcp.google import FILES, IMAGE, JOB, PROJECT, TOKEN, Google, build, refuse
from providers.gcp.submitting import BUCKET, ORDERED, Submitting, tags
from providers.oci.faults import Asked


@pytest.fixture
def submitting(google: Google) -> Submitting:
    return Submitting(google)


@pytest.fixture
def order(repository: Repository) -> BuildOrder:
    return BuildOrder(
        commit=repository.resolve("HEAD"), folder="", dockerfile="Dockerfile", image=ORDERED
    )


def test_the_request_is_one_of_googles_and_names_the_very_upload(
    submitting: Submitting, hands: GoogleActions, order: BuildOrder
) -> None:
    made = hands.build("ship-1/build", order)
    assert (made.id, made.digest) == ("b-0", submitting.google.image.digest)
    (sent,) = submitting.begun
    asked = {name: value for name, value in sent.items() if name not in ("id", "createTime")}
    assert faults("cloudbuild.v1", "Build", asked) == []
    ((name, data),) = submitting.objects.items()
    source = {"bucket": BUCKET, "object": name, "generation": "7"}
    assert sent["source"] == {"storageSource": source}
    assert f"org.opencontainers.image.revision={order.commit}" in sent["steps"][0]["args"]
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        found = {one.name: archive.extractfile(one).read() for one in archive}  # type: ignore[union-attr] # files alone
    assert found == FILES


def test_the_same_commit_is_uploaded_once_and_the_same_key_built_once(
    submitting: Submitting, hands: GoogleActions, order: BuildOrder
) -> None:
    assert hands.build("ship-1/build", order) == hands.build("ship-1/build", order)
    hands.build("ship-2/build", order)
    assert (len(submitting.begun), len(submitting.pieces)) == (2, 1)


def test_an_upload_in_pieces_goes_on_where_an_answer_was_lost(
    submitting: Submitting, hands: GoogleActions, order: BuildOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "PIECE", 20)
    submitting.losing = ["PUT", "PUT"]
    hands.build("ship-1/build", order)
    (data,) = submitting.objects.values()
    assert len(submitting.pieces) > 2
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert sorted(archive.getnames()) == sorted(FILES)


def test_an_upload_that_comes_no_further_ends(
    submitting: Submitting, hands: GoogleActions, order: BuildOrder
) -> None:
    submitting.never = ["piece"]
    with pytest.raises(PassingError, match="comes no further"):
        hands.build("ship-1/build", order)
    assert submitting.begun == []


def test_an_upload_that_goes_back_and_forth_ends(
    submitting: Submitting, hands: GoogleActions, order: BuildOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "PIECE", 20)
    asked: list[int] = []

    def told(_answer: object) -> int:
        assert len(asked) < 20
        asked.append(0)
        return len(asked) % 2 * 20

    submitting.never = ["piece"]
    monkeypatch.setattr(staging, "_received", told)
    with pytest.raises(PassingError, match="comes no further"):
        hands.build("ship-1/build", order)


def test_source_goes_into_a_bucket_of_the_project_alone(
    submitting: Submitting, hands: GoogleActions, order: BuildOrder
) -> None:
    submitting.buckets = [f"{BUCKET}-of-somebody"]
    with pytest.raises(ProviderError, match=f"has no bucket {BUCKET}") as error:
        hands.build("ship-1/build", order)
    assert f"gcloud storage buckets create gs://{BUCKET}" in (error.value.hint or "")
    assert (submitting.objects, submitting.pieces) == ({}, [])


def test_an_upload_is_not_led_elsewhere(
    submitting: Submitting, hands: GoogleActions, order: BuildOrder
) -> None:
    submitting.session = "https://somewhere.example/upload"
    with pytest.raises(ProviderError, match="somewhere else"):
        hands.build("ship-1/build", order)
    assert submitting.pieces == []


def test_other_bytes_under_the_name_of_the_upload_are_not_built(
    submitting: Submitting, hands: GoogleActions, order: BuildOrder
) -> None:
    hands.build("ship-1/build", order)
    submitting.objects = dict.fromkeys(submitting.objects, b"somebody's")
    with pytest.raises(DataError, match="is not what landed uploaded"):
        hands.build("ship-2/build", order)
    assert len(submitting.begun) == 1


def test_a_lost_answer_begins_one_build(
    submitting: Submitting, hands: GoogleActions, order: BuildOrder
) -> None:
    submitting.losing = ["build"]
    assert hands.build("ship-1/build", order).id == "b-0"
    assert len(submitting.begun) == 1


def test_where_nobody_can_tell_whether_it_was_begun_that_is_said(
    submitting: Submitting, hands: GoogleActions, order: BuildOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submit, "_LOST_SECONDS", 0.01)
    submitting.never = ["build"]
    with pytest.raises(ProviderError, match="nobody can tell whether Cloud Build took") as error:
        hands.build("ship-1/build", order)
    assert "gcloud builds list" in (error.value.hint or "")


def test_what_a_failed_build_said_comes_with_its_record(
    submitting: Submitting, hands: GoogleActions, order: BuildOrder
) -> None:
    submitting.lines = ["Step 2/2 : COPY app", f"COPY failed: no app {TOKEN}"]
    detail = 'build step 0 "docker" failed: exit status 1'
    submitting.ends = {"status": "FAILURE", "failureInfo": {"detail": detail}}
    made = hands.build("ship-1/build", order)
    assert (made.digest, made.failure) == (None, f"{detail}: COPY failed: no app ***")


@pytest.mark.parametrize(
    ("ends", "by_code"),
    [
        ({"status": "FAILURE", "failureInfo": {"type": "USER_BUILD_STEP"}}, True),
        ({"status": "FAILURE", "failureInfo": {"type": "PUSH_NOT_AUTHORIZED"}}, False),
        ({"status": "FAILURE"}, False),
        ({"status": "TIMEOUT", "failureInfo": {"type": "USER_BUILD_STEP"}}, False),
        ({"status": "INTERNAL_ERROR"}, False),
    ],
)
def test_whether_the_code_made_a_build_fail_is_what_google_says(
    submitting: Submitting,
    hands: GoogleActions,
    order: BuildOrder,
    ends: dict[str, object],
    *,
    by_code: bool,
) -> None:
    submitting.ends = ends
    assert hands.build("ship-1/build", order).by_code is by_code


def test_an_outage_while_it_builds_is_waited_through(
    google: Google, submitting: Submitting, hands: GoogleActions, order: BuildOrder
) -> None:
    failures = [1, 2, 3]

    def failing(asked: Asked) -> None:
        if failures:
            failures.pop()
            asked.say(503)
        else:
            submitting.answer_builds(asked)

    google.spoil("/builds/b-0", failing)
    assert hands.build("ship-1/build", order).digest
    assert failures == []


def test_a_success_that_pushed_nothing_is_none(
    submitting: Submitting, hands: GoogleActions, order: BuildOrder
) -> None:
    submitting.ends = {"status": "SUCCESS", "results": {}}
    made = hands.build("ship-1/build", order)
    assert made.digest is None
    assert made.failure


def test_a_name_that_cloud_build_cannot_push_to_is_said_before_anything(
    google: Google, hands: GoogleActions, order: BuildOrder
) -> None:
    with pytest.raises(UsageError, match="no name in Artifact Registry") as error:
        hands.build("ship-1/build", replace(order, image="worker:commit-1"))
    assert "image = " in (error.value.hint or "")
    assert google.server.asked == []


@pytest.mark.parametrize(
    ("part", "permission", "role"),
    [
        ("/storage/v1/b?", "storage.buckets.list", "roles/storage.bucketViewer"),
        ("/upload/", "storage.objects.create", "roles/storage.objectUser"),
        ("europe-west1/builds", "cloudbuild.builds.list", "roles/cloudbuild.builds.viewer"),
    ],
)
def test_a_missing_role_of_a_build_is_named(
    google: Google, submitting: Submitting, hands: GoogleActions, order: BuildOrder,
    part: str, permission: str, role: str,
) -> None:  # fmt: skip
    google.spoil(part, lambda asked: refuse(asked, 403, "no", "PERMISSION_DENIED"))
    with pytest.raises(ProviderError, match="may not") as error:
        hands.build("ship-1/build", order)
    assert permission in (error.value.hint or "")
    assert role in (error.value.hint or "")
    assert submitting.begun == []


def test_a_smoke_command_is_the_only_step_in_the_images_own_folder(
    submitting: Submitting, hands: GoogleActions
) -> None:
    image = f"{IMAGE}@{submitting.google.image.digest}"
    submitting.lines = ["Step #0: all is well"]
    tried = hands.smoke(JOB, image, ("python", "-c", "print('$HOME')"), 30)
    assert (tried.code, tried.output) == (0, "all is well")
    assert "none of the job's variables" in tried.isolation
    (sent,) = submitting.begun
    asked = {name: value for name, value in sent.items() if name not in ("id", "createTime")}
    assert faults("cloudbuild.v1", "Build", asked) == []
    assert sent["steps"] == [
        {"name": image, "entrypoint": "python", "args": ["-c", "print('$$HOME')"], "dir": "/"}
    ]
    assert (sent["timeout"], "images" in sent, "source" in sent) == ("30s", False, False)


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        ({"status": "FAILURE", "step": {"exitCode": 3}}, 3),
        ({"status": "TIMEOUT"}, None),
    ],
)
def test_how_a_smoke_command_ended(
    submitting: Submitting, hands: GoogleActions, ends: dict[str, object], code: int | None
) -> None:
    submitting.ends = ends
    image = f"{IMAGE}@{submitting.google.image.digest}"
    assert hands.smoke(JOB, image, ("python", "-V"), 30).code == code


@pytest.mark.parametrize("status", ["FAILURE", "EXPIRED", "INTERNAL_ERROR", "CANCELLED"])
@pytest.mark.parametrize("step", [{}, {"exitCode": 0}])
def test_a_smoke_command_that_never_ran_has_neither_failed_nor_passed(
    submitting: Submitting, hands: GoogleActions, status: str, step: dict[str, int]
) -> None:
    submitting.ends = {"status": status, "statusDetail": "pull denied", "step": step}
    image = f"{IMAGE}@{submitting.google.image.digest}"
    with pytest.raises(ProviderError, match=r"did not run: .*pull denied"):
        hands.smoke(JOB, image, ("python", "-V"), 30)


def test_a_build_that_only_tried_an_image_is_no_build(google: Google, hands: GoogleActions) -> None:
    digest = google.image.digest
    tried = build(digest, 2, images=[], results={}, tags=["landed", builds.SMOKE])
    # Whoever pushes an image is looked at, whatever tags it has.
    pushed = build(digest, 3, tags=[builds.SMOKE])
    google.builds += [tried, pushed]
    found = [one.id for one, _ in builds.listed(hands._api)]
    assert sorted(found) == sorted([google.builds[0]["id"], pushed["id"]])


def test_a_name_is_moved_to_the_very_manifest(google: Google, hands: GoogleActions) -> None:
    sent = tags(google)
    hands.publish(f"{IMAGE}@{google.image.digest}", f"{IMAGE}:live")
    kind = "application/vnd.oci.image.manifest.v1+json"
    assert sent == [(f"/v2/{PROJECT}/shop/worker/manifests/live", google.image.manifest, kind)]
    hands.publish(f"{IMAGE}@{google.image.digest}", f"{IMAGE}:latest")
    assert len(sent) == 1


def test_a_name_that_may_not_be_moved(google: Google, hands: GoogleActions) -> None:
    tags(google, 403)
    with pytest.raises(ProviderError, match="may not write live") as error:
        hands.publish(f"{IMAGE}@{google.image.digest}", f"{IMAGE}:live")
    assert "roles/artifactregistry.writer" in (error.value.hint or "")


def test_the_bucket_is_that_of_gcloud() -> None:
    known = {"shop-1234": "shop-1234_cloudbuild", "example.com:shop": "example_com_shop_cloudbuild"}
    for project, bucket in known.items():
        place = Place(project=project, region="europe-west1", build_region="europe-west1")
        assert staging.bucket(place) == bucket


def test_a_wait_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_FIRST", 0.001)
    late = ProviderError("late")
    with pytest.raises(ProviderError) as error:
        waiting.until(lambda: None, 0.02, late)
    assert error.value is late
