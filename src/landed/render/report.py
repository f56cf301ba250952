"""The handoff report of a shipment, as Markdown: from what the ledger holds, and nothing else.

The same entries give the same bytes: nobody has to type it, and nobody can tell it otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from landed.core.redact import redact
from landed.core.words import count, onward, printable, resume, short
from landed.render.text import QUESTIONS

Document = Mapping[str, Any]
_SIGNS = {"holds": "✓", "broken": "✗", "unseen": "?", "skipped": "–", "pending": "…", None: " "}
_CHAIN = (
    ("commit", "commit", ("check",)),
    ("push", "push", ("check",)),
    ("build", "build", ("build", "prove", "smoke")),
    ("deploy", "deploy", ("deploy", "execute")),
    ("validation", "validation", ("logs", "watch")),
)
_COLOURS = {
    "holds": "fill:#dcfce7,stroke:#15803d",
    "broken": "fill:#fee2e2,stroke:#b91c1c",
    "unseen": "fill:#fef9c3,stroke:#a16207",
    "none": "fill:#f4f4f5,stroke:#a1a1aa",
}


def report(attempts: Sequence[Document], watch: Document | None) -> str:
    """The report of a shipment's attempts, oldest first, and of the watch that it opened."""
    ship = attempts[-1]
    brought = [] if _goes_back(ship) else ["### From commit to validation", _diagram(ship)]
    parts = [
        _head(ship),
        _facts(ship),
        *brought,
        "### Timeline",
        _timeline(attempts, watch),
        *_links(ship),
        *_watch(watch),
        *_next(ship),
    ]
    return redact("\n\n".join(part for part in parts if part)) + "\n"


def _goes_back(ship: Document) -> bool:
    """Whether it was a roll-back on request. It is of no commit: the one that was asked is only
    where it was called, and is most often the one that went wrong.
    """
    return [step["step"] for step in ship["steps"]] == ["roll-back"]


def _head(ship: Document) -> str:
    given_up = "given up" if ship.get("abandoned_at") else ""
    verdict = "under way" if ship.get("under_way") else given_up or str(ship["verdict"])
    sign = {"proved": "✓", "broken": "✗", "under way": "…"}.get(verdict, "?")
    change = ship["change"]
    where = f"{text(ship['deployable'])} in {text(ship['environment'])}"
    stop = f" at `{ship['stopped_at']}`" if ship.get("stopped_at") else ""
    if _goes_back(ship):
        done = "rolled back" if verdict == "proved" else f"{verdict}{stop}"
        return f"## {sign} {where}: {done}"
    return (
        f"## {sign} {where}: {verdict}{stop}\n\n"
        f"{code(short(change['commit']))} {text(change['subject'])}"
    )


def _facts(ship: Document) -> str:
    rows = [
        ("shipment", ship["id"]),
        ("commit", None if _goes_back(ship) else ship["change"]["commit"]),
        ("build", ship.get("build")),
        ("digest", ship.get("digest")),
        ("execution", ship.get("execution")),
        ("watch", ship.get("watch")),
        ("ordered", ship.get("ordered_at")),
    ]
    body = [f"| {name} | {code(value)} |" for name, value in rows if value]
    return "\n".join(["| | |", "|---|---|", *body])


def _diagram(ship: Document) -> str:
    """Each box has the gravest status of its steps; a break is where the colour changes."""
    status = {step["step"]: step["status"] for step in ship["steps"]}
    lines = ["```mermaid", "flowchart LR"]
    for name, words, steps in _CHAIN:
        lines.append(f'  {name}["{_SIGNS[_gravest(status, steps)]} {words}"]')
    lines.append("  " + " --> ".join(name for name, _, _ in _CHAIN))
    for name, _, steps in _CHAIN:
        lines.append(f"  style {name} {_COLOURS[_gravest(status, steps) or 'none']}")
    return "\n".join([*lines, "```"])


def _gravest(status: Mapping[str, str | None], steps: Sequence[str]) -> str | None:
    found = [status.get(step) for step in steps]
    for one in ("broken", "unseen"):
        if one in found:
            return one
    return "holds" if "holds" in found and None not in found else None


