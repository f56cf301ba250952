"""`landed errors`: which errors the executions logged, on which image."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import click

from landed.cli.common import Speech, common, paint, patience, width

if TYPE_CHECKING:
    from landed.core.probe import LogLine
    from landed.core.seen import Execution
    from landed.render.errors import Target
    from landed.wiring import Aim

AT_ONCE = 8
"""How many executions' logs are read side by side."""


@click.command("errors")
@click.option("--env", "environment", help="Only this environment. Without it: all.")
@click.option("--deployable", help="Only this deployable. Without it: all.")
@click.option(
    "--last",
    default=20,
    show_default=True,
    type=click.IntRange(1, 1000),
    metavar="N",
    help="How many of the newest executions to read.",
)
@common
def command(environment: str | None, deployable: str | None, last: int, speech: Speech) -> int:
    """Families and identities of the errors in the logs, first and last seen, on which image."""
    from landed import wiring  # noqa: PLC0415 - so that `--help` is quick
    from landed.render import errors  # noqa: PLC0415

    config = speech.config()
    with wiring.opened(Path.cwd()) as repository, patience("reading the logs", speech):
        aims = wiring.aims(config, repository, environment, deployable)
        targets = [_look(aim, last) for aim in aims]
    if speech.json:
        speech.document(errors.document(targets))
    else:
        screens = [errors.screen(target, width=width(), paint=paint) for target in targets]
        speech.say("\n\n".join(screens))
    return 0 if targets and all(target.complete for target in targets) else 3


def _look(aim: Aim, last: int) -> Target:
    """One target: its newest executions, each with its own entries."""
    from landed.core.model import Absent, Unseen  # noqa: PLC0415
    from landed.core.seen import Deployment  # noqa: PLC0415
    from landed.logs.families import families  # noqa: PLC0415
    from landed.render.errors import Target  # noqa: PLC0415

    workload = aim.target.workload
    nothing = Absent(reason="landed.toml names nothing that runs there")
    deployment = aim.cloud.deployment(workload) if workload else nothing
    unseen: Unseen | None = None
    executions = aim.cloud.executions(workload) if workload else []
    if isinstance(executions, Unseen):
        unseen, executions = executions, []
    elif not executions:
        unseen = Unseen(
            reason="nothing has been executed yet",
            hint="" if workload else nothing.reason,
        )
    chosen = executions[:last]

    def read(execution: Execution) -> Sequence[LogLine] | Unseen:
        assert workload  # noqa: S101 - without one there are no executions
        return aim.cloud.entries(workload, execution.id)

    # What a remote cloud is asked for one by one is waited for side by side.
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = dict(zip((one.id for one in chosen), pool.map(read, chosen), strict=True))
    entries = {name: one for name, one in answers.items() if not isinstance(one, Unseen)}
    unread = {name: one for name, one in answers.items() if isinstance(one, Unseen)}
    return Target(
        deployable=aim.project.name,
        environment=aim.target.environment,
        deployment=deployment,
        read=len(entries),
        unread=unread,
        unseen=unseen,
        families=families(
            chosen,
            entries,
            aim.target.named_errors,
            aim.project.settings.expect,
            deployment.since if isinstance(deployment, Deployment) else None,
        ),
    )
