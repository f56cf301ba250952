"""A start that is not the image's own: whether nobody knows what ran, or it worth saying."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landed.core.model import Unseen
from landed.core.seen import Execution, Variable
from providers.gcp.google import JOB, SERVICE, Google
from providers.gcp.test_run import revision, serve

OVERRIDES: dict[str, dict[str, Any]] = {
    "command": {"command": ["sh"]},
    "workingDir": {"workingDir": "/mnt"},
    "sourceCode": {"sourceCode": {"cloudStorageSource": {"bucket": "b"}}},
    "baseImageUri": {"baseImageUri": "x"},
    "args": {"args": ["--dry-run"]},
    "PYTHONPATH": {"env": [{"name": "TZ", "value": "x"}, {"name": "PYTHONPATH", "value": "/mnt"}]},
}


def ran(google: Google, folder: Path) -> Execution:
    found = google.view(folder).executions(JOB)
    assert not isinstance(found, Unseen), found
    return found[0]


def deploy(google: Google, **container: Any) -> None:
    """Into the job, and into the execution that was made of it."""
    for task in (google.job["template"]["template"], google.executions[0]["template"]):
        task["containers"][0].update(container)


@pytest.mark.parametrize("name", OVERRIDES)
def test_an_executions_own(name: str, google: Google, tmp_path: Path) -> None:
    google.executions[0]["template"]["containers"][0].update(OVERRIDES[name])
    assert ran(google, tmp_path).overridden == (name,)


def test_arguments_that_are_deployed(google: Google, tmp_path: Path) -> None:
    deploy(google, args=["--queue", "mail"])
    one = ran(google, tmp_path)
    assert one.overridden == ()
    assert one.remarks == ("started with the deployment's own args, which no commit has",)


@pytest.mark.parametrize(
    ("command", "args"),
    [
        (["python", "-m", "app"], []),
        (["python3.12", "-u", "/app/job.py"], ["--queue", "mail"]),
        (["python", "-m", "celery"], ["worker", "-c", "4"]),
        (["/app/run"], ["-c", "settings.toml"]),
        (["gunicorn", "-c", "conf.py", "app:web"], []),
        (["/bin/sh", "/app/start.sh"], []),
    ],
)
def test_a_deployed_command_of_what_the_image_holds(
    command: list[str], args: list[str], google: Google, tmp_path: Path
) -> None:
    deploy(google, command=command, args=args)
    one = ran(google, tmp_path)
    assert one.overridden == ()
    assert "the deployment's own command" in one.remarks[0]
    assert command[-1] not in one.remarks[0]


@pytest.mark.parametrize(
    ("command", "args"),
    [
        (["sh", "-c", "echo work done"], []),
        (["/bin/bash", "-lc"], ["python -m app"]),
        (["python", "-c", "print('work done')"], []),
        (["python", "-"], []),
        (["env", "A=b", "python", "-Bc", "print('work done')"], []),
        (["node", "--eval=1"], []),
        (["perl"], ["-e", "print 1"]),
        (["tini", "--", "sh", "-ec", "x"], []),
        (["/mnt/run"], []),
        (["python", "/mnt/other.py"], []),
    ],
)
def test_a_deployed_command_that_is_a_program_itself_or_leads_out(
    command: list[str], args: list[str], google: Google, tmp_path: Path
) -> None:
    deploy(google, command=command, args=args, volumeMounts=[{"mountPath": "/mnt"}])
    assert ran(google, tmp_path).overridden == ("command",)


def test_a_command_that_was_deployed_then_and_is_not_now(google: Google, tmp_path: Path) -> None:
    deploy(google, command=["python", "-m", "app"])
    google.job["template"]["template"]["containers"][0]["command"] = ["python", "-m", "other"]
    assert ran(google, tmp_path).overridden == ("command",)


def test_variables_of_one_execution_are_said_without_their_values(
    google: Google, tmp_path: Path
) -> None:
    env = [{"name": "DRY_RUN", "value": "very-secret"}]
    google.executions[0]["template"]["containers"][0]["env"] = env
    one = ran(google, tmp_path)
    assert one.overridden == ()
    assert one.remarks == ("its variables are not those deployed now: DRY_RUN",)


def test_a_revisions_own_command(google: Google, tmp_path: Path) -> None:
    """A revision is what was deployed: it is held against itself."""
    google.revisions = [revision("front-1", google.image.digest, 10)]
    google.revisions[0]["containers"][0]["command"] = ["python", "-m", "front"]
    serve(google, "front-1", "front-1", front_1=100)
    found = google.view(tmp_path, SERVICE).executions(SERVICE)
    assert not isinstance(found, Unseen)
    assert found[0].overridden == ()
    assert "command" in found[0].remarks[0]


def test_of_a_variable_nothing_is_kept_but_its_name_and_a_harmless_word(
    google: Google, tmp_path: Path
) -> None:
    secret = {"secretKeyRef": {"secret": "dsn", "version": "latest"}}
    env = [
        {"name": "NEW", "value": "True"},
        {"name": "OLD", "value": "0"},
        {"name": "EMPTY"},
        {"name": "PASSWORD", "value": "very-secret"},
        {"name": "DSN", "valueSource": secret},
    ]
    google.executions[0]["template"]["containers"][0]["env"] = env
    found = ran(google, tmp_path)
    assert found.variables == (
        Variable(name="NEW", word="true"),
        Variable(name="OLD", word="0"),
        Variable(name="EMPTY", word=""),
        Variable(name="PASSWORD"),
        Variable(name="DSN"),
    )
    assert "very-secret" not in repr(found)
    google.revisions = [revision("front-1", google.image.digest, 10)]
    google.revisions[0]["containers"][0]["env"] = env
    serve(google, "front-1", "front-1", front_1=100)
    service = tmp_path / "service"
    service.mkdir()
    revisions = google.view(service, workload=SERVICE).executions(SERVICE)
    assert not isinstance(revisions, Unseen), revisions
    assert revisions[0].variables == found.variables


def test_of_several_containers_nobody_knows_whose_variables_count(
    google: Google, tmp_path: Path
) -> None:
    other = {"image": "docker.io/library/envoy:1", "name": "side"}
    containers = google.executions[0]["template"]["containers"]
    containers[0] = {**containers[0], "image": "docker.io/library/other:1"}
    containers.append(other)
    assert ran(google, tmp_path).variables is None
