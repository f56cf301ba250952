"""What a build was given, in all the shapes that Cloud Build has for it; and what is only asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landed.core.model import Unseen
from landed.core.probe import BuildRecord
from landed.core.seen import SourceKind
from providers.gcp.google import BUILD, COMMIT, PROJECT, Google, build

URL = "https://git.example/shop.git"
CONNECTED = f"projects/{PROJECT}/locations/europe-west1/connections/hub/repositories/shop"
LINK = f"projects/{PROJECT}/locations/europe-west1/connections/hub/gitRepositoryLinks/shop"


def the_build(google: Google, folder: Path, **changes: Any) -> BuildRecord:
    """The only build, seen through the provider."""
    made = build(google.image.digest, **changes)
    google.builds = [{key: value for key, value in made.items() if value is not None}]
    found = google.view(folder).builds()
    assert not isinstance(found, Unseen), found
    return found[0]


def test_a_branch_that_was_resolved(google: Google, tmp_path: Path) -> None:
    record = the_build(
        google,
        tmp_path,
        source={"gitSource": {"url": URL, "revision": "main", "dir": "backend"}},
        sourceProvenance={"resolvedGitSource": {"url": URL, "revision": COMMIT, "dir": "backend"}},
    )
    assert (record.kind, record.url, record.ref) == (SourceKind.CLONE, URL, "refs/heads/main")
    assert (record.commit, record.requested, record.folder) == (COMMIT, None, "backend")


def test_a_branch_that_nobody_resolved_is_no_commit(google: Google, tmp_path: Path) -> None:
    record = the_build(
        google,
        tmp_path,
        source={"gitSource": {"url": URL, "revision": "main"}},
        sourceProvenance=None,
    )
    assert (record.kind, record.commit) == (SourceKind.CLONE, None)


def test_a_short_id_is_no_commit_either(google: Google, tmp_path: Path) -> None:
    record = the_build(
        google,
        tmp_path,
        source={"gitSource": {"url": URL, "revision": COMMIT[:10]}},
        sourceProvenance=None,
    )
    assert record.commit is None
    assert record.requested is None


def test_a_commit_that_was_asked_for(google: Google, tmp_path: Path) -> None:
    record = the_build(
        google,
        tmp_path,
        source={"gitSource": {"url": URL, "revision": COMMIT}},
        sourceProvenance=None,
    )
    assert (record.commit, record.requested, record.ref) == (COMMIT, COMMIT, "")


def test_a_password_in_a_url_stays_away(google: Google, tmp_path: Path) -> None:
    record = the_build(
        google,
        tmp_path,
        source={"gitSource": {"url": "https://ann:hunter2@git.example/shop.git"}},
        sourceProvenance=None,
    )
    assert "hunter2" not in str(record)


def test_a_cloud_source_repository(google: Google, tmp_path: Path) -> None:
    asked = {"projectId": PROJECT, "repoName": "shop", "branchName": "main"}
    resolved = {"projectId": PROJECT, "repoName": "shop", "commitSha": COMMIT}
    record = the_build(
        google,
        tmp_path,
        source={"repoSource": asked},
        sourceProvenance={"resolvedRepoSource": resolved},
    )
    assert (record.commit, record.ref) == (COMMIT, "refs/heads/main")
    assert record.url == f"https://source.developers.google.com/p/{PROJECT}/r/shop"


def test_a_connected_repository(google: Google, tmp_path: Path) -> None:
    asked = {"repository": CONNECTED, "revision": "main"}
    record = the_build(
        google,
        tmp_path,
        source={"connectedRepository": asked},
        sourceProvenance={"resolvedConnectedRepository": {**asked, "revision": COMMIT}},
    )
    assert (record.kind, record.commit, record.url) == (SourceKind.CLONE, COMMIT, CONNECTED)


@pytest.mark.parametrize(("revision", "commit"), [("main", None), (COMMIT, COMMIT)])
def test_developer_connect_resolves_nothing(
    google: Google, tmp_path: Path, revision: str, commit: str | None
) -> None:
    record = the_build(
        google,
        tmp_path,
        source={
            "developerConnectConfig": {"gitRepositoryLink": LINK, "revision": revision, "dir": ""}
        },
        sourceProvenance=None,
    )
    assert (record.kind, record.commit, record.url) == (SourceKind.CLONE, commit, LINK)


def test_a_manifest_of_files_is_said_to_be_unread(google: Google, tmp_path: Path) -> None:
    manifest = {"bucket": "uploads", "object": "source/manifest.json", "generation": "1"}
    record = the_build(
        google,
        tmp_path,
        source={"storageSourceManifest": manifest},
        sourceProvenance={"resolvedStorageSourceManifest": manifest},
    )
    assert record.kind is SourceKind.UPLOAD
    answer = google.view(tmp_path).upload(BUILD[:-1] + "1")
    assert isinstance(answer, Unseen)
    assert "manifest of files" in answer.reason


def test_a_trigger_that_left_its_source_in_the_substitutions(
    google: Google, tmp_path: Path
) -> None:
    record = the_build(
        google,
        tmp_path,
        source=None,
        sourceProvenance=None,
        buildTriggerId="t-1",
        substitutions={
            "COMMIT_SHA": COMMIT,
            "REVISION_ID": COMMIT,
            "BRANCH_NAME": "main",
            "REPO_FULL_NAME": "shop/worker",
            "_RELEASE": "b" * 40,
        },
    )
    assert (record.kind, record.commit, record.ref) == (SourceKind.CLONE, COMMIT, "refs/heads/main")
    assert [c.where for c in record.build.claims] == [
        "substitution BRANCH_NAME",
        "substitution REPO_FULL_NAME",
        "substitution _RELEASE",
    ]


def test_what_somebody_typed_is_a_claim_and_no_commit(google: Google, tmp_path: Path) -> None:
    record = the_build(google, tmp_path, substitutions={"COMMIT_SHA": COMMIT})
    assert (record.kind, record.commit) == (SourceKind.UPLOAD, None)
    assert [(c.where, c.commit) for c in record.build.claims] == [
        ("substitution COMMIT_SHA", COMMIT)
    ]


CLONES = [
    {"name": "gcr.io/cloud-builders/git", "args": ["clone", "-b", "main", URL, "."]},
    {"name": "alpine/git", "args": ["clone", "--branch=main", "--depth", "1", URL]},
    {"name": "ubuntu", "entrypoint": "bash", "args": ["-c", f"git clone -b main {URL} && make"]},
    {"name": "ubuntu", "script": f"#!/bin/sh\ngit clone --branch main {URL} shop\n"},
]


@pytest.mark.parametrize("step", CLONES)
def test_a_step_that_clones_by_itself(google: Google, tmp_path: Path, step: dict[str, Any]) -> None:
    docker = build(google.image.digest)["steps"]
    record = the_build(
        google,
        tmp_path,
        source=None,
        sourceProvenance=None,
        steps=[step, *docker],
        substitutions={"COMMIT_SHA": COMMIT},
    )
    assert (record.kind, record.commit) == (SourceKind.CLONE, None)
    assert (record.url, record.ref) == (URL, "refs/heads/main")


def test_no_source_at_all(google: Google, tmp_path: Path) -> None:
    assert the_build(google, tmp_path, source=None, sourceProvenance=None).kind is None
