from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from landed.core.model import (
    Absent,
    Unseen,
)
from landed.core.probe import Workload, WorkloadKind
from landed.core.seen import (
    Build,
    Deployment,
    Execution,
    Registry,
)
from landed.localcloud.cloud import LocalCloud
from landed.providers.local import LocalView
from localcloud.workshop import Workshop

STATIONS = ["builds", "upload", "image", "registry", "deployment", "executions", "entries"]


def job_named(name: str) -> Workload:
    return Workload(kind=WorkloadKind.JOB, name=name)


class Town:
    """A cloud in which everything happened once, and what a trace sees of it."""

    def __init__(self, root: Path) -> None:
        self.shop = Workshop(root)
        self.build = self.shop.build("worker:latest", substitutions={"COMMIT_SHA": "said"})
        self.digest = str(self.build.digest)
        self.shop.cloud.deploy("worker", "worker:latest")
        self.execution = self.shop.cloud.execute("worker", wait=True)
        self.root = self.shop.cloud.root
        self.view = LocalView(self.root, "sha1")

    def look(self, station: str) -> Any:
        view, job = self.view, "worker"
        looks: dict[str, Any] = {
            "builds": view.builds,
            "upload": lambda: view.upload(self.build.id),
            "image": lambda: view.image(self.digest),
            "registry": lambda: view.registry("worker:latest"),
            "deployment": lambda: view.deployment(job_named(job)),
            "executions": lambda: view.executions(job_named(job)),
            "entries": lambda: view.entries(job_named(job), self.execution.id),
        }
        return looks[station]()

    def unseen(self) -> set[str]:
        found = {station: self.look(station) for station in STATIONS}
        hidden = {name: seen for name, seen in found.items() if isinstance(seen, Unseen)}
        assert all(seen.reason and seen.hint for seen in hidden.values()), hidden
        return set(hidden)

    def record(self, kind: str) -> Path:
        places = {
            "build": self.root / "builds" / self.build.id / "build.json",
            "execution": self.root / "executions" / self.execution.id / "execution.json",
            "job": self.root / "jobs" / "worker" / "job.json",
            "index": self.root / "images" / "worker" / "index.json",
            "log": self.shop.cloud.log_path("worker", self.execution.id),
            "upload": self.shop.cloud.archive(self.build),
            "manifest": self.shop.cloud.images.layout("worker").blob_path(self.digest),
        }
        return places[kind]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def test_what_is_whole_is_seen(town: Town) -> None:
    assert town.unseen() == set()
    (record,) = town.look("builds")
    assert isinstance(record.build, Build)
    assert record.build.pushed == (town.digest,)
    assert [(c.where, c.commit) for c in record.build.claims] == [
        ("substitution COMMIT_SHA", "said")
    ]
    assert record.commit is None
    assert "app/__main__.py" in town.look("upload").files
    image = town.look("image")
    path = "app/app/__main__.py"
    assert image.read([path]) == {path: b"print('hello')\n"}
    registry, deployment = town.look("registry"), town.look("deployment")
    assert isinstance(registry, Registry)
    assert isinstance(deployment, Deployment)
    assert (registry.digest, deployment.digest, deployment.pinned) == (
        town.digest, town.digest, False,
    )  # fmt: skip
    (execution,) = town.look("executions")
    assert isinstance(execution, Execution)
    assert (execution.digest, execution.exit_code) == (town.digest, 0)
    assert [line.text for line in town.look("entries")] == ["hello"]


def test_an_empty_cloud_holds_nothing(tmp_path: Path) -> None:
    view = LocalView(tmp_path, "sha1")
    assert (view.builds(), view.executions(job_named("worker"))) == ([], [])
    assert isinstance(view.deployment(job_named("worker")), Absent)
    registry = view.registry("worker:latest")
    assert isinstance(registry, Registry)
    assert registry.digest is None
    assert isinstance(view.image(f"sha256:{'0' * 64}"), Unseen)
    assert isinstance(view.upload("nosuch"), Unseen)