def _timeline(attempts: Sequence[Document], watch: Document | None) -> str:
    rows: list[tuple[str, str, str, str]] = []
    known: set[tuple[str, str]] = set()
    for ship in attempts:
        for step in ship["steps"]:
            begun = step["began_at"]
            if begun is None or (step["step"], begun) in known:
                # A later attempt has the steps of the earlier one that went well.
                continue
            known.add((step["step"], begun))
            said = f"{_SIGNS[step['status']]} {text(step['because'])}"
            rows.append((begun, step["ended_at"], step["step"], said))
    for look in (watch or {}).get("looks", ()):
        what = f"{count(len(look['executions']), _counts(watch))} since the look before"
        said = f"? {text(look['unseen'])}" if look["unseen"] else what
        rows.append((look["looked_at"], "", f"checkpoint {look['number']}", said))
    body = [
        f"| {_clock(begun)} | {_seconds(begun, ended)} | {step} | {said} |"
        for begun, ended, step, said in rows
    ]
    head = ["| UTC | took | step | what was seen |", "|---|---|---|---|"]
    return "\n".join([*head, *body])


def _links(ship: Document) -> list[str]:
    """The ten links with the commands that show each: the checklist that nobody has to tick."""
    trace = ship.get("trace")
    if not trace:
        return []
    answers = trace["answers"]
    told = " · ".join(
        f"{question} **{'cannot tell' if answers[name] == 'unknown' else answers[name]}**"
        for name, question in QUESTIONS
    )
    rows = []
    # The trace is of the moment before the watch was opened: `held` is that section's business.
    for link in trace["links"][:-1]:
        box = "x" if link["status"] == "holds" else " "
        named = f" ({code(link['diagnosis'])})" if link["diagnosis"] else ""
        rows.append(
            f"- [{box}] **{link['link']}** {link['status']}{named}: {text(link['because'])}"
        )
        sees = dict.fromkeys(one["see"] for one in link["evidence"] if one["see"])
        rows += [f"  - {code(see)}" for see in sees]
    return ["### Checklist", told, "\n".join(rows)]


def _watch(watch: Document | None) -> list[str]:
    if watch is None:
        return []
    rows = [f"- {code(short(fix['commit']))} {text(fix['subject'])}" + _stops(fix)
            for fix in watch["fixes"]]  # fmt: skip
    looked, planned = len(watch["looks"]), count(watch["checkpoints"], "checkpoint")
    before = count(len(watch["baseline"]), _counts(watch))
    told = (
        f"Opened {_clock(watch['opened_at'])}Z. {looked} of {planned} looked; what ran is compared "
        f"with {before} from before."
    )
    closed = f" It ended: {text(watch['closed_because'])}." if watch.get("closed_because") else ""
    return ["### Watch", f"{told}{closed} It covers:", "\n".join(rows)]


def _counts(watch: Document | None) -> str:
    """What a watch counts: a service has hours in place of executions."""
    return "hour" if watch and watch.get("hourly") else "execution"


def _stops(fix: Document) -> str:
    if not fix["errors"]:
        return ""
    return f", meant to stop {', '.join(code(error) for error in fix['errors'])}"


def _next(ship: Document) -> list[str]:
    if ship.get("under_way"):
        again = code(resume(str(ship["id"])))
        return ["### What to do", f"- wait for it; if it was killed: {again}"]
    step = next((one for one in ship["steps"] if one["step"] == ship.get("stopped_at")), None)
    if step is None:
        return []
    remedy = onward(str(ship["id"]), step["remedy"])
    return ["### What to do", "\n".join(f"- {code(one)}" for one in remedy)]


def _clock(moment: str) -> str:
    return moment.replace("T", " ")[:19]


def _seconds(begun: str, ended: str) -> str:
    if not ended:
        return ""
    took = datetime.fromisoformat(ended) - datetime.fromisoformat(begun)
    return f"{took.total_seconds():.1f} s"


def text(words: object) -> str:
    """Foreign words as plain text: nothing in them is Markdown, HTML or the end of a cell."""
    line = printable(" ".join(str(words).split()))
    return re.sub(r"([\\`*_{}\[\]<>#|~!&])", r"\\\1", line)


def code(words: object) -> str:
    """Foreign words as code, whatever back-ticks and bars they hold."""
    line = printable(" ".join(str(words).split())).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"
