"""Verdicts as JSON documents, in the shape of the contract."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from typing import Any

import msgspec

from landed import __version__
from landed.core.model import Evidence, Finding, Link, Verdict
from landed.core.redact import redact

CHECKED = (Link.COMMITTED, Link.PUSHED)


def trace(verdict: Verdict) -> dict[str, Any]:
    """`landed/trace/v1`."""
    document: dict[str, Any] = plain(
        {
            "schema": "landed/trace/v1",
            "change": _change(verdict),
            "environment": verdict.environment,
            "answers": {
                "in_there": verdict.answers.in_there,
                "by_the_book": verdict.answers.by_the_book,
                "did_it_help": verdict.answers.did_it_help,
            },
            "answers_because": verdict.answers.because,
            "deployable": verdict.deployable,
            "effect": verdict.change.effect,
            "through": verdict.through,
            "verdict": verdict.verdict,
            "first_break": verdict.first_break,
            "first_unseen": verdict.first_unseen,
            "links": [_link(finding) for finding in verdict.links],
            "observed_at": verdict.observed_at,
            "landed": __version__,
        }
    )
    return document


def traces(verdicts: list[Verdict]) -> dict[str, Any]:
    """`landed/trace/v1` for one target, `landed/traces/v1` for several, the worst first."""
    if len(verdicts) == 1:
        return trace(verdicts[0])
    return {"schema": "landed/traces/v1", "traces": [trace(verdict) for verdict in verdicts]}


def check(verdict: Verdict, extra: dict[str, Any]) -> dict[str, Any]:
    """`landed/check/v1`: the same shape, with the two links before a build."""
    document = trace(verdict)
    links = [link for link in document["links"] if link["link"] in CHECKED]
    return {**document, "schema": "landed/check/v1", "links": links, **plain(extra)}


def _change(verdict: Verdict) -> dict[str, Any]:
    change = verdict.change
    return {"asked": change.asked, "commit": change.commit, "subject": change.subject}


def _link(finding: Finding) -> dict[str, Any]:
    return {
        "link": finding.link,
        "status": finding.status,
        "subject": finding.subject,
        "diagnosis": finding.diagnosis,
        "also": finding.also,
        "ruled_out": [
            {"diagnosis": out.diagnosis, "because": out.because} for out in finding.ruled_out
        ],
        "because": finding.because,
        "remedy": finding.remedy,
        "notes": finding.notes,
        "evidence": [_evidence(evidence) for evidence in finding.evidence],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "station": evidence.station,
        "strength": evidence.strength,
        "facts": evidence.facts,
        "see": evidence.see,
        "observed_at": evidence.observed_at,
    }


def plain(value: Any) -> Any:
    """JSON values: times in UTC with `Z`, half characters escaped, secrets taken out."""
    if isinstance(value, dict):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return redact(value.encode("utf-8", "backslashreplace").decode())
    if isinstance(value, msgspec.Struct):
        return plain(msgspec.structs.asdict(value))
    return value


def encode(document: dict[str, Any]) -> str:
    """The document as text, indented for people who read it."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
