"""Verdicts for a person at a terminal: the answer, then why, then what to do."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable

from landed.core.model import Answer, Finding, Link, Outcome, Status, Verdict
from landed.core.redact import redact
from landed.core.words import printable, short

Paint = Callable[[str, str], str]
"""Text and colour name to text; leaves the text alone where colour is not wanted."""

SIGNS = {
    Status.HOLDS: ("✓", "green"),
    Status.BROKEN: ("✗", "red"),
    Status.UNSEEN: ("?", "yellow"),
    Status.PENDING: ("…", "cyan"),
    Status.SKIPPED: ("–", "bright_black"),
}
QUESTIONS = (
    ("in_there", "Is it in there?"),
    ("by_the_book", "Is it by the book?"),
    ("did_it_help", "Did it help?"),
)
_ANSWERS = {
    Answer.YES: ("yes", "green"),
    Answer.NO: ("no", "red"),
    Answer.UNKNOWN: ("cannot tell", "yellow"),
}


def verdict(seen: Verdict, *, width: int, paint: Paint, only: tuple[Link, ...] = ()) -> str:
    """The whole screen. With `only` (as `landed check` does) just these links, and no answers."""
    findings = [f for f in seen.links if not only or f.link in only]
    lines = [headline(seen, width=width, paint=paint), _about(seen, width)]
    if not only:
        lines += ["", *_answers(seen, width, paint)]
    lines.append("")
    for before, finding in zip([None, *findings], findings, strict=False):
        same = before is not None and before.because == finding.because and not finding.diagnosis
        told = "see above" if finding.link is seen.first_break else "likewise" if same else ""
        lines += _finding(finding, width, paint, told)
    lines += _remedies(seen, findings, width, paint)
    return "\n".join(lines)


def headline(seen: Verdict, *, width: int, paint: Paint) -> str:
    """The first line: the answer itself."""
    by_link = {finding.link: finding for finding in seen.links}
    if seen.verdict is Outcome.PROVED:
        return wrap(
            f"proved through {seen.through}: {_what_holds(seen)}", width, first=paint("✓ ", "green")
        )
    if seen.verdict is Outcome.BROKEN and seen.first_break:
        finding = by_link[seen.first_break]
        return wrap(
            f"broken at {finding.link} ({finding.diagnosis}): {finding.because}",
            width,
            first=paint("✗ ", "red"),
        )
    if seen.change.beside:
        because = f"nothing to prove here: {seen.change.effect_because}"
        return wrap(because, width, first=paint("– ", "bright_black"))
    if seen.first_unseen:
        finding = by_link[seen.first_unseen]
        word = "not yet" if finding.status is Status.PENDING else "cannot tell"
        because = finding.because
        if finding.status is Status.HOLDS:
            because = seen.answers.because.get("in_there", because)
        return wrap(f"{word} at {finding.link}: {because}", width, first=paint("? ", "yellow"))
    return wrap("cannot tell", width, first=paint("? ", "yellow"))


def _what_holds(seen: Verdict) -> str:
    if seen.answers.did_it_help is Answer.YES:
        return f"{short(seen.change.commit)} runs, and it helped"
    if seen.answers.in_there is Answer.YES:
        return f"{short(seen.change.commit)} runs"
    return "every link up to there holds"


def _about(seen: Verdict, width: int) -> str:
    target = f"{seen.deployable} in {seen.environment}" if seen.environment else seen.deployable
    subject = printable(seen.change.subject)
    what = f"{short(seen.change.commit)} “{subject}”"
    return wrap(f"{target} · {what}" if target else what, width, first="  ")


def _answers(seen: Verdict, width: int, paint: Paint) -> list[str]:
    lines = []
    for key, question in QUESTIONS:
        word, colour = _ANSWERS[getattr(seen.answers, key)]
        because = seen.answers.because.get(key, "")
        lead = f"  {question:<19}{paint(f'{word:<12}', colour)}"
        lines.append(wrap(because, width, first=lead, lead_width=33))
    return lines


def _finding(finding: Finding, width: int, paint: Paint, told: str) -> list[str]:
    sign, colour = SIGNS[finding.status]
    lead = f"  {paint(sign, colour)} {finding.link:<10} "
    named = f"{finding.diagnosis}: " if finding.diagnosis else ""
    said = told or f"{named}{finding.because}"
    lines = [wrap(said, width, first=lead, lead_width=15)]
    lines += [wrap(f"note: {note}", width, first=" " * 15) for note in finding.notes]
    if finding.also:
        lines.append(wrap(f"also: {', '.join(finding.also)}", width, first=" " * 15))
    return lines


def _remedies(seen: Verdict, findings: Iterable[Finding], width: int, paint: Paint) -> list[str]:
    """What to do about the first link that does not hold, and how to see it for oneself."""
    about = seen.first_break or seen.first_unseen
    finding = next((f for f in findings if f.link is about), None)
    if finding is None:
        return []
    lines = []
    if finding.remedy:
        lines += ["", paint("What to do", "bold")]
        lines += [wrap(step, width, first="  ", commands=True) for step in finding.remedy]
    if finding.evidence:
        lines += ["", paint("See for yourself", "bold")]
        seen_by = dict.fromkeys(evidence.see for evidence in finding.evidence if evidence.see)
        lines += [wrap(see, width, first="  ", commands=True) for see in seen_by]
    if finding.diagnosis:
        lines += ["", paint(f"More: landed explain {finding.diagnosis}", "bright_black")]
    return lines


def wrap(
    text: str, width: int, *, first: str = "", lead_width: int | None = None, commands: bool = False
) -> str:
    """Text behind a lead, wrapped below it. Commands stay on one line: people paste them."""
    text = redact(printable_lines(text))
    indent = lead_width if lead_width is not None else len(_bare(first))
    if commands:
        return first + text
    longest = max(map(len, text.split()), default=0)
    if width - indent < max(24, longest):
        # An id that is cut cannot be pasted: it gets more room, or goes beyond the edge.
        indent = min(indent, 4)
        body = _wrapped(text, max(width - indent, 16))
        if lead_width is not None and lead_width > 4:
            return "\n".join([first.rstrip(), *(" " * indent + line for line in body)])
    else:
        body = _wrapped(text, width - indent)
    return "\n".join([first + body[0], *(" " * indent + line for line in body[1:])]).rstrip()


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False, break_long_words=False) or [""]


def _bare(text: str) -> str:
    """The text without colour codes, to measure it."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def printable_lines(text: str) -> str:
    """One printable line."""
    return printable(text.replace("\n", " "))
