from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from landed.core.model import (
    NamedError,
)
from landed.core.probe import LogLine
from landed.core.seen import (
    Logs,
)
from landed.logs.entries import from_entry
from landed.logs.named import named_by_trailers
from landed.logs.scan import scan
from landed.logs.whole import whole

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TRACE = [
    "Traceback (most recent call last):",
    '  File "/app/main.py", line 3, in main',
    "    go()",
    "LookupError: no 'School'",
]


def lines(*texts: str, execution: str = "new", severity: str = "DEFAULT") -> list[LogLine]:
    return [
        LogLine(
            timestamp=BEGIN + timedelta(seconds=number),
            severity=severity,
            text=text,
            execution=execution,
        )
        for number, text in enumerate(texts)
    ]


def look(
    now: list[LogLine], before: dict[str, list[LogLine]] | None = None, *named: NamedError
) -> Logs:
    return scan("new", now, before or {}, expect=["work done"], named=named)


def test_a_traceback_logged_line_by_line_is_one_error() -> None:
    logs = look(lines("begin", *TRACE, "work done"))
    assert [error.title for error in logs.errors] == ["LookupError: no 'School'"]
    assert logs.work == 1


def test_a_chained_traceback_is_one_entry() -> None:
    chain = [*TRACE, "", "During handling of the above exception, another exception occurred:", ""]
    assert len(list(whole(lines("begin", *chain, *TRACE, "end")))) == 3


def test_plain_lines_without_severity_count_as_errors_by_their_traceback() -> None:
    assert len(look(lines("\n".join(TRACE))).errors) == 1


def test_an_error_that_was_there_before_is_known() -> None:
    now, before = lines(*TRACE), {"old": lines(*TRACE, execution="old")}
    logs = look(now, before)
    assert logs.errors[0].before == 1
    assert logs.looked_back == 1


def test_what_an_execution_of_unknown_code_shows_was_not_there_before() -> None:
    now, other = lines(*TRACE), {"other": lines(*TRACE, execution="other")}
    logs = scan("new", now, {}, expect=["work done"], named=(), unknown=other)
    assert (logs.errors[0].before, logs.looked_back) == (0, 0)
    assert [error.identity for error in logs.on_unknown] == [logs.errors[0].identity]


def test_an_error_is_named_by_words_or_by_identity() -> None:
    by_words = look(lines(*TRACE), {}, NamedError(name="it", contains="no 'School'"))
    assert by_words.errors[0].named == "it"
    identity = by_words.errors[0].identity
    (named,) = named_by_trailers([identity])
    assert look(lines(*TRACE), {}, named).errors[0].named == identity


def test_expected_work_inside_of_an_error_is_no_work() -> None:
    assert look(lines("work done? no", severity="ERROR")).work == 0


def test_without_expectations_work_is_not_known() -> None:
    assert scan("new", lines("fine"), {}, expect=[], named=()).work is None


def test_an_entry_of_cloud_logging_is_read() -> None:
    entry = from_entry(
        msgspec.json.encode(
            {
                "timestamp": "2026-01-01T00:00:00.5Z",
                "severity": "error",
                "jsonPayload": {"message": "broke", "stack_trace": "Traceback …"},
                "labels": {"run.googleapis.com/execution_name": "e1"},
            }
        ),
        "unknown",
    )
    assert (entry.severity, entry.execution) == ("ERROR", "e1")
    assert entry.text == "broke\nTraceback …"
