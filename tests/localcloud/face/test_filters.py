"""Cloud Logging's language, without a face around it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landed.localcloud.face.answers import Refusal
from landed.localcloud.face.logging.filters import compiled

ENTRY: dict[str, Any] = {
    "timestamp": "2026-01-01T00:00:00.500000Z",
    "severity": "ERROR",
    "textPayload": 'sqlalchemy.exc.Bad: expression "School"',
    "insertId": "1",
    "logName": "projects/p/logs/run.googleapis.com%2Fstdout",
    "resource": {"type": "cloud_run_job", "labels": {"job_name": "Worker"}},
    "labels": {"run.googleapis.com/execution_name": "w-1", "plain": "x"},
}
PAYLOAD: dict[str, Any] = {
    **{name: value for name, value in ENTRY.items() if name != "textPayload"},
    "severity": "INFO",
    "jsonPayload": {"message": "done", "n": 3, "ok": True, "tags": ["a", "b"], "in": {"x": "Y"}},
}

TRUE = """
    sqlalchemy
    SQLALCHEMY
    "expression \\"School\\""
    resource.type="cloud_run_job"
    resource.type=cloud_run_job resource.labels.job_name=worker
    labels."run.googleapis.com/execution_name"="w-1"
    labels.run.googleapis.com/execution_name=w-1
    labels.plain:*
    severity>=INFO
    severity>=info AND severity<=500 AND severity!=WARNING
    severity=(ERROR OR WARNING)
    severity="ERROR"
    NOT severity=(INFO OR WARNING)
    NOT textPayload:foo AND -severity=INFO
    timestamp>="2025-12-31T00:00:00Z" timestamp<2026-01-01T01:00:00+00:30
    timestamp>="2026-01-01"
    timestamp>="2026-01-01T00:00:00.499999999Z" timestamp="2026-01-01T00:00:00.5Z"
    timestamp<"2026-01-01T00:00:01"
    textPayload:("sql" AND "bad")
    textPayload:("sql" AND NOT "good")
    textPayload=~"^sql.*School"
    textPayload!~"^School"
    NOT jsonPayload.x=3
    NOT jsonPayload:*
    log_id("run.googleapis.com/stdout")
    logName="projects/p/logs/run.googleapis.com%2Fstdout"
    nothing OR sqlalchemy School
    (nothing OR (sqlalchemy AND NOT nothing))
    and OR sqlalchemy
    ORDER OR sqlalchemy
    sqlalchemy -- a remark AND nothing
    insertId=1
    textPayload:"\\x53chool" textPayload:"\\u0053chool"
    textPayload=~"\\bSchool\\b" textPayload=~"\\\\bSchool"
    textPayload=~"\\"School\\""
"""
FALSE = """
    nothing
    sqlalchemy nothing
    zzz OR nothing sqlalchemy
    NOT sqlalchemy
    -sqlalchemy
    resource.labels.job_name=other
    resource.labels.nosuch!=x
    jsonPayload.x!=3
    jsonPayload:*
    severity<ERROR
    severity>ERROR
    timestamp<"2026-01-01T00:00:00.5Z"
    timestamp>"2026-01-01T00:00:00.5Z"
    textPayload=sqlalchemy
    textPayload=~"^School"
    textPayload:("sql" AND "good")
    log_id("run.googleapis.com/stderr")
    labels.plain.deeper=x
"""
PAYLOAD_TRUE = """
    done
    jsonPayload.message="DONE"
    jsonPayload.n=3
    jsonPayload.n>2 jsonPayload.n<=3.0 jsonPayload.n>-1
    jsonPayload.ok=true
    jsonPayload.tags=b
    jsonPayload.in.x=y
    jsonPayload.in:y
    jsonPayload:3
    NOT textPayload:*
    severity=INFO
"""
PAYLOAD_FALSE = """
    jsonPayload.n>3
    jsonPayload.n=three
    jsonPayload.ok=false
    jsonPayload.in=y
    jsonPayload.tags=c
    textPayload!=x
