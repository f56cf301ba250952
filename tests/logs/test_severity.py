"""Which lines and levels are errors by their own words, and which only speak of errors."""

from __future__ import annotations

import json
import time

import pytest

from landed.logs.entries import from_entry, is_error
from landed.logs.severity import LONGEST_HEAD, grave, says_error

ERRORS = [
    "ERROR:root:it failed",
    "ERROR:    Exception in ASGI application",
    "2026-01-01 10:00:00,123 ERROR root: x",
    "2026-01-01 10:00:00,123 - my.logger - ERROR - bank closed",
    "2026-01-01 10:00:00,123 - mylogger - ERROR - bank closed",
    "10:00:00.123 [main] ERROR c.x.Y - msg",
    "2026-01-01T10:00:00.000Z ERROR 1 --- [main] c.x.Y : msg",
    "2026-01-01 10:00:00.000 | ERROR    | mod:fn:3 - msg",
    "[2026-01-01 10:00:00 +0000] [7] [ERROR] Worker (pid:8) was sent SIGKILL!",
    "[2026-01-01 10:00:00,123: ERROR/MainProcess] Task x raised unexpected",
    '2026-01-01 10:00:00 UTC [7] ERROR:  relation "x" does not exist',
    "2026-01-01 10:00:00 UTC [7] FATAL:  terminating",
    "2026/01/01 10:00:00 [error] 7#7: *1 open() failed",
    "[Thu Jan 01 10:00:00.1 2026] [core:error] [pid 3] AH",
    "Jan  1 10:00:00 myhost app[12]: ERROR msg",
    'time="2026" level=error msg="x"',
    "time=2026-01-01T10:00:00Z level=ERROR msg=x",
    "E1126 09:00:00.1 1 a.go:1] x",
    "E, [2026-01-01T00:00:00.1 #1] ERROR -- : x",
    "error: no such file",
    "Error: cannot find module 'x'",
    "fatal: not a git repository",
    "LookupError: x",
    "java.lang.IllegalStateException: x",
    "App\\Exc\\FooException: x",
    "Foo::BarError: x",
    "npm ERR! code 1",
    "[2026-01-01T10:00:00+00:00] app.ERROR: msg {} []",
    "2026-01-01T10:00:00Z\tERROR\tfile.go:3\tmsg",
    "[2026-01-01T10:00:00Z ERROR crate] msg",
    "2026-01-01T10:00:00.0Z ERROR crate: msg",
    "Unhandled exception. System.Exception: x",
    "SEVERE: Servlet failed",
    "[ERROR] COMPILATION ERROR :",
    "ERROR bank closed",
    "CRITICAL:app:disk full",
    "<3>disk full",
    "(node:1) UnhandledPromiseRejectionWarning: Error: x",
    "worker: error: no route",
    "panic: runtime error: index",
    "ERROR [main] com.x.Y: msg",
    "Uncaught ReferenceError: x is not defined",
    # structlog, Tornado, logrus, spdlog, npm, Elixir, Node as they are without any settings
    "2026-11-26 10:00:00 [error    ] bank closed                    [app] error=x",
    "[E 261126 10:00:00 web:1798] 500 GET / (127.0.0.1) 3.00ms",
    "ERRO[0000] bank closed",
    "[2026-11-26 10:00:00.000][1][critical][main] [file:1] bank closed",
    "npm error code ELIFECYCLE",
    "** (RuntimeError) bank closed",
    'TypeError [ERR_INVALID_ARG_TYPE]: The "path" argument',
    # what stands behind a time, or a time and a logger's name
    "2026/11/26 10:00:00 error: bank closed",
    "2026-11-26T10:00:00.000Z Error: bank closed",
    "❌ Error: bank closed",
    "2026-01-01 10:00:00,123 worker ERROR bank closed",
    "11-26 10:00 root         ERROR    bank closed",
    "Thu Nov 26 10:00:00 2026 ERROR bank closed",
    "Nov 26, 2026 10:00:00 ERROR bank closed",
    "10:00:00 fail: A.B[0]",
    # PHP in its process manager
    "[26-Nov-2026 10:00:00 UTC] PHP Fatal error:  Uncaught Exception: x in /app/x.php:3",
    "NOTICE: PHP message: PHP Fatal error:  Uncaught Exception: x in /app/x.php:3",
    '[x] WARNING: [pool x] child 7 said into stderr: "NOTICE: PHP message: PHP Fatal error:  x"',
    "psycopg2.errors.UndefinedTable: no bank",
    "requests.exceptions.ConnectTimeout: x",
    "Unhandled Rejection at: Promise",
    "uncaughtException: bank closed",
    # a code is no count
    "Error: 404",
    "ERROR: 1045",
    "ERROR: 0x80070005",
    "Error: 0 bytes were read",
    "2026-01-01 10:00:00.123 ERROR 0 --- [main] c.x.Y : bank closed",
]
ENDS = [
    "fail: A.B[0]",
    "thread 'main' panicked at src/main.rs:2:5:",
    "thread '<unnamed>' (7) panicked at src/main.rs:2:5:",
    "PHP Fatal error:  Uncaught Exception: x in /app/x.php:3",
    "app.rb:3:in `run': x (RuntimeError)",
]
NONE = [
    "errors: 0",
    "0 errors",
    "ERROR_RATE=0.0",
    "loaded error handler",
    "Error handling enabled",
    "INFO error count 0",
    'level=info msg="no error"',
    '{"level":"info","msg":"error budget ok"}',
    "Errors found: none",
    "GET /errors 200",
    "[INFO] fatal errors will be mailed",
    "2026-01-01 INFO ErrorHandler ready",
    "E2E tests off",
    "Expected 3",
    "failover ready",
    "fail2ban: off",
    "error.html written",
    "critical path: 3 s",
    "2026-01-01 10:00 DEBUG retry on ERROR enabled",
    "WARNING: ERROR is deprecated",
    "WARNING:root:could not reach: LookupError: x",
    "the ERROR was mended",
    "error: 0",
    "Error: none",
    "ERROR: 0",
    "error rate: 0.1",
    "no errors",
    "Failed: 0, passed: 10",
    "Fail-safe mode on",
    "Exceptions: 0",
    'level=warn msg="ERROR retry"',
    "Tests run: 3, Failures: 0, Errors: 0",
    "2026-01-01 10:00:00 worker started, ERROR mail goes to x",
    "work done",
    "x.py:3: DeprecationWarning: LookupError: x",
    "time=1 level=debug err=nil",
    "I1126 09:00:00.1 1 a.go:1] error ok",
    "info: A.B[0]",
    "Sending alert: none",
    "alert: mail sent",
    "E 3",
    "Failover: ok",
    "http://x/ERROR",
    "ERROR_PAGE=/x",
    # counts, measures, and nothing
    "OK: 10 FAIL: 0 SKIP: 1",
    "TOTAL: 10 OK: 9 ERROR: 0 SKIPPED: 1",
    "FATAL: 0, ERROR: 0, WARN: 3",
    "stats: error: 0, ok: 10",
    "ERROR: 0 of 12",
    "requests: error: 0.0% ok: 100%",
    "MeanSquaredError: 0.034",
    "MeanAbsoluteError: 0.12 - val_loss: 0.3",
    "RootMeanSquaredError: 3.4e-05",
    "error: null, result: 4",
    "error: []",
    "panic: off",
    "Error: no errors",
    # settings
    "LOG_LEVEL: ERROR",
    "Log level ERROR",
    "log level=error",
    "config level=error format=json",
    # whose level is another
    "Warning: Error: no answer, once more",
    "info: error: x",
    "Retry: error: no answer, 1 of 3",
    "2026-01-01 10:00:00 the ERROR was mended",
    "2026-01-01 10:00:00 worker INFO ERROR mails are on",
    "[I 261126 10:00:00 web:1] no error",
    "2026-11-26 10:00:00 [info     ] done   error=None",
    "NOTICE: PHP message: PHP Warning:  x",
]


