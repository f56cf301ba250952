"""Judging: observations in, verdict out. Pure; nothing here looks at the world."""

from __future__ import annotations

from landed.core.answers import answer
from landed.core.chain import LINKS
from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Answer,
    Answers,
    Finding,
    Link,
    Outcome,
    RuledOut,
    Status,
    Verdict,
)
from landed.core.rules import RULES, Judged
from landed.core.seen import (
    Observations,
)

UNCLASSIFIED = "unclassified"


def judge(
    observations: Observations, diagnoses: tuple[Diagnosis, ...], through: Link = Link.HEALED
) -> Verdict:
    """The verdict over all ten links; `through` names the last link that has to hold."""
    findings = tuple(find(link, observations, diagnoses) for link in LINKS)
    statuses = {finding.link: finding.status for finding in findings}
    answers = answer(observations, statuses)
    outcome, first_break, first_unseen = combine(statuses, answers, through)
    return Verdict(
        change=observations.change,
        environment=observations.environment,
        deployable=observations.deployable,
        through=through,
        verdict=outcome,
        answers=answers,
        first_break=first_break,
        first_unseen=first_unseen,
        links=findings,
        observed_at=observations.observed_at,
    )


_WORST_FIRST = (
    Status.BROKEN,
    Status.UNSEEN,
    Status.PENDING,
    Status.HOLDS,
    Status.SKIPPED,
)
_OF_EACH = (Link.RAN, Link.HEALED)
"""The links that are judged on every revision that takes traffic; the worst decides."""


def find(link: Link, observations: Observations, diagnoses: tuple[Diagnosis, ...]) -> Finding:
    """One link, judged and diagnosed."""
    looks = observations.each() if link in _OF_EACH else (observations,)
    judged, observations = min(
        ((RULES[link](look), look) for look in looks),
        key=lambda found: _WORST_FIRST.index(found[0].status),
    )
    causes: list[tuple[str, Fits]] = []
    beside: list[tuple[str, Fits]] = []
    ruled_out: list[RuledOut] = []
    for diagnosis in diagnoses:
        if link not in diagnosis.links:
            continue
        said = diagnosis.recognise(observations, link)
        if isinstance(said, Fits) and said.cause and judged.status in _EXPLAINED:
            causes.append((diagnosis.id, said))
        elif isinstance(said, Fits) and not said.cause:
            beside.append((diagnosis.id, said))
        elif isinstance(said, Excluded) and judged.status is Status.BROKEN:
            ruled_out.append(RuledOut(diagnosis=diagnosis.id, because=said.because))
    return _finding(link, judged, causes, beside, tuple(ruled_out))


_EXPLAINED = (Status.BROKEN, Status.PENDING)
"""What nobody saw has no diagnosis. What has not happened may have one: old entries for new."""


def _finding(
    link: Link,
    judged: Judged,
    causes: list[tuple[str, Fits]],
    beside: list[tuple[str, Fits]],
    ruled_out: tuple[RuledOut, ...],
) -> Finding:
    diagnosis, remedy, because = None, judged.remedy, judged.because
    told = (*causes[:1], *beside)
    if causes:
        diagnosis, first = causes[0]
        remedy, because = first.remedy or remedy, first.because
    elif judged.status is Status.BROKEN:
        diagnosis = UNCLASSIFIED
        facts = ", ".join(f"{name}: {value}" for name, value in judged.subject.items())
        because = f"{because} (no known failure mode explains this; what differs: {facts})"
    return Finding(
        link=link,
        status=judged.status,
        because=because,
        subject=judged.subject,
        diagnosis=diagnosis,
        also=tuple(name for name, _ in (*causes[1:], *beside)),
        ruled_out=ruled_out,
        remedy=remedy,
        notes=judged.notes + tuple(said.because for _, said in beside),
        evidence=judged.evidence + tuple(e for _, said in told for e in said.evidence),
    )


def combine(
    statuses: dict[Link, Status], answers: Answers, through: Link
) -> tuple[Outcome, Link | None, Link | None]:
    """Outcome, first break and first unseen link.

    Where the question stops before something runs, a later break is not its business. Where it
    reaches what runs, any break counts, also one behind `through`; and nothing is proved unless
    what runs has the change.
    """
    asked = LINKS[: LINKS.index(through) + 1]
    about_running = Link.RAN in asked
    in_question = LINKS if about_running else asked
    first_break = next((k for k in in_question if statuses[k] is Status.BROKEN), None)
    first_unseen = next((k for k in asked if statuses[k] in (Status.UNSEEN, Status.PENDING)), None)
    if first_break:
        return Outcome.BROKEN, first_break, first_unseen
    if first_unseen:
        return Outcome.UNPROVED, None, first_unseen
    if about_running and answers.in_there is not Answer.YES:
        return Outcome.UNPROVED, None, Link.RAN
    return Outcome.PROVED, None, None
