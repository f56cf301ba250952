"""Everything that can go wrong on the way is Unseen, with a reason and a hint: never a false green,
never an alarm, never a hang.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from landed.core.model import Absent, Unseen
from landed.providers.gcp.view import GoogleView
from providers.gcp.google import (
    BUILD,
    HASTY,
    IMAGE,
    JOB,
    PROJECT,
    QUICK,
    TOKEN,
    Google,
    at,
    digest_of,
    entry,
    refuse,
    say,
)
from providers.oci.faults import FOR_EVER, Asked

Question = Callable[[GoogleView, Google], Any]
ECHOED = "opaque/9f8e7d6c5b4a39281706f5e4d3c2b1a0+x"
QUESTIONS: dict[str, tuple[str, Question]] = {
    "builds": ("global/builds", lambda view, _: view.builds()),
    "regional builds": ("europe-west1/builds", lambda view, _: view.builds()),
    "triggers": ("/triggers", lambda view, _: view.triggers()),
    "upload": ("/storage/", lambda view, _: view.upload(BUILD[:-1] + "1")),
    "manifest": ("manifests/", lambda view, google: view.image(google.image.digest)),
    "layer": ("blobs/", lambda view, google: view.image(google.image.digest)),
    "name": ("manifests/latest", lambda view, _: view.registry(f"{IMAGE}:latest")),
    "job": ("/jobs/worker", lambda view, _: view.deployment(JOB)),
    "executions": ("/executions", lambda view, _: view.executions(JOB)),
    "log": ("entries:list", lambda view, _: view.entries(JOB, "worker-aaaaa")),
}
JSON_QUESTIONS = [q for q in QUESTIONS if q not in {"upload", "manifest", "layer", "name"}]


def broken_off(asked: Asked) -> None:
    asked.handler.send_response(200)
    asked.handler.send_header("content-type", "application/json")
    asked.handler.send_header("content-length", "1000")
    asked.handler.end_headers()
    asked.handler.wfile.write(b'{"builds": [')


def dripping(asked: Asked) -> None:
    asked.handler.send_response(200)
    asked.handler.send_header("content-type", "application/json")
    asked.handler.send_header("content-length", "100000")
    asked.handler.end_headers()
    asked.drip(b" ")


def silent(asked: Asked) -> None:
    asked.over.wait(1)


FAULTS: dict[str, Callable[[Asked], None]] = {
    "unauthorized": lambda asked: refuse(asked, 401, "no", "UNAUTHENTICATED"),
    "forbidden": lambda asked: refuse(asked, 403, "no", "PERMISSION_DENIED"),
    "too often": lambda asked: refuse(asked, 429, "Quota exceeded", "RESOURCE_EXHAUSTED"),
    "internal": lambda asked: refuse(asked, 500, "internal", "INTERNAL"),
    "unavailable": lambda asked: asked.say(503, b"<html>try later</html>"),
    "gone without a word": lambda asked: asked.say(404, b"<html>not here</html>"),
    "broken off": broken_off,
    "dripping": dripping,
    "silent": silent,
}
WRONG: dict[str, bytes] = {
    "html": b"<!doctype html><title>Sign in</title>",
    "half": b'{"builds": [{"id": "1"',
    "a list": b"[]",
    "a word": b'"fine"',
    "nothing": b"",
    "other fields": json.dumps(
        {key: [{"other": 1}] for key in ("builds", "triggers", "executions", "entries", "template")}
    ).encode(),
    "numbers for words": json.dumps(
        dict.fromkeys(("builds", "triggers", "executions", "entries", "name", "template"), 1)
    ).encode(),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_fault_is_unseen(google: Google, tmp_path: Path, question: str, fault: str) -> None:
    part, ask = QUESTIONS[question]
    google.spoil(part, FAULTS[fault])
    begun = time.monotonic()
    patience = HASTY if fault in {"dripping", "silent"} else QUICK
    answer = ask(google.view(tmp_path, patience=patience), google)
    assert time.monotonic() - begun < FOR_EVER
    assert isinstance(answer, Unseen), answer
    assert answer.reason
    assert answer.hint
    assert TOKEN not in answer.reason + answer.hint


def _echo(header: str) -> str:
    """A caller's header in all forms that a server may give it back in."""
    # A server that looks up to three bytes further encodes three different words.
    encoded = (b64encode(f"{' ' * more}{header}".encode()).decode() for more in range(3))
    return " ".join((header, quote(header, safe=""), *encoded))