@pytest.mark.parametrize("line", ERRORS)
def test_a_line_says_that_it_is_an_error(line: str) -> None:
    assert says_error(line)


@pytest.mark.parametrize("line", [*ERRORS, *ENDS])
def test_a_plain_line_that_says_so_is_an_error(line: str) -> None:
    entry = {"timestamp": "2026-01-01T00:00:00Z", "textPayload": line}
    assert is_error(from_entry(json.dumps(entry).encode(), "e"))


@pytest.mark.parametrize("line", NONE)
def test_a_line_that_speaks_of_errors_is_none(line: str) -> None:
    entry = {"timestamp": "2026-01-01T00:00:00Z", "textPayload": line}
    assert not is_error(from_entry(json.dumps(entry).encode(), "e"))


def test_what_the_place_says_is_not_doubted() -> None:
    entry = {"timestamp": "2026-01-01T00:00:00Z", "severity": "INFO", "textPayload": ERRORS[0]}
    assert not is_error(from_entry(json.dumps(entry).encode(), "e"))


@pytest.mark.parametrize("level", ["error", "Fatal", "ERR", "SEVERE", "dpanic", 50, 60, 400, 500])
def test_a_level_of_an_error(level: object) -> None:
    assert grave(level)


@pytest.mark.parametrize(
    "level", ["info", "warning", "", None, True, 3, 30, 55, 451, 200, {}, 50.0]
)
def test_a_level_of_none(level: object) -> None:
    assert not grave(level)


def test_syslog_counts_the_other_way() -> None:
    assert grave(3, syslog=True)
    assert not grave(6, syslog=True)


def test_a_hostile_line_takes_no_time() -> None:
    begun = time.process_time()
    for line in (
        "e" + "a.b" * 90_000,
        "err level=" * 30_000,
        "E::" * 90_000,
        "[" * 9_000 + "error",
    ):
        says_error(line)
        says_error(line[:LONGEST_HEAD] + ":")
    assert time.process_time() - begun < 1
