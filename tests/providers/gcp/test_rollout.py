"""Changing and starting a job of Cloud Run: everything else of it stays, and each is done once."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from landed.core.errors import ProviderError, UsageError
from landed.core.model import Unseen
from landed.core.seen import Execution
from landed.providers.gcp import rollout, waiting
from landed.providers.gcp.actions import GoogleActions
from localcloud.face.discovery import faults
from providers.gcp.google import IMAGE, JOB, SERVICE, TOKEN, Google, execution, refuse, say
from providers.gcp.rolling import HOME, NAME, Rolling
from providers.gcp.test_faults import broken_off
from providers.oci.faults import Asked

NEW = f"{IMAGE}@sha256:{'b' * 64}"
SECRET = "a-password-that-nobody-may-see"  # noqa: S105 - of these tests alone
WHOLE: dict[str, Any] = {
    "name": NAME,
    "uid": "0b1c",
    "generation": "1",
    "labels": {"team": "lessons"},
    "annotations": {"note": "keep me"},
    "updateTime": "2025-11-04T01:00:00Z",
    "launchStage": "GA",
    "template": {
        "labels": {"cost": "1"},
        "annotations": {"own": "stays"},
        "parallelism": 3,
        "taskCount": 5,
        "template": {
            "containers": [
                {"image": "europe-docker.pkg.dev/other/side/car:1", "name": "side"},
                {
                    "image": f"{IMAGE}:latest",
                    "name": "worker",
                    "command": ["python"],
                    "args": ["-m", "app"],
                    "env": [
                        {"name": "DATABASE_URL", "value": f"postgresql://u:{SECRET}@db/x"},
                        {"name": "TOKEN", "value": TOKEN},
                        {
                            "name": "KEY",
                            "valueSource": {"secretKeyRef": {"secret": "key", "version": "3"}},
                        },
                    ],
                    "resources": {"limits": {"cpu": "2", "memory": "4Gi"}},
                    "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                },
            ],
            "volumes": [{"name": "data", "gcs": {"bucket": "lessons", "readOnly": True}}],
            "maxRetries": 0,
            "timeout": "3600s",
            "serviceAccount": "worker@shop-1234.iam.gserviceaccount.com",
            "vpcAccess": {"egress": "PRIVATE_RANGES_ONLY"},
        },
    },
}


@pytest.fixture
def rolling(google: Google) -> Rolling:
    return Rolling(google, copy.deepcopy(WHOLE))


def test_everything_of_a_job_is_sent_back_but_its_image(
    rolling: Rolling, hands: GoogleActions
) -> None:
    # It would start an execution by the change itself.
    rolling.job["startExecutionToken"] = "again"
    hands.deploy("ship-1/deploy", JOB, NEW)
    (sent,) = rolling.changes
    assert faults("run.v2", "GoogleCloudRunV2Job", sent) == []
    expected = copy.deepcopy(WHOLE)
    expected["template"]["template"]["containers"][1]["image"] = NEW
    expected["annotations"]["landed-deployed"] = "ship-1/deploy"
    assert sent == {**expected, "etag": '"1"'}


def test_a_service_gets_a_new_revision_and_keeps_the_rest(
    google: Google, hands: GoogleActions
) -> None:
    own = copy.deepcopy(WHOLE["template"]["template"])
    service: dict[str, Any] = {
        "name": f"{HOME}/services/front",
        "template": {"revision": "front-00007", "scaling": {"minInstanceCount": 1}, **own},
        "traffic": [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100}],
    }
    rolling = Rolling(google, copy.deepcopy(service), "/services/front")
    for _ in range(2):
        hands.deploy("ship-1/deploy", SERVICE, NEW)
    (sent,) = rolling.changes
    expected = copy.deepcopy(service)
    # A revision's name is its own: the next one gets another.
    del expected["template"]["revision"]
    expected["template"]["containers"][1]["image"] = NEW
    expected["annotations"] = {"landed-deployed": "ship-1/deploy"}
    expected["template"]["annotations"] = {"landed-deployed": "ship-1/deploy"}
    assert sent == {**expected, "etag": '"1"', "generation": "1"}
    assert [one.path for one in google.server.asked if "operations" in one.path] == []


def test_the_keys_of_earlier_deployments_stay(rolling: Rolling, hands: GoogleActions) -> None:
    for number in range(30):
        hands.deploy(f"ship-{number}/deploy", JOB, NEW)
    hands.deploy("ship-20/deploy", JOB, f"{IMAGE}@sha256:{'c' * 64}")
    assert len(rolling.changes) == 30
    kept = rolling.job["annotations"]["landed-deployed"].split()
    assert (kept[0], len(kept)) == ("ship-29/deploy", 20)


@pytest.mark.parametrize("lost", [lambda asked: asked.say(503), broken_off])
def test_a_lost_answer_to_a_change_changes_once(
    rolling: Rolling, hands: GoogleActions, lost: Callable[[Asked], None]
) -> None:
    rolling.losing, rolling.lost = ["PATCH"], lost
    hands.deploy("ship-1/deploy", JOB, NEW)
    assert len(rolling.changes) == 1


def test_a_change_that_comes_late_is_refused_and_no_conflict(
    rolling: Rolling, hands: GoogleActions
) -> None:
    rolling.late = ["PATCH"]
    hands.deploy("ship-1/deploy", JOB, NEW)
    assert rolling.arrive() == [False]
    assert len(rolling.changes) == 1


def test_a_change_by_somebody_else_is_said_and_stays(
    google: Google, rolling: Rolling, hands: GoogleActions
) -> None:
    def meanwhile(asked: Asked) -> None:
        if asked.method == "PATCH":
            rolling.somebody_else(labels={"team": "others"})
        rolling.answer(asked)

    google.spoil("/jobs/worker", meanwhile)
    with pytest.raises(ProviderError, match="job worker was changed by somebody else") as error:
        hands.deploy("ship-1/deploy", JOB, NEW)
    assert error.value.hint
    assert (rolling.changes, rolling.job["labels"]) == ([], {"team": "others"})


def test_a_change_by_the_place_itself_is_no_conflict(
    google: Google, rolling: Rolling, hands: GoogleActions
) -> None:
    changes = [1]

    def meanwhile(asked: Asked) -> None:
        if asked.method == "PATCH" and changes:
            changes.pop()
            rolling.job["etag"] = '"another revision is ready"'
        rolling.answer(asked)

    google.spoil("/jobs/worker", meanwhile)
    hands.deploy("ship-1/deploy", JOB, NEW)
    assert len(rolling.changes) == 1


def test_an_execution_has_the_key_and_is_found_by_it(
    rolling: Rolling, hands: GoogleActions
) -> None:
    first = hands.execute("ship-1/execute", JOB)
    assert rolling.executions[0]["annotations"]["landed-execution"] == "ship-1/execute"
    assert rolling.job["template"]["annotations"]["own"] == "stays"
    assert hands.execute("ship-1/execute", JOB) == first == "worker-0"
    assert hands.execute("ship-1.2/execute", JOB) == "worker-1"
    assert hands.execute("ship-1/execute", JOB) == first


@pytest.mark.parametrize("lost", [lambda asked: asked.say(503), broken_off])
def test_a_lost_answer_to_a_start_starts_once(
    rolling: Rolling, hands: GoogleActions, lost: Callable[[Asked], None]
) -> None:
    rolling.losing, rolling.lost = ["run", "PATCH"], lost
    assert hands.execute("ship-1/execute", JOB) == "worker-0"
    assert len(rolling.executions) == 1


def test_a_start_that_comes_when_another_was_made_for_it_is_refused(
    rolling: Rolling, hands: GoogleActions
) -> None:
    rolling.late = ["run"]
    assert hands.execute("ship-1/execute", JOB) == "worker-0"
    assert rolling.arrive() == [False]
    assert len(rolling.executions) == 1


def test_killed_before_the_answer_it_goes_on_with_what_was_started(
    rolling: Rolling, hands: GoogleActions, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = rollout._run

    def killed(*given: Any) -> str:
        run(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(rollout, "_run", killed)
    with pytest.raises(KeyboardInterrupt):
        hands.execute("ship-1/execute", JOB)
    monkeypatch.undo()
    assert hands.execute("ship-1/execute", JOB) == "worker-0"
    assert len(rolling.executions) == 1


def test_what_was_not_started_in_time_is_not_started_later(
    rolling: Rolling, hands: GoogleActions
) -> None:
    rolling.late = ["run"] * 3
    with pytest.raises(ProviderError, match="Cloud Run did not start job worker"):
        hands.execute("ship-1/execute", JOB)
    assert rolling.arrive() == [False, False, False]
    assert rolling.executions == []


def test_where_nobody_can_tell_whether_it_started_that_is_said(
    google: Google, rolling: Rolling, hands: GoogleActions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(asked: Asked) -> None:
        if rolling.executions:
            asked.say(503)
        else:
            rolling.answer(asked)

    monkeypatch.setattr(waiting, "OUTAGE", 0.1)
    rolling.losing = ["run"]
    google.spoil("/jobs/worker", failing)
    with pytest.raises(ProviderError, match="nobody can tell whether job worker was started"):
        hands.execute("ship-1/execute", JOB)


def test_how_far_an_execution_is_is_asked_anew(google: Google, hands: GoogleActions) -> None:
    states = [None, None, "2025-11-04T01:20:00Z"]

    def running(asked: Asked) -> None:
        one = execution("worker-0", NEW, 1, completionTime=states.pop(0))
        ended = one["completionTime"] is not None
        say(
            asked,
            {k: v for k, v in one.items() if ended or k not in ("conditions", "completionTime")},
        )

    google.spoil("/executions/worker-0", running)
    found = [hands.execution(JOB, "worker-0") for _ in range(3)]
    assert [one.state.value for one in found if isinstance(one, Execution)] == [
        "running", "running", "succeeded",
    ]  # fmt: skip
    lost = hands.execution(JOB, "worker-9")
    assert isinstance(lost, Unseen)


REFUSALS: dict[str, tuple[Callable[[Asked], None], tuple[str, str]]] = {
    "permission": (
        lambda asked: refuse(asked, 403, "'run.jobs.update' denied", "PERMISSION_DENIED"),
        ("may not change job worker", "it needs run.jobs.update, which roles/run.developer has"),
    ),
    "account": (
        lambda asked: refuse(
            asked, 403, "Permission 'iam.serviceaccounts.actAs' denied on service account w@x",
            "PERMISSION_DENIED",
        ),
        ("actAs", "it needs iam.serviceAccounts.actAs, which roles/iam.serviceAccountUser on that"),
    ),
    "off": (
        lambda asked: refuse(
            asked, 403, "off", "PERMISSION_DENIED", reason="SERVICE_DISABLED",
            metadata={"service": "run.googleapis.com"},
        ),
        ("the API run.googleapis.com is off", "gcloud services enable run.googleapis.com"),
    ),
    "wrong": (
        lambda asked: refuse(asked, 400, f"bad value {TOKEN}", "INVALID_ARGUMENT"),
        ("status 400", "see that"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_says_what_is_missing_and_nothing_of_the_job(
    google: Google, rolling: Rolling, hands: GoogleActions, refusal: str
) -> None:
    refused, (message, hint) = REFUSALS[refusal]
    google.spoil(
        "/jobs/worker",
        lambda asked: (refused if asked.method == "PATCH" else rolling.answer)(asked),
    )
    with pytest.raises(ProviderError) as error:
        hands.deploy("ship-1/deploy", JOB, NEW)
    words = f"{error.value.message} {error.value.hint}"
    assert message in error.value.message
    assert hint in (error.value.hint or "")
    assert TOKEN not in words
    assert SECRET not in words


def test_a_start_that_is_refused_says_which_role_starts(
    google: Google, rolling: Rolling, hands: GoogleActions
) -> None:
    google.spoil("/jobs/worker:run", lambda asked: refuse(asked, 403, "no", "PERMISSION_DENIED"))
    with pytest.raises(ProviderError, match="may not start job worker") as error:
        hands.execute("ship-1/execute", JOB)
    assert "run.jobs.run" in (error.value.hint or "")
    assert rolling.executions == []


def test_no_job_is_made(google: Google, hands: GoogleActions) -> None:
    google.job = {}
    with pytest.raises(UsageError, match="there is no job worker") as error:
        hands.deploy("ship-1/deploy", JOB, NEW)
    assert "gcloud run jobs create worker --image IMAGE" in (error.value.hint or "")


def test_which_of_several_containers_is_never_guessed(
    rolling: Rolling, hands: GoogleActions
) -> None:
    rolling.job["template"]["template"]["containers"][1]["image"] = "europe-docker.pkg.dev/x/y/z"
    with pytest.raises(UsageError, match="2 containers"):
        hands.deploy("ship-1/deploy", JOB, NEW)
    assert rolling.changes == []


def slowly(google: Google, rolling: Rolling, ended: Callable[[Asked], None]) -> None:
    """Lets a change be under way, until its operation is asked for."""

    def begun(asked: Asked) -> None:
        if asked.method == "PATCH":
            rolling.somebody_else(**json.loads(asked.body))
            say(asked, {"name": f"{HOME}/operations/change"})
        else:
            rolling.answer(asked)

    google.spoil("/jobs/worker", begun)
    google.spoil("/operations/change", ended)


def test_a_change_is_waited_for(google: Google, rolling: Rolling, hands: GoogleActions) -> None:
    looks: list[int] = []

    def ended(asked: Asked) -> None:
        looks.append(1)
        say(asked, {"name": f"{HOME}/operations/change", "done": len(looks) > 2})

    slowly(google, rolling, ended)
    hands.deploy("ship-1/deploy", JOB, NEW)
    assert len(looks) == 3


def test_a_change_that_fails_says_why(
    google: Google, rolling: Rolling, hands: GoogleActions
) -> None:
    error = {"code": 5, "message": f"Image '{NEW}' not found. {TOKEN}"}
    ended = {"name": f"{HOME}/operations/change", "done": True, "error": error}
    slowly(google, rolling, lambda asked: say(asked, ended))
    with pytest.raises(ProviderError, match="could not change job worker: Image") as failed:
        hands.deploy("ship-1/deploy", JOB, NEW)
    assert TOKEN not in failed.value.message


def test_a_change_that_never_ends_is_waited_for_within_bounds(
    google: Google, rolling: Rolling, hands: GoogleActions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollout, "_CHANGE_SECONDS", 0.2)
    slowly(google, rolling, lambda asked: say(asked, {"name": f"{HOME}/operations/change"}))
    with pytest.raises(ProviderError, match="has not finished the change of job worker"):
        hands.deploy("ship-1/deploy", JOB, NEW)
