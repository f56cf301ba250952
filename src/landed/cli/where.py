"""`landed where COMMIT`: in which environments a commit is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landed.cli.common import Speech, common, paint, width
from landed.core.answers import in_there
from landed.core.model import Answer
from landed.core.probe import WorkloadKind
from landed.core.seen import Deployment, Running
from landed.core.words import clock, short

if TYPE_CHECKING:
    from landed.trace.stations import Stations

_COLOURS = {Answer.YES: "green", Answer.NO: "red", Answer.UNKNOWN: "yellow"}
_WORDS = {Answer.YES: "yes", Answer.NO: "no", Answer.UNKNOWN: "cannot tell"}


@click.command("where")
@click.argument("commit", default="HEAD")
@common
def command(commit: str, speech: Speech) -> int:
    """Every environment: is the commit in there, since when, on which digest."""
    from landed import wiring  # noqa: PLC0415 - so that `--help` is quick
    from landed.render.text import wrap  # noqa: PLC0415
    from landed.trace.gather import gather  # noqa: PLC0415
    from landed.trace.target import Choice  # noqa: PLC0415

    config = speech.config()
    found: list[dict[str, Any]] = []
    answers: list[Answer] = []
    with wiring.opened(Path.cwd()) as repository:
        resolved = repository.resolve(commit)
        for aim in wiring.aims(config, repository, None, None):
            probes = wiring.probes(config, repository, [aim.project], resolved)
            seen, stations = gather(
                aim.project, aim.cloud, aim.target, probes, commit, Choice(), whole=False
            )
            answer, because = in_there(seen)
            since = stations.since() if answer is Answer.YES else None
            digest = seen.running.digest if isinstance(seen.running, Running) else None
            later = _later(stations, digest)
            because = f"{because}; {later}" if later else because
            answers.append(answer)
            found.append(
                {
                    "environment": aim.target.environment,
                    "deployable": aim.project.name,
                    "in_there": answer,
                    "because": because,
                    "since": since,
                    "digest": digest,
                }
            )
            if not speech.json:
                place = f"{aim.project.name} in {aim.target.environment or 'no environment'}"
                when = f"  since {clock(since)}" if since else ""
                on = f"  on {short(digest)}" if digest else ""
                lead = f"{paint(f'{_WORDS[answer]:<11}', _COLOURS[answer])}  "
                speech.say(wrap(f"{place}{on}{when}", width(), first=lead, lead_width=13))
                speech.say(wrap(because, width(), first=" " * 13))
    if speech.json:
        from landed.render.document import plain  # noqa: PLC0415

        speech.document(
            plain({"schema": "landed/where/v1", "commit": resolved, "environments": found})
        )
    if Answer.NO in answers:
        return 1
    return 3 if Answer.UNKNOWN in answers or not answers else 0


def _later(stations: Stations, digest: str | None) -> str:
    """What runs next, where a job was put on another image since the execution that is judged, as a
    roll-back does.
    """
    deployment = stations.deployment
    if not isinstance(deployment, Deployment) or deployment.kind != WorkloadKind.JOB:
        return ""
    if None in (digest, deployment.digest) or digest == deployment.digest:
        return ""
    if stations.inside.same_files(digest, deployment.digest):
        return ""
    on = short(str(deployment.digest))
    return f"the job is on {on} since {clock(deployment.since)}, and that runs next"
