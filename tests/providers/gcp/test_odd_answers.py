"""Answers that Google may give and seldom does, and names that seldom look so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from landed.config import EnvironmentSettings
from landed.core.errors import UsageError
from landed.core.model import Unseen
from landed.core.seen import BuildState
from landed.providers.gcp import api
from landed.providers.gcp.place import place
from landed.providers.gcp.registry import owned
from landed.providers.gcp.view import GoogleView
from providers.gcp.google import (
    HOST,
    IMAGE,
    JOB,
    PROJECT,
    REGION,
    SERVICE,
    Google,
    at,
    build,
    entry,
    execution,
    say,
)
from providers.oci.faults import Asked

OTHER = f"sha256:{'0' * 64}"


def front(google: Google, *, statuses: list[dict[str, str]], **own: Any) -> None:
    """A service whose revision has a proxy beside the deployable."""
    name = f"projects/{PROJECT}/locations/{REGION}/services/front"
    ours = {"image": f"{IMAGE}:latest", "name": "front", **own}
    containers = [{"image": "docker.io/library/envoy:1", "name": "proxy"}, ours]
    google.service = {
        "name": name,
        "template": {"containers": containers},
        "updateTime": at(20),
        "latestCreatedRevision": f"{name}/revisions/front-1",
        "latestReadyRevision": f"{name}/revisions/front-1",
        "trafficStatuses": [
            {"revision": "front-1", "percent": 100},
            # What has a tag alone takes nothing.
            {"revision": "front-0", "percent": 0, "tag": "old"},
        ],
    }
    google.revisions = [
        {
            "name": f"{name}/revisions/front-1",
            "createTime": at(20),
            "containers": containers,
            "containerStatuses": statuses,
            "conditions": [{"type": "Ready", "state": "CONDITION_SUCCEEDED"}],
        }
    ]


@pytest.mark.parametrize(
    ("named", "known"), [(("front", "proxy"), True), (("proxy",), False), ((), False)]
)
def test_the_digest_of_a_container_beside_ours_is_not_ours(
    google: Google, tmp_path: Path, named: tuple[str, ...], *, known: bool
) -> None:
    digests = {"front": f"{IMAGE}@{google.image.digest}", "proxy": f"envoy@{OTHER}"}
    front(google, statuses=[{"name": one, "imageDigest": digests[one]} for one in named])
    (revision,) = google.view(tmp_path, SERVICE).executions(SERVICE)  # type: ignore[misc]
    assert revision.digest == (google.image.digest if known else None)
    assert revision.percent == 100


def test_a_status_that_landed_does_not_know_hides_no_other_build(
    google: Google, tmp_path: Path
) -> None:
    odd = build(google.image.digest, number=2, minutes=20, status="STATUS_UNKNOWN")
    google.builds = [odd, *google.builds]
    seen = google.view(tmp_path).builds()
    assert not isinstance(seen, Unseen), seen
    assert [one.build.state for one in seen] == [BuildState.LOST, BuildState.SUCCEEDED]
    assert "STATUS_UNKNOWN" in seen[0].build.failure


def test_builds_stand_behind_an_empty_page(google: Google, tmp_path: Path) -> None:
    def paged(asked: Asked) -> None:
        if "pageToken" in parse_qs(urlsplit(asked.path).query):
            say(asked, {"builds": google.builds})
        else:
            say(asked, {"nextPageToken": "more"})

    google.spoil("global/builds", paged)
    seen = google.view(tmp_path).builds()
    assert not isinstance(seen, Unseen), seen
    assert len(seen) == 1


def lists(view: GoogleView) -> dict[str, Callable[[], object]]:
    """What asks for each list."""
    return {
        "global/builds": view.builds,
        "executions": lambda: view.executions(JOB),
        "entries:list": lambda: view.entries(JOB, "worker-aaaaa"),
        "global/triggers": view.triggers,
    }


@pytest.mark.parametrize("part", ["global/builds", "executions", "entries:list", "global/triggers"])
def test_a_list_without_an_end_is_given_up(google: Google, tmp_path: Path, part: str) -> None:
    google.spoil(part, lambda asked: say(asked, {"nextPageToken": "again"}))
    found = lists(google.view(tmp_path))[part]()
    assert isinstance(found, Unseen), found
    assert sum(part in path for path in google.server.paths()) <= 40


@pytest.mark.parametrize("part", ["global/builds", "executions", "entries:list", "global/triggers"])
def test_a_list_whose_pages_are_slow_is_given_up_in_time(
    google: Google, tmp_path: Path, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "LIST_SECONDS", 0.0)
    google.spoil(part, lambda asked: say(asked, {"nextPageToken": str(len(google.server.paths()))}))
    found = lists(google.view(tmp_path))[part]()
    assert isinstance(found, Unseen), found
    assert "did not come within" in found.reason


def test_a_projects_number_is_no_name_for_it() -> None:
    settings = EnvironmentSettings(provider="gcp", project="123456789012", region=REGION)
    with pytest.raises(UsageError, match="number") as refused:
        place(settings, {})
    assert "gcloud projects describe 123456789012" in refused.value.hint
    with_digits = EnvironmentSettings(provider="gcp", project="shop-123456", region=REGION)
    assert place(with_digits, {}).project == "shop-123456"


def test_a_project_of_a_domain_has_two_parts_in_a_name() -> None:
    settings = EnvironmentSettings(provider="gcp", project="shop.example:one", region=REGION)
    assert place(settings, {}).project == "shop.example:one"
    assert owned("shop.example/one/repository/worker") == ("shop.example:one", "repository/worker")
    assert owned("shop-1234/repository/deep/worker") == ("shop-1234", "repository/deep/worker")


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        (f"{HOST}/{PROJECT}/shop/worker", f"/{PROJECT}/locations/{REGION}/repositories/shop/"),
        ("us-docker.pkg.dev/shop-9/shop/worker", "/shop-9/locations/us/repositories/shop/"),
        (f"{HOST}/shop.example/one/shop/worker", f"/shop.example:one/locations/{REGION}/"),
        ("eu.gcr.io/shop-9/worker", ""),
        (f"{HOST}/worker", ""),
    ],
)
def test_where_an_image_is_asked_about(
    google: Google, tmp_path: Path, name: str, asked: str
) -> None:
    repository = name.partition("/")[2]
    google.spoil(
        f"/v2/{repository}/manifests/",
        lambda one: one.say(200, google.image.manifest, docker_content_digest=google.image.digest),
    )
    google.view(tmp_path, image=name).registry(f"{name}:latest")
    paths = [path for path in google.server.paths() if "/dockerImages/" in path]
    assert any(asked in path for path in paths) if asked else not paths


@pytest.mark.parametrize(("minutes", "unseen"), [(15, False), (120, True)])
def test_logs_that_are_kept_elsewhere_are_no_silence(
    google: Google, tmp_path: Path, minutes: float, *, unseen: bool
) -> None:
    google.executions = [execution("worker-aaaaa", f"{IMAGE}@{google.image.digest}", minutes)]
    google.entries = []
    found = google.view(tmp_path).entries(JOB, "worker-aaaaa")
    assert isinstance(found, Unseen) is unseen, found
    if isinstance(found, Unseen):
        assert "gcloud logging sinks list" in found.hint
    # One that is silent beside others that are not has written nothing.
    google.entries = [entry("worker-bbbbb", "work done", minutes - 1)]
    assert google.view(tmp_path).entries(JOB, "worker-aaaaa") == []


EDGES = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z")


@pytest.mark.parametrize("moment", EDGES)
def test_times_at_the_ends_of_time(google: Google, tmp_path: Path, moment: str) -> None:
    for document in (*google.builds, *google.executions, *google.entries, google.job):
        for name in document:
            if name.lower().endswith("time") or name == "timestamp":
                document[name] = moment
    if moment == EDGES[0]:
        # It still runs: what comes late is asked for from the newest entry on.
        google.executions[0] |= {"startTime": at(1), "createTime": at(1), "conditions": []}
        del google.executions[0]["completionTime"]
    view = google.view(tmp_path)
    view.builds()
    view.deployment(JOB)
    view.executions(JOB)
    view.entries(JOB, "worker-aaaaa")
