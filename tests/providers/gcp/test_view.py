"""What the provider sees of a healthy chain, and of the many ways in which one is not."""

from __future__ import annotations

from pathlib import Path

from landed.core.model import Unseen
from landed.core.seen import (
    BuildState,
    Deployment,
    ExecutionState,
    Registry,
    SourceKind,
)
from providers.gcp.google import BUILD, IMAGE, JOB, Google


def test_a_healthy_chain(google: Google, tmp_path: Path) -> None:
    view = google.view(tmp_path)
    digest = google.image.digest
    builds = view.builds()
    assert not isinstance(builds, Unseen), builds
    assert [(b.build.id, b.build.state, b.build.pushed, b.kind) for b in builds] == [
        (BUILD[:-1] + "1", BuildState.SUCCEEDED, (digest,), SourceKind.UPLOAD)
    ]
    upload = view.upload(BUILD[:-1] + "1")
    assert not isinstance(upload, Unseen), upload
    assert set(upload.files) == {"Dockerfile", "app/job.py"}
    assert upload.read(["app/job.py"]) == {"app/job.py": b"print('work done')\n"}
    image = view.image(digest)
    assert not isinstance(image, Unseen), image
    assert set(image.files) == {"app/job.py"}
    named = view.registry(f"{IMAGE}:latest")
    assert isinstance(named, Registry)
    assert named.digest == digest
    assert named.moved_at is not None
    job = view.deployment(JOB)
    assert isinstance(job, Deployment)
    assert (job.digest, job.pinned, job.updated_by) == (digest, True, "ann@shop.example")
    ran = view.executions(JOB)
    assert not isinstance(ran, Unseen), ran
    assert [(e.id, e.digest, e.state) for e in ran] == [
        ("worker-aaaaa", digest, ExecutionState.SUCCEEDED)
    ]
    lines = view.entries(JOB, "worker-aaaaa")
    assert not isinstance(lines, Unseen), lines
    assert [line.text for line in lines] == ["work done"]
    assert view.elsewhere(JOB) == []
    assert view.triggers() == []
    asked = [one for one in google.server.asked if "triggers" not in one.path]
    assert len(asked) <= 12, google.server.paths()
