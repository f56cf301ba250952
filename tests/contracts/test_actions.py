"""What every provider has to do for a shipment, and to do once for a key: the local cloud in
process, Google's over HTTP. One shop on each, and each is told the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from unittest.mock import patch

import pytest

from landed import config as settings
from landed import ship_wiring, wiring
from landed.content.image.image import Contents
from landed.content.repo import Repository
from landed.core.action import Actions, BuildOrder, Built
from landed.core.model import Unseen
from landed.core.probe import Workload, WorkloadKind
from landed.core.seen import Execution, ExecutionState
from landed.localcloud.cloud import LocalCloud
from scenarios.google_shop import IMAGE, GoogleShop
from scenarios.shop import JOB, Shop, good
from waiting import SECONDS, until

WORKER = Workload(kind=WorkloadKind.JOB, name=JOB)


class Stand:
    """A shop with a release, and a second commit that is to be brought out."""

    def __init__(self, shop: Shop, repository: str) -> None:
        self.shop, self.repository = shop, repository
        self.old = shop.release()
        LocalCloud(shop.cloud).deploy(JOB, f"{repository}@{self.old}", {"SHOP": "open"})
        self.commit = shop.change(good("work done"), "Work again")
        shop.push()

    @property
    def cloud(self) -> LocalCloud:
        """What was really done."""
        return LocalCloud(self.shop.cloud)

    @contextmanager
    def actions(self) -> Iterator[Actions]:
        """A new hand, as a shipment that goes on has it."""
        around: AbstractContextManager[object] = nullcontext()
        if isinstance(self.shop, GoogleShop):
            around = patch.dict(
                os.environ, self.shop.face.environment(dict(os.environ)), clear=True
            )
        with around, Repository.open(self.shop.work) as repository:
            config = settings.load(self.shop.work / "landed.toml", self.shop.work)
            (project,) = wiring.projects(config, repository, JOB)
            yield ship_wiring.actions(config, repository, "dev", project)

    def build(self, key: str, **other: str) -> Built:
        order = {"commit": self.commit, "folder": "", "dockerfile": "Dockerfile"} | other
        with self.actions() as actions:
            return actions.build(key, BuildOrder(image=f"{self.repository}:commit-1", **order))

    def image(self) -> str:
        """What is built, by its digest."""
        return f"{self.repository}@{self.build('image').digest}"

    def ended(self, actions: Actions, execution: str) -> Execution:
        def over() -> Execution | None:
            found = actions.execution(WORKER, execution)
            assert isinstance(found, Execution), found
            return None if found.state is ExecutionState.RUNNING else found

        ended: Execution = until(over)
        return ended


@pytest.fixture(scope="module", params=["local", "gcp"])
def stand(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stand]:
    folder = tmp_path_factory.mktemp("actions")
    runtime = str(Path(__file__).parents[2] / ".runtime")
    with patch.dict(os.environ, {"LANDED_RUNTIME": runtime, "XDG_CACHE_HOME": str(folder)}):
        if request.param == "local":
            yield Stand(Shop(folder), JOB)
        else:
            shop = GoogleShop(folder)
            yield Stand(shop, IMAGE)
            shop.close()


def test_a_key_builds_once(stand: Stand) -> None:
    before = len(stand.cloud.builds())
    first = stand.build("ship-1/build")
    again = stand.build("ship-1/build")
    assert first == again
    assert first.digest
    assert len(stand.cloud.builds()) == before + 1
    other = stand.build("ship-1.2/build")
    assert other.id != first.id


def test_what_is_built_is_the_commit_and_not_the_work_tree(stand: Stand) -> None:
    stand.shop.write("app/job.py", good("never committed"))
    stand.shop.write("app/never_added.py", "")
    try:
        built = stand.build("ship-2/build")
    finally:
        (stand.shop.work / "app/never_added.py").unlink()
        stand.shop.git("checkout", "-q", "--", ".")
    layout = stand.cloud.images.layout(stand.repository)
    image = layout.image(str(built.digest))
    files = Contents(image, image.files("sha1", stand.shop.folder / "layers")).files
    assert files["app/app/job.py"].blob == stand.shop.git("rev-parse", "HEAD:app/job.py")
    assert "app/app/never_added.py" not in files
    labels = image.config["config"]["Labels"]
    assert labels["org.opencontainers.image.revision"] == stand.commit


def test_a_build_that_fails_says_why_and_has_no_digest(stand: Stand) -> None:
    built = stand.build("ship-3/build", dockerfile="Nowhere")
    assert built.digest is None
    assert "Nowhere" in built.failure


def test_a_smoke_command_ends_as_it_ends(stand: Stand) -> None:
    image, python = stand.image(), ("python", "-c")
    with stand.actions() as actions:
        good_ = actions.smoke(WORKER, image, (*python, "import app.job; print('$HOME')"), SECONDS)
        bad = actions.smoke(WORKER, image, (*python, "print('oh'); raise SystemExit(3)"), SECONDS)
        slow = actions.smoke(WORKER, image, (*python, "import time; time.sleep(600)"), 1)
    assert (good_.code, good_.output.split()) == (0, ["$HOME"])
    assert (bad.code, "oh" in bad.output) == (3, True)
    assert slow.code is None
    assert all(one.isolation for one in (good_, bad, slow))


def test_a_name_is_moved_and_may_be_moved_again(stand: Stand) -> None:
    image = stand.image()
    for _ in range(2):
        with stand.actions() as actions:
            actions.publish(image, f"{stand.repository}:live")
        assert stand.cloud.images.here(f"{stand.repository}:live") == image.rpartition("@")[2]


def test_a_key_deploys_once_even_where_it_was_deployed_since(stand: Stand) -> None:
    image = stand.image()
    with stand.actions() as actions:
        actions.deploy("ship-4/deploy", WORKER, image)
    job = stand.cloud.job(JOB)
    assert job is not None
    assert (job.spec.image, job.spec.env) == (image, {"SHOP": "open"})
    with stand.actions() as actions:
        actions.deploy("ship-5/deploy", WORKER, f"{stand.repository}@{stand.old}")
    with stand.actions() as actions:
        actions.deploy("ship-4/deploy", WORKER, image)
    job = stand.cloud.job(JOB)
    assert job is not None
    assert job.spec.image == f"{stand.repository}@{stand.old}"
    with stand.actions() as actions:
        actions.deploy("ship-6/deploy", WORKER, image)


def test_a_key_starts_once_and_its_end_is_seen(stand: Stand) -> None:
    before = len(stand.cloud.executions(JOB))
    with stand.actions() as actions:
        first = actions.execute("ship-7/execute", WORKER)
        ended = stand.ended(actions, first)
    assert (ended.id, ended.state) == (first, ExecutionState.SUCCEEDED)
    with stand.actions() as actions:
        assert actions.execute("ship-7/execute", WORKER) == first
    assert len(stand.cloud.executions(JOB)) == before + 1
    with stand.actions() as actions:
        other = actions.execute("ship-7.2/execute", WORKER)
        assert other != first
        assert actions.execute("ship-7/execute", WORKER) == first
        stand.ended(actions, other)


def test_an_execution_that_nobody_started_is_unseen(stand: Stand) -> None:
    with stand.actions() as actions:
        found = actions.execution(WORKER, "worker-none")
    assert isinstance(found, Unseen)
    assert (bool(found.reason), bool(found.hint)) == (True, True)
