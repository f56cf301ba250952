"""What structured entries say: their words with the error that they tell of, and their level."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landed.core.probe import LogLine
from landed.logs.entries import from_entry, is_error
from landed.logs.fingerprint import fingerprint
from landed.logs.whole import whole

STACK = 'Traceback (most recent call last):\n  File "/app/a.py", line 3, in f\nLookupError: {}'
NODE = "Error: {}\n    at f (/app/a.js:1:1)"
DOTNET = "System.Exception: {}\n   at App.Job.Run() in /src/Job.cs:line 3"
WAYS: dict[str, dict[str, Any]] = {
    "error": {"severity": "ERROR", "message": "job failed", "error": "{}"},
    "exc_info": {"level": "ERROR", "message": "job failed", "exc_info": STACK},
    "pino": {"level": 50, "msg": "failed", "err": {"type": "E", "message": "{}", "stack": NODE}},
    "bunyan": {"level": 60, "msg": "failed", "err": {"name": "E", "message": "{}"}},
    "ECS": {"log.level": "error", "message": "failed", "error.message": "{}"},
    "ECS with a stack": {"log.level": "error", "message": "a", "error.stack_trace": STACK},
    "zap": {"level": "dpanic", "msg": "job failed", "error": "{}"},
    "tracing": {"level": "ERROR", "fields": {"message": "{}"}, "target": "app"},
    "serilog": {"@l": "Error", "@mt": "job failed", "@x": DOTNET},
    ".NET": {"LogLevel": "Error", "Message": "job failed", "Exception": DOTNET},
    "Monolog": {
        "level": 400,
        "level_name": "ERROR",
        "message": "a",
        "context": {"exception": "{}"},
    },
    "structlog": {"level": "error", "event": "job failed", "exception": STACK},
    "GELF": {"version": "1.1", "level": 3, "short_message": "{}"},
    "OpenTelemetry": {"severity_text": "ERROR", "body": "a", "exception.message": "{}", "msg": "a"},
    "Loguru": {"text": "2026-01-01 10:00:00.1 | ERROR | a:b:3 - {}\n", "record": {"a": {"no": 40}}},
    "hclog": {"@level": "error", "@message": "{}", "@timestamp": "2026-01-01T00:00:00Z"},
    "log15": {"lvl": "eror", "msg": "a", "err": "{}"},
    "NLog": {"Level": "Error", "Message": "{}"},
    "several": {"level": "error", "message": "all failed", "errors": [{"message": "{}"}]},
}


def entry(way: str, name: str, **more: object) -> LogLine:
    payload = json.loads(json.dumps(WAYS[way]).replace("{}", f"no '{name}' here"))
    raw = {"timestamp": "2026-01-01T00:00:00Z", "jsonPayload": {**payload, **more}}
    return from_entry(json.dumps(raw).encode(), "e")


@pytest.mark.parametrize("way", WAYS)
def test_an_error_is_known_by_its_level_and_by_what_it_says(way: str) -> None:
    school, flag = entry(way, "School"), entry(way, "FeatureFlag")
    assert is_error(school)
    one, other = fingerprint(school.text), fingerprint(flag.text)
    assert one.identity != other.identity
    assert one.family == other.family
    assert "School" in one.title


@pytest.mark.parametrize("way", WAYS)
def test_whose_request_it_was_is_no_part_of_an_error(way: str) -> None:
    ann, bob = entry(way, "School", user="ann", queue="a"), entry(way, "School", user="bob")
    assert fingerprint(ann.text).identity == fingerprint(bob.text).identity


def test_what_is_said_twice_is_read_once() -> None:
    assert entry("pino", "School").text.count("School") == 1


@pytest.mark.parametrize("value", [None, "", [], {}, 0, False])
def test_no_error_adds_nothing(value: object) -> None:
    payload = {"severity": "INFO", "message": "work done", "error": value}
    raw = {"timestamp": "2026-01-01T00:00:00Z", "jsonPayload": payload}
    assert from_entry(json.dumps(raw).encode(), "e").text == "work done"


def plain(*texts: str) -> list[LogLine]:
    raw = [
        {"timestamp": f"2026-01-01T00:00:0{n}Z", "textPayload": text}
        for n, text in enumerate(texts)
    ]
    return list(whole(from_entry(json.dumps(one).encode(), "e") for one in raw))


@pytest.mark.parametrize(
    "before",
    ["\ufeff", "\x1b[0m", "\ufffd\0"],
)
def test_an_entry_that_its_place_took_for_text_is_read(before: str) -> None:
    (line,) = plain(before + json.dumps(WAYS["pino"]))
    assert (is_error(line), line.text.partition("\n")[0]) == (True, "failed")


def test_an_entry_that_was_cut_is_read_as_far_as_it_goes() -> None:
    (line,) = plain('{"level":"error","msg":"no \\"School\\" here, and then a lot of … (cut)')
    assert is_error(line)
    assert line.text.startswith('no "School" here')


def test_an_object_of_many_lines_is_one_entry() -> None:
    lines = json.dumps(WAYS["error"], indent=2).split("\n")
    assert [line.text for line in plain("begin", *lines, "end")] == [
        "begin",
        "job failed: {}",
        "end",
    ]
    assert len(plain("{", '  "a": 1,', "another line", "}")) == 4


def test_colours_and_utf_16_do_not_stand_between_words() -> None:
    assert plain("\x1b[31mno \x1b[1mSchool\x1b[0m here")[0].text == "no School here"
    assert plain("no School".encode("utf-16").decode("utf-8", "replace"))[0].text == "no School"


@pytest.mark.parametrize("digits", ["9" * 400, "9" * 6000, "1e999"])
def test_a_level_that_is_no_number_takes_nothing_from_the_other_entries(digits: str) -> None:
    (found,) = plain(f'{{"level": {digits}, "message": "work done"}}')
    assert not is_error(found)
    assert "work done" in found.text


@pytest.mark.parametrize(
    "error",
    [
        {"message": "no bank", "password": "hunter2"},
        {"message": "no bank", "config": {"headers": {"Authorization": "Basic hunter2"}}},
        {"message": "no bank", "env": {"STRIPE_SECRET_KEY": "hunter2"}},
        {"message": "no bank", "apiKey": ["hunter2"]},
        {"message": "no bank", "client_secret": {"reason": "hunter2"}},
    ],
)
def test_a_secret_whose_name_is_a_key_is_no_part_of_what_is_said(error: dict[str, Any]) -> None:
    raw = {
        "timestamp": "2026-01-01T00:00:00Z",
        "jsonPayload": {"level": "error", "message": "job failed", "error": error},
    }
    found = from_entry(json.dumps(raw).encode(), "e")
    assert fingerprint(found.text).title == "job failed: no bank"


def test_who_asked_is_no_part_of_an_error_within_it_either() -> None:
    def asked_by(user: str, said: str) -> str:
        error = {
            "message": "no bank",
            "config": {"url": f"/{user}", "data": user},
            "response": {"data": {"error": said, "id": user}},
        }
        raw = {
            "timestamp": "2026-01-01T00:00:00Z",
            "jsonPayload": {"level": "error", "message": "job failed", "error": error},
        }
        return fingerprint(from_entry(json.dumps(raw).encode(), "e").text).identity

    assert asked_by("ann", "closed") == asked_by("bob", "closed")
    assert asked_by("ann", "closed") != asked_by("ann", "bankrupt")
