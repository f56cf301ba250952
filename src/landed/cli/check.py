"""`landed check`: before the build, is it committed and is it pushed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landed.cli.common import EXIT_CODES, Speech, common, paint, patience, width
from landed.config import Config
from landed.core.model import Link, Verdict
from landed.core.seen import (
    DirtKind,
    Observations,
    Remote,
    WorkTree,
)
from landed.core.words import branch, count, listed, short

if TYPE_CHECKING:
    # Slow to load, and not needed for `--help`.
    from landed.content.repo import Repository


@click.command("check")
@click.argument("commit", default="HEAD")
@click.option("--deployable", help="Only this one; without it, what any of them would build.")
@common
def command(commit: str, deployable: str | None, speech: Speech) -> int:
    """Before the build: links 1 and 2, and what the build would take that the commit lacks."""
    from landed import wiring  # noqa: PLC0415 - so that `--help` is quick
    from landed.render import document, text  # noqa: PLC0415

    config = speech.config()
    with wiring.opened(Path.cwd()) as repository:
        seen, verdict = before(config, repository, commit, deployable, speech)
        subjects = _subjects(seen, repository)
    if speech.json:
        speech.document(document.check(verdict, _extra(seen)))
    else:
        speech.say(text.verdict(verdict, width=width(), paint=paint, only=document.CHECKED))
        for line in _lists(seen, subjects):
            speech.say(line)
    return EXIT_CODES[verdict.verdict]


def before(
    config: Config, repository: Repository, commit: str, deployable: str | None, speech: Speech
) -> tuple[Observations, Verdict]:
    """What can be seen before a build, and what it says of the first two links."""
    from landed import wiring  # noqa: PLC0415 - so that `--help` is quick
    from landed.core.judge import judge  # noqa: PLC0415
    from landed.diagnoses import DIAGNOSES  # noqa: PLC0415
    from landed.trace.before import look  # noqa: PLC0415

    chosen = wiring.projects(config, repository, deployable)
    resolved = repository.resolve(commit)
    probes = wiring.probes(config, repository, chosen, resolved)
    with patience("asking the work tree and the remote", speech):
        seen = look(chosen, probes, commit, resolved)
    return seen, judge(seen, DIAGNOSES, Link.PUSHED)


def _subjects(seen: Observations, repository: Repository) -> dict[str, str]:
    """The subject lines of commits that are not pushed, as far as they are listed."""
    unpushed = seen.remote.unpushed if isinstance(seen.remote, Remote) else ()
    return {commit: repository.commit(commit).subject for commit in unpushed[:_MOST]}


_MOST = 10


def _lists(seen: Observations, subjects: dict[str, str]) -> list[str]:
    """What is not pushed, and how the build's files differ from the commit's."""
    lines: list[str] = []
    if isinstance(seen.remote, Remote) and seen.remote.unpushed:
        unpushed = seen.remote.unpushed
        where = f"{branch(seen.remote.ref)} on {seen.remote.remote}"
        lines += ["", f"{count(len(unpushed), 'commit')} not on {where}:"]
        lines += [f"  {short(commit)}  {subjects[commit]}" for commit in unpushed[:_MOST]]
        if len(unpushed) > _MOST:
            lines.append(f"  and {len(unpushed) - _MOST} more")
    takes, lacks = _differences(seen)
    if takes:
        lines += ["", f"The build would take, and the commit lacks: {listed(takes, _MOST)}"]
    if lacks:
        lines += ["", f"The commit has, and the build would lack: {listed(lacks, _MOST)}"]
    return lines


def _differences(seen: Observations) -> tuple[list[str], list[str]]:
    if not isinstance(seen.work_tree, WorkTree):
        return [], []
    dirt = [d for d in seen.work_tree.dirt if d.read_by_build is not False]
    lacking = (DirtKind.DELETED, DirtKind.UPLOAD_DROPS, DirtKind.LFS_POINTER)
    takes = [d.path for d in dirt if d.kind not in lacking]
    return takes, [d.path for d in dirt if d.kind in lacking]


def _extra(seen: Observations) -> dict[str, Any]:
    takes, lacks = _differences(seen)
    unpushed = seen.remote.unpushed if isinstance(seen.remote, Remote) else None
    return {"unpushed": unpushed, "build_takes": takes, "build_lacks": lacks}