def _leaks(words: str) -> bool:
    inner = [b64encode(f"{' ' * more}{ECHOED}".encode()).decode()[8:32] for more in range(3)]
    forms = (ECHOED, quote(ECHOED, safe=""), *inner)
    return any(form in words or form.lower() in words for form in forms)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_refusal_does_not_tell_the_token(
    google: Google, tmp_path: Path, question: str, status: int
) -> None:
    """By its own value: this one has none of the looks that make a word a secret."""
    google.token = ECHOED
    part, ask = QUESTIONS[question]
    for reason in ("", "SERVICE_DISABLED"):
        google.spoil(
            part,
            lambda asked, reason=reason: refuse(  # type: ignore[misc]
                asked,
                status,
                f"who is {_echo(asked.headers['authorization'].removeprefix('Bearer '))}?",
                "NO",
                reason=reason,
                metadata={"service": ECHOED, "permission": ECHOED},
            ),
        )
        answer = ask(google.view(tmp_path), google)
        assert not _leaks(repr(answer)), answer


def test_an_answer_of_another_kind_does_not_tell_the_token(google: Google, tmp_path: Path) -> None:
    google.token = ECHOED
    google.spoil("/jobs/worker", lambda asked: asked.say(200, b"{}", content_type=f"x/{ECHOED}"))
    answer = google.view(tmp_path).deployment(JOB)
    assert isinstance(answer, Unseen)
    assert not _leaks(answer.reason)


def test_a_job_that_tells_the_token_is_seen_without_it(google: Google, tmp_path: Path) -> None:
    google.token = ECHOED
    google.job["lastModifier"] = _echo(ECHOED)
    answer = google.view(tmp_path).deployment(JOB)
    assert not isinstance(answer, (Unseen, Absent))
    assert "***" in repr(answer)
    assert not _leaks(repr(answer))


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("question", JSON_QUESTIONS)
def test_what_is_no_answer_is_unseen(
    google: Google, tmp_path: Path, question: str, wrong: str
) -> None:
    part, ask = QUESTIONS[question]
    kind = "text/html" if wrong == "html" else "application/json"
    google.spoil(part, lambda asked: asked.say(200, WRONG[wrong], content_type=kind))
    answer = ask(google.view(tmp_path), google)
    assert isinstance(answer, Unseen), answer
    assert "half answer" in answer.hint


def test_which_permission_is_missing(google: Google, tmp_path: Path) -> None:
    google.spoil("/jobs/worker", lambda asked: refuse(asked, 403, "denied", "PERMISSION_DENIED"))
    answer = google.view(tmp_path).deployment(JOB)
    assert isinstance(answer, Unseen)
    assert f"in project {PROJECT}" in answer.reason
    assert "run.jobs.get" in answer.hint
    assert "roles/run.viewer" in answer.hint
    assert "not there looks the same" in answer.hint


def test_google_names_the_permission_itself(google: Google, tmp_path: Path) -> None:
    google.spoil(
        "entries:list",
        lambda asked: refuse(
            asked,
            403,
            "denied",
            "PERMISSION_DENIED",
            reason="IAM_PERMISSION_DENIED",
            metadata={"permission": "logging.views.access"},
        ),
    )
    answer = google.view(tmp_path).entries(JOB, "worker-aaaaa")
    assert isinstance(answer, Unseen)
    assert "logging.views.access" in answer.hint


def test_an_api_that_is_off(google: Google, tmp_path: Path) -> None:
    google.spoil(
        "global/builds",
        lambda asked: refuse(
            asked,
            403,
            "Cloud Build API has not been used in project 12 before or it is disabled.",
            "PERMISSION_DENIED",
            reason="SERVICE_DISABLED",
            metadata={"service": "cloudbuild.googleapis.com", "consumer": "projects/12"},
        ),
    )
    answer = google.view(tmp_path).builds()
    assert isinstance(answer, Unseen)
    enable = f"gcloud services enable cloudbuild.googleapis.com --project {PROJECT}"
    assert answer.hint == enable
    assert "is off" in answer.reason


def test_a_job_that_is_not_there_is_absent(google: Google, tmp_path: Path) -> None:
    google.spoil("/jobs/worker", lambda asked: refuse(asked, 404, "no such job", "NOT_FOUND"))
    view = google.view(tmp_path)
    answer = view.deployment(JOB)
    assert isinstance(answer, Absent), answer
    assert "gcloud run jobs deploy worker" in answer.remedy
    assert view.executions(JOB) == []


def test_a_name_that_is_not_there(google: Google, tmp_path: Path) -> None:
    wrong = {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "no such tag"}]}
    google.spoil("manifests/latest", lambda asked: asked.say(404, json.dumps(wrong).encode()))
    answer = google.view(tmp_path).registry(f"{IMAGE}:latest")
    assert not isinstance(answer, (Unseen, Absent)), answer
    assert answer.digest is None


