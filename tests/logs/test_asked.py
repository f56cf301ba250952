"""What a service wrote before anybody asked it is no sign of work."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from landed.core.probe import LogLine
from landed.logs.entries import from_entry, since_asked
from landed.logs.scan import scan

REQUESTS = "projects/local/logs/run.googleapis.com%2Frequests"


def entry(second: int, text: str = "", instance: str = "one", **more: Any) -> LogLine:
    raw = {
        "timestamp": f"2026-01-01T00:00:{second:02}Z",
        "labels": {"instanceId": instance} if instance else {},
        **({"textPayload": text} if text else {}),
        **more,
    }
    return from_entry(msgspec.json.encode(raw), "revision")


def request(second: int, instance: str = "one", status: int = 200, **more: Any) -> LogLine:
    told = {"requestMethod": "GET", "requestUrl": "/?q=work done", "status": status}
    return entry(second, "", instance, httpRequest=told, logName=REQUESTS, **more)


def work(*lines: LogLine, asked_only: bool = True) -> tuple[int | None, bool]:
    logs = scan("revision", lines, {}, expect=["work done"], named=(), asked_only=asked_only)
    return logs.work, logs.asked


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([entry(1, "work done")], (0, False)),
        ([entry(1, "work done"), request(2)], (0, True)),
        ([request(2), entry(2, "work done")], (1, True)),
        ([entry(1, "work done"), request(2), entry(3, "work done")], (1, True)),
        # Each instance starts by itself; where they have no name, the first request to any counts.
        ([request(2), entry(3, "work done", "other")], (0, True)),
        ([request(2), entry(3, "work done", "")], (1, True)),
        ([request(2, ""), entry(3, "work done", "")], (1, True)),
        ([request(4), request(2), entry(3, "work done")], (1, True)),
    ],
)
def test_work_counts_from_the_first_request_on(
    lines: list[LogLine], found: tuple[int, bool]
) -> None:
    assert work(*lines) == found


def test_a_job_and_a_service_that_works_unasked_are_believed_from_their_start() -> None:
    assert work(entry(1, "work done"), asked_only=False) == (1, True)


def test_a_visitors_address_is_neither_work_nor_an_entry_of_the_program() -> None:
    logs = scan("revision", [request(1)], {}, expect=["work done", ""], named=(), asked_only=True)
    assert (logs.work, logs.entries, logs.errors) == (0, 0, ())


def test_what_the_program_says_of_an_error_comes_before_what_the_place_says_of_it() -> None:
    failed = request(1, status=500, severity="ERROR")
    own = entry(2, "ValueError: no such lesson", severity="ERROR")
    errors = scan("revision", [failed, own], {}, expect=[], named=()).errors
    assert errors[0].title == "ValueError: no such lesson"
    assert len(errors) == 2


def test_an_entry_of_the_program_with_a_request_beside_it_is_its_own() -> None:
    told = {"requestMethod": "GET", "requestUrl": "/", "status": 200}
    assert not entry(1, "work done", httpRequest=told).asked
    assert entry(1, httpRequest=told).asked
    assert since_asked([entry(1, "work done", httpRequest=told)]) == []


def test_a_program_that_logs_a_request_alone_was_not_asked() -> None:
    told = {"requestMethod": "GET", "requestUrl": "/", "status": 500}
    own = "projects/local/logs/run.googleapis.com%2Fstdout"
    forged = entry(1, httpRequest=told, logName=own, severity="ERROR")
    assert (forged.asked, forged.text) == (False, "GET / 500")
    assert work(forged, entry(2, "work done")) == (0, False)


@pytest.mark.parametrize("told", [None, "x", [], 7, {}, {"status": [1]}])
def test_a_request_of_any_shape_is_read(told: Any) -> None:
    found = entry(1, httpRequest=told, logName=REQUESTS, severity="ERROR")
    assert found.asked