"""


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("words", lines(TRUE))
def test_it_means_the_entry(words: str) -> None:
    assert compiled(words)(ENTRY)


@pytest.mark.parametrize("words", lines(FALSE))
def test_it_does_not_mean_the_entry(words: str) -> None:
    assert not compiled(words)(ENTRY)


@pytest.mark.parametrize("words", lines(PAYLOAD_TRUE))
def test_it_means_the_payload(words: str) -> None:
    assert compiled(words)(PAYLOAD)


@pytest.mark.parametrize("words", lines(PAYLOAD_FALSE))
def test_it_does_not_mean_the_payload(words: str) -> None:
    assert not compiled(words)(PAYLOAD)


@pytest.mark.parametrize("words", ["", "  \n", "-- only a remark", '""'])
def test_nothing_asked_for_is_everything(words: str) -> None:
    assert compiled(words)(ENTRY)
    assert compiled(words)(PAYLOAD)


@pytest.mark.parametrize(
    "words",
    [
        "severity>=", "(a", "a)", "a AND", "AND a", "OR", "NOT", "a OR", "= 3", '"open',
        "foo=1", "execution=w-1", "severity=BAD", "severity>=ERRORS", "timestamp>yesterday",
        'timestamp>"2026-13-01"', 'timestamp>"0001-01-01T00:00:00+14:00"', "nosuch()",
        'sample("x")', 'textPayload=~"("',
        'textPayload="a" = "b"', "severity=(ERROR", "textPayload:()", "a" * 20_001,
        "(" * 5_000 + "a" + ")" * 5_000, "resource.type==x", 'textPayload="\\U0fffffff"',
    ],
)  # fmt: skip
def test_what_cannot_be_parsed_is_refused_and_never_everything_or_nothing(words: str) -> None:
    with pytest.raises(Refusal) as refused:
        compiled(words)
    assert refused.value.document()["error"]["status"] == "INVALID_ARGUMENT"


ATOMS = ["sqlalchemy", "nothing", "severity=ERROR", "severity=INFO", '"School"', "jsonPayload:*"]
TRUTH = {atom: compiled(atom)(ENTRY) for atom in ATOMS}
TREES = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(st.just("NOT"), inner),
        st.tuples(st.sampled_from(["AND", "OR", " "]), inner, inner),
    ),
    max_leaves=12,
)


def spelled(tree: Any) -> str:
    """A tree as text, with no more brackets than its meaning needs to be said for sure."""
    if isinstance(tree, str):
        return tree
    if tree[0] == "NOT":
        return f"NOT ({spelled(tree[1])})"
    return f"({spelled(tree[1])}) {tree[0]} ({spelled(tree[2])})"


def meant(tree: Any) -> bool:
    if isinstance(tree, str):
        return TRUTH[tree]
    if tree[0] == "NOT":
        return not meant(tree[1])
    parts = [meant(part) for part in tree[1:]]
    return any(parts) if tree[0] == "OR" else all(parts)


@given(tree=TREES)
def test_joined_filters_mean_what_their_parts_mean(tree: Any) -> None:
    assert compiled(spelled(tree))(ENTRY) is meant(tree)


@given(parts=st.lists(st.sampled_from(ATOMS), min_size=4, max_size=4))
def test_or_binds_closer_than_and(parts: list[str]) -> None:
    a, b, c, d = parts
    flat = compiled(f"{a} OR NOT {b} AND NOT {c} OR {d}")(ENTRY)
    assert flat is ((TRUTH[a] or not TRUTH[b]) and (not TRUTH[c] or TRUTH[d]))


PLAIN = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])


@given(text=st.text(PLAIN, max_size=40))
def test_any_text_as_a_quoted_value_means_itself(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    for words in (f'"{quoted}"', json.dumps(text)):
        assert compiled(f"textPayload={words}")({**ENTRY, "textPayload": text})


@given(text=st.text(max_size=60))
def test_any_text_is_a_filter_or_is_refused(text: str) -> None:
    try:
        wanted = compiled(text)
    except Refusal:
        return
    assert wanted(ENTRY) in (True, False)