def test_a_token_that_expires_on_the_way_is_renewed(google: Google, tmp_path: Path) -> None:
    view = google.view(tmp_path)
    assert not isinstance(view.deployment(JOB), Unseen)
    google.token = f"{TOKEN}-new"
    (tmp_path / "token").write_text(google.token)
    assert view.triggers() == []


def test_a_token_that_stays_refused_is_renewed_once(google: Google, tmp_path: Path) -> None:
    view = google.view(tmp_path)
    assert not isinstance(view.deployment(JOB), Unseen)
    google.token = f"{TOKEN}-that-nobody-has"
    answer = view.triggers()
    assert isinstance(answer, Unseen)
    assert "does not accept" in answer.reason
    assert len([path for path in google.server.paths() if "triggers" in path]) <= 4


def test_the_upload_of_another_generation_is_not_taken(google: Google, tmp_path: Path) -> None:
    google.generation = "1700000000000002"
    answer = google.view(tmp_path).upload(BUILD[:-1] + "1")
    assert isinstance(answer, Unseen)
    assert "gone" in answer.reason


def test_an_upload_without_a_generation_is_not_guessed(google: Google, tmp_path: Path) -> None:
    for where in (google.builds[0]["source"], google.builds[0]["sourceProvenance"]):
        for stored in where.values():
            stored.pop("generation", None)
    answer = google.view(tmp_path).upload(BUILD[:-1] + "1")
    assert isinstance(answer, Unseen)
    assert "which generation" in answer.reason
    assert not [path for path in google.server.paths() if "/storage/" in path]


def test_an_upload_that_is_not_what_the_record_says(google: Google, tmp_path: Path) -> None:
    name = "gs://uploads/source/one.tgz#1700000000000001"
    google.builds[0]["sourceProvenance"]["fileHashes"] = {
        name: {"fileHash": [{"type": "SHA256", "value": "A" * 43 + "="}]}
    }
    answer = google.view(tmp_path).upload(BUILD[:-1] + "1")
    assert isinstance(answer, Unseen)
    assert "not what its record says" in answer.reason


def test_a_damaged_upload(google: Google, tmp_path: Path) -> None:
    google.upload = google.upload[:-20]
    assert isinstance(google.view(tmp_path).upload(BUILD[:-1] + "1"), Unseen)


def test_an_altered_layer(google: Google, tmp_path: Path) -> None:
    layer = f"blobs/{digest_of(google.image.layer)}"
    google.spoil(layer, lambda asked: asked.say(200, google.image.layer[:-1] + b"x"))
    assert isinstance(google.view(tmp_path).image(google.image.digest), Unseen)


def test_a_log_of_ten_thousand_pages(google: Google, tmp_path: Path) -> None:
    """What fits is read, and no more; half a log is not taken for a whole one."""
    pages = 0

    def endless(asked: Asked) -> None:
        nonlocal pages
        pages += 1
        say(
            asked,
            {
                "entries": [entry("worker-aaaaa", f"work done {pages}", pages / 60)],
                "nextPageToken": f"page-{pages + 1}-of-10000",
            },
        )

    google.spoil("entries:list", endless)
    begun = time.monotonic()
    answer = google.view(tmp_path).entries(JOB, "worker-aaaaa")
    assert isinstance(answer, Unseen), answer
    assert "more than" in answer.reason
    assert pages <= 40
    assert time.monotonic() - begun < FOR_EVER


def test_a_list_of_builds_that_only_half_came(google: Google, tmp_path: Path) -> None:
    """One region refuses: what the other says would pass for all there is."""
    google.spoil("europe-west1/builds", FAULTS["forbidden"])
    assert isinstance(google.view(tmp_path).builds(), Unseen)


@pytest.mark.parametrize("minutes", [-5, 5])
def test_clocks_that_differ(google: Google, tmp_path: Path, minutes: int) -> None:
    """An execution's own clock is five minutes off: its entries are its own all the same."""
    google.entries = [entry("worker-aaaaa", "work done", 15 + minutes)]
    lines = google.view(tmp_path).entries(JOB, "worker-aaaaa")
    assert not isinstance(lines, Unseen), lines
    assert [line.text for line in lines] == ["work done"]


def test_an_entry_that_arrives_late(google: Google, tmp_path: Path) -> None:
    """An execution that just ended: its log is read again, with an overlap."""
    # Now, and not when the tests were collected: that may be a quarter of an hour ago.
    google.executions[0]["completionTime"] = datetime.now(UTC).isoformat()
    first = [entry("worker-aaaaa", "worker started", 1)]
    late = [*first, entry("worker-aaaaa", "it failed", 1.5)]
    answers = [first, late]
    google.spoil("entries:list", lambda asked: say(asked, {"entries": answers.pop(0)}))
    lines = google.view(tmp_path).entries(JOB, "worker-aaaaa")
    assert not isinstance(lines, Unseen), lines
    assert [line.text for line in lines] == ["it failed", "worker started"]
    again = [one for one in google.server.asked if "entries:list" in one.path][1]
    assert b"timestamp>=" in again.body


