"""`landed cloud logs`: the entries of a job or a service."""

from __future__ import annotations

from pathlib import Path

import click

from landed.cli.cloud.place import at_place, opened
from landed.cli.cloud.words import tell_logs
from landed.cli.common import Speech, common
from landed.core.errors import UsageError
from landed.core.words import listed
from landed.localcloud.cloud import LocalCloud


@click.command("logs")
@click.argument("name", metavar="JOB|SERVICE")
@click.option("--execution", help="Only this execution's entries, of a job.")
@click.option("--revision", help="Only this revision's entries, of a service.")
@at_place
@common
def command(
    name: str, execution: str | None, revision: str | None, place: Path | None, speech: Speech
) -> int:
    """The entries of a job or of a service, by time.

    Where both have the name, it is the job's, unless --revision is given.
    """
    if execution and revision:
        raise UsageError("an execution is a job's, a revision a service's", "give one of them")
    cloud = opened(speech.config(), place)
    is_service = name in cloud.services.names() and cloud.job(name) is None
    if revision or (is_service and not execution):
        tell_logs("service", name, cloud.services.logs(name, revision), speech)
        return 0
    found = cloud.logs(name, execution)
    if not found:
        _must_be_there(cloud, name, execution)
    tell_logs("job", name, found, speech)
    return 0


def _must_be_there(cloud: LocalCloud, job: str, execution: str | None) -> None:
    """Raises UsageError where nothing was written because there is nobody to write."""
    if cloud.job(job) is None:
        services = f"; {_named('services', cloud.services.names())}"
        raise UsageError(
            f"there is no job `{job}`, and no service", _named("jobs", cloud.jobs()) + services
        )
    known = [one.id for one in cloud.executions(job)] if execution else []
    if execution and execution not in known:
        raise UsageError(f"there is no execution `{execution}`", _named("executions", known))


def _named(what: str, names: list[str]) -> str:
    return f"{what}: {listed(names, 5)}" if names else f"there are no {what} yet"
