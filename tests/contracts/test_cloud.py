"""What every provider of a cloud has to show: the local one in process, Google's over HTTP.

One healthy shop is built, deployed and executed on each, and each is asked the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from landed import config as settings
from landed import wiring
from landed.content.repo import Repository
from landed.core.model import Absent, Unseen
from landed.core.probe import Cloud, Workload, WorkloadKind
from landed.core.seen import (
    BuildState,
    Deployment,
    Execution,
    ExecutionState,
    Registry,
    SourceKind,
)
from scenarios.google_shop import GoogleShop
from scenarios.shop import JOB, SCHOOL, Shop, bad

WORKER = Workload(kind=WorkloadKind.JOB, name=JOB)
NONE = "sha256:" + "0" * 64


class Stand:
    """A shop with two releases, and a cloud to look at it."""

    def __init__(self, shop: Shop, around: Any) -> None:
        self.shop, self._around = shop, around
        shop.change(bad(SCHOOL))
        shop.push()
        self.old = shop.release()
        shop.fix()
        shop.push()
        built = shop.build()
        self.new = shop.roll_out(built)
        self.upload = shop.upload()

    def cloud(self, job: str = JOB) -> Cloud:
        """A new look, as a trace has it."""
        with self._around():
            config = settings.load(self.shop.work / "landed.toml", self.shop.work)
            with Repository.open(self.shop.work) as repository:
                (project,) = wiring.projects(config, repository, "worker")
                workload = Workload(kind=WorkloadKind.JOB, name=job)
                return wiring.cloud(config, repository, "dev", project, workload)


@pytest.fixture(scope="module", params=["local", "gcp"])
def stand(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stand]:
    folder = tmp_path_factory.mktemp("contract")
    runtime = str(Path(__file__).parents[2] / ".runtime")
    with patch.dict(os.environ, {"LANDED_RUNTIME": runtime, "XDG_CACHE_HOME": str(folder)}):
        if request.param == "local":
            yield Stand(Shop(folder), lambda: patch.dict(os.environ))
        else:
            shop = GoogleShop(folder)
            there = lambda: patch.dict(  # noqa: E731 - one line, used once
                os.environ, shop.face.environment(dict(os.environ)), clear=True
            )
            yield Stand(shop, there)
            shop.close()


def seen(answer: Any) -> Any:
    """An answer that is one."""
    assert not isinstance(answer, (Unseen, Absent)), answer
    return answer


def test_builds_newest_first(stand: Stand) -> None:
    uploaded, new, old = seen(stand.cloud().builds())[:3]
    assert uploaded.build.started_at >= new.build.started_at >= old.build.started_at
    assert uploaded.build.id == stand.upload.data["id"]
    assert (uploaded.kind, uploaded.commit) == (SourceKind.UPLOAD, None)
    assert (new.kind, new.ref) == (SourceKind.CLONE, "refs/heads/main")
    assert new.commit == stand.shop.git("rev-parse", "HEAD")
    for record, digest in ((new, stand.new), (old, stand.old)):
        assert record.build.state is BuildState.SUCCEEDED
        assert record.build.pushed == (digest,)
        assert record.build.evidence[0].see


def test_the_files_of_an_upload(stand: Stand) -> None:
    content = seen(stand.cloud().upload(stand.upload.data["id"]))
    assert "app/job.py" in content.files
    here = (stand.shop.work / "app/job.py").read_bytes()
    assert content.read(["app/job.py", "none"]) == {"app/job.py": here, "none": None}


def test_an_upload_that_was_none(stand: Stand) -> None:
    cloud = stand.cloud()
    clone = next(b for b in seen(cloud.builds()) if b.kind is SourceKind.CLONE)
    for build in (clone.build.id, "no-such-build"):
        answer = cloud.upload(build)
        assert isinstance(answer, Unseen)
        assert answer.reason
        assert answer.hint


def test_the_files_of_an_image(stand: Stand) -> None:
    content = seen(stand.cloud().image(stand.new))
    here = (stand.shop.work / "app/job.py").read_bytes()
    assert content.read(["app/app/job.py"]) == {"app/app/job.py": here}
    assert content.start.working_dir == "/app"


def test_an_image_that_is_not_there(stand: Stand) -> None:
    assert isinstance(stand.cloud().image(NONE), Unseen)


def test_an_image_is_no_index(stand: Stand) -> None:
    assert list(seen(stand.cloud().members(stand.new))) == []


def test_names(stand: Stand) -> None:
    cloud = stand.cloud()
    name = seen(cloud.builds())[0].build.names[0]
    latest = seen(cloud.registry(name))
    assert isinstance(latest, Registry)
    assert latest.digest == stand.upload.data["digest"]
    unknown = seen(cloud.registry(f"{name.rpartition(':')[0]}:never"))
    assert unknown.digest is None


def test_the_deployment(stand: Stand) -> None:
    found = seen(stand.cloud().deployment(WORKER))
    assert isinstance(found, Deployment)
    assert (found.name, found.digest, found.pinned) == (JOB, stand.new, True)
    assert found.updated_by


def test_a_job_that_is_not_there(stand: Stand) -> None:
    cloud = stand.cloud("another")
    another = Workload(kind=WorkloadKind.JOB, name="another")
    answer = cloud.deployment(another)
    assert isinstance(answer, Absent), answer
    assert answer.remedy
    assert list(seen(cloud.executions(another))) == []


def test_executions_newest_first(stand: Stand) -> None:
    new, old = seen(stand.cloud().executions(WORKER))
    assert isinstance(new, Execution)
    assert (new.digest, old.digest) == (stand.new, stand.old)
    assert (new.state, old.state) == (ExecutionState.SUCCEEDED, ExecutionState.SUCCEEDED)
    assert new.started_at > old.started_at
    assert new.started_at >= seen(stand.cloud().deployment(WORKER)).since


def test_entries_of_one_execution_alone(stand: Stand) -> None:
    cloud = stand.cloud()
    new, old = seen(cloud.executions(WORKER))
    good, ill = seen(cloud.entries(WORKER, new.id)), seen(cloud.entries(WORKER, old.id))
    assert any("work done" in line.text for line in good)
    assert not any(SCHOOL in line.text for line in good)
    assert any(SCHOOL in line.text for line in ill)
    for lines, execution in ((good, new), (ill, old)):
        assert [line.timestamp for line in lines] == sorted(line.timestamp for line in lines)
        assert {line.execution for line in lines} == {execution.id}


def test_nothing_of_its_own_is_another_environments(stand: Stand) -> None:
    owners = {line.owner for line in seen(stand.cloud().elsewhere(WORKER))}
    assert "" not in owners
    assert not any(f"job {JOB} " in owner for owner in owners)


def test_the_variables_of_what_ran(stand: Stand) -> None:
    job = "worker-with-variables"
    words = ("--env", "NEW=On", "--env", "DSN=postgresql://ann:hunter2@db/shop")
    stand.shop.landed("cloud", "deploy", job, "--image", f"{JOB}@{stand.new}", *words)
    stand.shop.landed("cloud", "execute", job, "--wait")
    workload = Workload(kind=WorkloadKind.JOB, name=job)
    (ran,) = seen(stand.cloud(job).executions(workload))
    assert ran.variables is not None
    assert {one.name: one.word for one in ran.variables} == {"NEW": "on", "DSN": None}
    assert "hunter2" not in repr(ran)


def test_commands_can_be_filled_in(stand: Stand) -> None:
    commands = stand.cloud().commands(WORKER)
    for text in (commands.build, commands.deploy, commands.execute, commands.logs):
        words = text.format(image="I", ref="R", commit="C", execution="E", trigger="T", url="U")
        assert JOB in words or text is commands.build
        assert "{" not in words


def test_triggers_are_listed(stand: Stand) -> None:
    assert list(seen(stand.cloud().triggers())) == []
