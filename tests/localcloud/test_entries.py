from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landed.localcloud.logbook import MAX_LINE, Logbook, of_execution
from localcloud.yard import Yard

JOB = "worker"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@pytest.fixture
def book(tmp_path: Path) -> Logbook:
    return Logbook(tmp_path / "log.jsonl", of_execution(JOB, "worker-1"))


def test_an_entry_has_the_shape_of_cloud_logging_s(book: Logbook) -> None:
    entry = book.add(b"hello\n", "stdout")
    assert MOMENT.fullmatch(entry["timestamp"])
    assert MOMENT.fullmatch(entry["receiveTimestamp"])
    assert entry["textPayload"] == "hello"
    assert entry["severity"] == "DEFAULT"
    assert entry["logName"] == "projects/local/logs/run.googleapis.com%2Fstdout"
    assert entry["resource"] == {
        "type": "cloud_run_job",
        "labels": {"job_name": JOB, "location": "local", "project_id": "local"},
    }
    assert entry["labels"] == {
        "run.googleapis.com/execution_name": "worker-1",
        "run.googleapis.com/task_index": "0",
    }
    assert json.loads(book.path.read_bytes()) == entry


def test_plain_lines_of_stderr_have_no_severity_either(book: Logbook) -> None:
    assert book.add(b"Traceback\n", "stderr")["severity"] == "DEFAULT"


def test_an_object_becomes_the_payload_with_its_severity_and_time_lifted(book: Logbook) -> None:
    line = {"severity": "error", "time": "2025-11-04T02:00:00+01:00", "message": "m", "n": [1]}
    entry = book.add(json.dumps(line).encode() + b"\n", "stdout")
    assert entry["severity"] == "ERROR"
    assert entry["timestamp"] == "2025-11-04T01:00:00.000000Z"
    assert entry["receiveTimestamp"] != entry["timestamp"]
    assert entry["jsonPayload"] == {"message": "m", "n": [1]}
    assert "textPayload" not in entry


@pytest.mark.parametrize(
    "line",
    [
        b"[1]",
        b"3",
        b'"x"',
        b"{",
        b"{}x",
        b"",
        b" ",
        b"{'a': 1}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"a": 1e999}',
        b'{"a": -1e999}',
        b'{"a": %s}' % (b"9" * 400),
        b'{"a": %s}' % (b"9" * 6000),
    ],
)
def test_what_is_no_object_stays_text(book: Logbook, line: bytes) -> None:
    assert book.add(line + b"\n", "stdout")["textPayload"] == line.decode()


@pytest.mark.parametrize(
    "time", ["yesterday", "", "2025-11-04T02:00:00", "0001-01-01T00:00:00+14:00", 3, None, {}]
)
def test_a_time_that_is_none_leaves_the_moment_of_arrival(book: Logbook, time: Any) -> None:
    entry = book.add(json.dumps({"time": time, "message": "m"}).encode(), "stdout")
    assert entry["timestamp"] == entry["receiveTimestamp"]


@given(line=st.binary(max_size=300))
def test_any_bytes_become_one_readable_entry(
    tmp_path_factory: pytest.TempPathFactory, line: bytes
) -> None:
    book = Logbook(tmp_path_factory.mktemp("log") / "log.jsonl", of_execution(JOB, "worker-1"))
    book.add(line, "stdout")
    book.close()
    (written,) = book.path.read_bytes().splitlines()
    assert set(json.loads(written)) & {"textPayload", "jsonPayload"}


def test_order_is_that_of_arrival(book: Logbook) -> None:
    ids = [book.add(b"x\n", "stdout")["insertId"] for _ in range(200)]
    assert ids == sorted(set(ids))


def test_two_executions_never_share_an_id(tmp_path: Path) -> None:
    books = [Logbook(tmp_path / str(n), of_execution(JOB, f"worker-{n}")) for n in range(2)]
    ids = [book.add(b"x\n", "stdout")["insertId"] for _ in range(200) for book in books]
    assert len(set(ids)) == len(ids)


def test_a_long_line_is_one_entry_that_says_that_it_was_cut(yard: Yard) -> None:
    length = MAX_LINE - 1
    _, said = yard.ran(f"print('a' * {length})\nprint('b' * {4 * MAX_LINE})\nprint('c')")
    assert [line[0] for line in said] == ["a", "b", "c"]
    assert len(said[0]) == length
    assert MAX_LINE <= len(said[1]) < MAX_LINE + 100
    assert "cut" in said[1]
    assert "cut" not in said[0]


def test_a_last_line_without_an_end_is_kept(yard: Yard) -> None:
    assert yard.ran("print('first'); print('second', end='')")[1] == ["first", "second"]


def test_both_streams_are_kept_and_told_apart(yard: Yard) -> None:
    done, _ = yard.ran("import sys\nprint('o')\nprint('e', file=sys.stderr)")
    streams = {e["textPayload"]: e["logName"] for e in yard.cloud.logs(JOB, done.id)}
    assert streams["o"].endswith("stdout")
    assert streams["e"].endswith("stderr")


def test_only_the_execution_s_own_entries_are_given(yard: Yard) -> None:
    first, _ = yard.ran("print('first')")
    second, said = yard.ran("print('second')")
    assert said == ["second"]
    assert yard.said(first.id) == ["first"]
    assert [e["textPayload"] for e in yard.cloud.logs(JOB)] == ["first", "second"]
    assert first.id < second.id
