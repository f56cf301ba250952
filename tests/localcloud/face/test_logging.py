"""`entries:list` over HTTP; every answer is held against Google's documents as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.face.stage import BROKEN, MENDED, SCHOOL, SHOP, Stage, staged
from waiting import until

LIST = "https://logging.googleapis.com/v2/entries:list"
MINE = ["projects/landed-local"]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two executions of a job, the first broken and the second mended, and a service."""
    with staged(tmp_path_factory.mktemp("logging")) as made:
        for program in (BROKEN, MENDED):
            made.build("worker:latest", program)
            made.cloud.deploy("worker", f"{SHOP}/worker:latest")
            made.cloud.execute("worker", wait=True)
        made.serve("front:latest", "one")
        revision = made.cloud.services.deploy("front", f"{SHOP}/front:latest")
        made.cloud.services.ready("front", revision.name)
        # It listens, and what it said before may be on its way still.
        until(lambda: made.cloud.services.logs("front"))
        yield made


def read(stage: Stage, words: str = "", **more: Any) -> list[dict[str, Any]]:
    document = {"resourceNames": MINE, "filter": words, **more}
    found: list[dict[str, Any]] = stage.ask("POST", LIST, document).get("entries", [])
    return found


def test_only_the_execution_that_is_asked_for(stage: Stage) -> None:
    *_, mended, broken = (one.id for one in stage.cloud.executions("worker"))
    name = 'labels."run.googleapis.com/execution_name"'
    found = read(stage, f'resource.type="cloud_run_job" AND {name}="{broken}"')
    # Two streams: which of them comes first is chance.
    said = {e.get("textPayload") or e["jsonPayload"]["message"] for e in found}
    assert said == {SCHOOL, "gave up"}
    (entry,) = read(stage, f'{name}="{mended}"')
    assert entry["jsonPayload"] == {"message": "request 7 is done", "lessons": 4}
    assert entry["resource"]["labels"] == {
        "job_name": "worker", "location": "europe-west1", "project_id": "landed-local",
    }  # fmt: skip
    assert entry["logName"] == "projects/landed-local/logs/run.googleapis.com%2Fstdout"


def test_only_the_revision_that_is_asked_for(stage: Stage) -> None:
    name = stage.cloud.services.get("front").latest.record.name
    words = f'resource.type="cloud_run_revision" AND resource.labels.revision_name="{name}"'
    (entry,) = read(stage, words)
    assert entry["textPayload"] == "about to listen: one"
    assert entry["labels"]["instanceId"].startswith("instance-")
    assert read(stage, words.replace(name, "another")) == []


def test_plain_lines_have_no_severity_of_their_own(stage: Stage) -> None:
    assert SCHOOL not in str(read(stage, "severity>=ERROR"))
    assert [e["severity"] for e in read(stage, "School")] == ["DEFAULT"]


def test_the_order_and_the_pages(stage: Stage) -> None:
    every = read(stage)
    assert [e["timestamp"] for e in every] == sorted(e["timestamp"] for e in every)
    assert read(stage, orderBy="timestamp desc") == every[::-1]
    found, token = [], None
    while True:
        document = {"resourceNames": MINE, "pageSize": 2, "pageToken": token}
        page = stage.ask("POST", LIST, document)
        assert len(page["entries"]) <= 2
        found += page["entries"]
        token = page.get("nextPageToken")
        if token is None:
            break
    assert found == every


def test_a_page_goes_on_where_the_last_one_ended(stage: Stage) -> None:
    document = {"resourceNames": MINE, "pageSize": 2, "orderBy": "timestamp desc"}
    before = read(stage, orderBy="timestamp desc")
    first = stage.ask("POST", LIST, document)
    # Entries that come meanwhile are newer: they shift nothing.
    stage.cloud.execute("worker", wait=True)
    second = stage.ask("POST", LIST, {**document, "pageToken": first["nextPageToken"]})
    assert [*first["entries"], *second["entries"]] == before[:4]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"filter": "severity>="}, 400),
        ({"filter": 3}, 400),
        ({"orderBy": "severity"}, 400),
        ({"pageSize": -1}, 400),
        ({"pageSize": "many"}, 400),
        ({"pageToken": "nonsense"}, 400),
        ({"resourceNames": []}, 400),
        ({"resourceNames": "projects/landed-local"}, 400),
        ({"resourceNames": ["projects/another"]}, 403),
        ({"resourceNames": ["folders/1"]}, 403),
        ({"projectIds": ["another"]}, 403),
    ],
)
def test_what_is_no_question_gets_no_entries(
    stage: Stage, change: dict[str, Any], code: int
) -> None:
    answer = stage.ask("POST", LIST, {"resourceNames": MINE, **change}, code)
    assert "entries" not in answer


def test_a_damaged_log_is_an_error(stage: Stage) -> None:
    path = stage.cloud.log_path("worker", stage.cloud.executions("worker")[0].id)
    whole = path.read_bytes()
    path.write_bytes(b"damage\n" + whole)
    assert (
        "is no log entry"
        in stage.ask("POST", LIST, {"resourceNames": MINE}, 500)["error"]["message"]
    )
    path.write_bytes(whole)