def test_entries_of_another_execution_stay_away(google: Google, tmp_path: Path) -> None:
    google.entries += [
        entry("worker-bbbbb", "expression 'School' failed", 14),
        {**entry("", "audit", 14), "labels": {}},
        {**entry("worker-aaaaa", "audit", 14), "protoPayload": {"@type": "x"}},
    ]
    lines = google.view(tmp_path).entries(JOB, "worker-aaaaa")
    assert not isinstance(lines, Unseen), lines
    assert [line.text for line in lines] == ["work done"]


def test_a_visitors_address_is_not_the_programs_word(google: Google, tmp_path: Path) -> None:
    asked = {"requestMethod": "GET", "requestUrl": "https://shop.example/?q=work done"}
    home = f"projects/{PROJECT}/logs/run.googleapis.com%2Frequests"
    requests = [
        {**entry("worker-aaaaa", "", 14, insert), "logName": home, "severity": severity}
        | {"httpRequest": {**asked, "status": status}}
        for insert, severity, status in (("a", "WARNING", 404), ("b", "ERROR", 500))
    ]
    for one in requests:
        del one["textPayload"]
    google.entries = requests
    lines = google.view(tmp_path).entries(JOB, "worker-aaaaa")
    assert not isinstance(lines, Unseen), lines
    assert all(line.asked for line in lines)
    assert [line.text for line in lines] == ["", "GET https://shop.example/?q=work done 500"]


@pytest.mark.parametrize("label", ["project_id", "location", "job_name"])
def test_entries_of_another_place_stay_away(google: Google, tmp_path: Path, label: str) -> None:
    google.entries[0]["resource"]["labels"][label] = "other"
    view = google.view(tmp_path)
    assert view.entries(JOB, "worker-aaaaa") == []
    lines = view.elsewhere(JOB)
    assert not isinstance(lines, Unseen), lines
    assert [line.text for line in lines] == ["work done"]
    assert "other" in lines[0].owner
    assert lines[0].owner.endswith(", by worker-aaaaa")


def test_whose_an_entry_is_shows_no_more_than_a_name(google: Google, tmp_path: Path) -> None:
    about = google.entries[0]["resource"]["labels"]
    about |= {
        "project_id": "x" * 5000 + "\n\x1b[31m",
        "job_name": ["a", {"b": 1}],
        "location": None,
    }
    lines = google.view(tmp_path).elsewhere(JOB)
    assert not isinstance(lines, Unseen), lines
    assert len(lines[0].owner) < 500
    assert lines[0].owner.isprintable()


def test_what_is_not_anothers_word_stands_nowhere(google: Google, tmp_path: Path) -> None:
    google.entries = [
        entry("worker-aaaaa", "work done", 14),
        entry("worker-bbbbb", "expression 'School' failed", 14),
        {**entry("", "the place's own", 14), "labels": {}},
        {**entry("worker-aaaaa", "audit", 14), "protoPayload": {"@type": "x"}},
    ]
    google.entries[-1]["resource"]["labels"]["project_id"] = "other"
    assert google.view(tmp_path).elsewhere(JOB) == []


def test_silence_of_an_execution_whose_entries_are_gone(google: Google, tmp_path: Path) -> None:
    google.entries = []
    google.executions[0]["createTime"] = at(60 * 24 * 40)
    answer = google.view(tmp_path).entries(JOB, "worker-aaaaa")
    assert isinstance(answer, Unseen)
    assert "older" in answer.reason


LEAVES = """
import io, tarfile
from types import SimpleNamespace as Of
from landed.cli.main import _leave
from landed.providers.gcp import uploads

def take(_api, _build, _stored, _hashes, file):
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("a.py"), io.BytesIO())
    file.flush()

uploads._take = take
given = Of(unread="", stored=Of(generation="7"))
found = Of(record=Of(build=Of(id="b")), given=given, hashes={})
kept = uploads.upload(None, found, "sha1")
print(list(kept.files))
_leave(0)
"""


def test_an_upload_goes_with_the_process_that_read_it(tmp_path: Path) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    env = {**os.environ, "TMPDIR": str(place)}
    done = subprocess.run(
        [sys.executable, "-c", LEAVES], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "['a.py']\n"
    assert list(place.iterdir()) == []