HIDES = {
    "build": {"builds", "upload"},
    "execution": {"executions", "entries"},
    "job": {"deployment"},
    "index": {"registry", "deployment"},
    "log": {"entries"},
    "upload": {"upload"},
    "manifest": {"image"},
}
DAMAGE = [b"", b"garbage\n", b"\xff\xfe\n", b"[]\n", b"{}\n", b'{"id": 7, "name": []}\n',
          b"[" * 100_000 + b"\n"]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE, ids=range(len(DAMAGE)))
def test_what_is_damaged_is_unseen_and_hides_nothing_else(damage: bytes, town: Town) -> None:
    for kind, stations in HIDES.items():
        place = town.record(kind)
        whole = place.read_bytes()
        place.write_bytes(damage)
        assert town.unseen() == stations, kind
        place.write_bytes(whole)
    assert town.unseen() == set()


@pytest.mark.parametrize("kind", ["index", "manifest", "upload", "log"])
def test_what_is_missing_is_not_green(kind: str, town: Town) -> None:
    town.record(kind).unlink()
    if kind == "index":
        # No index is a repository without images: it is known that the name means nothing.
        assert town.look("registry").digest is None
        assert town.look("deployment").digest is None
    else:
        assert town.unseen() == HIDES[kind]


def test_a_folder_in_the_place_of_a_record(town: Town) -> None:
    place = town.record("build")
    place.unlink()
    place.mkdir()
    assert town.unseen() == {"builds", "upload"}


def test_one_damaged_build_is_not_passed_over(town: Town) -> None:
    newest = town.shop.build("worker:latest")
    (town.root / "builds" / newest.id / "build.json").write_bytes(b"{")
    seen = town.look("builds")
    assert isinstance(seen, Unseen)
    assert newest.id in seen.reason


def test_the_log_of_one_execution_is_read_without_the_records_of_all_others(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look reads thousands: each would read thousands."""

    def every(*_: object) -> list[Any]:
        raise AssertionError("all were read")

    whole = town.look("entries")
    monkeypatch.setattr(LocalCloud, "executions", every)
    assert town.look("entries") == whole


def test_a_log_that_lost_or_won_entries_is_unseen(town: Town) -> None:
    log = town.record("log")
    whole = log.read_bytes()
    for changed in (b"", whole * 2):
        log.write_bytes(changed)
        seen = town.look("entries")
        assert isinstance(seen, Unseen)
        assert "wrote 1 entries" in seen.reason


@pytest.mark.parametrize(
    "line",
    [
        b'{"timestamp": 7}\n',
        b'{"labels": 3, "timestamp": "x"}\n',
        b'{"timestamp": "2020-01-01T00:00:00Z", "labels": 3}\n',
    ],
)
def test_an_entry_of_another_shape_is_unseen(line: bytes, town: Town) -> None:
    town.record("log").write_bytes(line)
    assert town.unseen() == {"entries"}


@pytest.mark.parametrize("name", ["NOT A NAME", "../x", ""])
def test_names_that_are_none(name: str, town: Town) -> None:
    assert isinstance(town.view.registry(name), Unseen)
    assert isinstance(town.view.image(name), Unseen)
    assert isinstance(town.view.deployment(job_named(name)), Unseen)


def test_a_tag_that_another_tool_set_has_no_moment(town: Town) -> None:
    index = town.record("index")
    text = index.read_text().replace("org.opencontainers.image.created", "x.created")
    index.write_text(text)
    registry, deployment = town.look("registry"), town.look("deployment")
    assert (registry.digest, registry.moved_at) == (town.digest, None)
    job = town.shop.cloud.job("worker")
    assert job
    assert deployment.since == job.spec.update_time


def test_a_cloud_that_is_gone_altogether(town: Town) -> None:
    shutil.rmtree(town.root)
    town.root.write_text("a file")
    assert town.unseen() >= {"image", "upload"}
