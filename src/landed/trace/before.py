"""What can be seen before a build: the work tree and the remote."""

from __future__ import annotations

import posixpath
from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from landed.config import DeployableSettings
from landed.core.clock import now
from landed.core.model import (
    Absent,
    Change,
    Unseen,
)
from landed.core.seen import (
    Made,
    Observations,
    WorkTree,
)
from landed.trace.project import Project
from landed.trace.target import Probes

_NOT_ASKED = Absent(reason="not asked before a build")


def look(chosen: list[Project], probes: Probes, asked: str, commit: str) -> Observations:
    """The two probes, side by side; every station behind the remote is absent."""
    repository = chosen[0].repository
    with ThreadPoolExecutor(max_workers=2) as pool:
        tree_answer, remote_answer = pool.submit(probes.work_tree), pool.submit(probes.remote)
        about = repository.commit(commit)
        work_tree, remote = tree_answer.result(), remote_answer.result()
    if isinstance(work_tree, WorkTree):
        work_tree = replace(work_tree, not_there=_not_there(chosen, commit))
    nothing = Made(build=_NOT_ASKED, source=_NOT_ASKED, image=_NOT_ASKED)
    return Observations(
        change=Change(
            asked=asked, commit=commit, subject=about.subject, committed_at=about.committed_at
        ),
        deployable=", ".join(project.name for project in chosen),
        environment="",
        work_tree=work_tree,
        remote=remote,
        forward=nothing,
        registry=_NOT_ASKED,
        deployment=_NOT_ASKED,
        execution=_NOT_ASKED,
        backward=nothing,
        running=Unseen(reason=_NOT_ASKED.reason),
        logs=_NOT_ASKED,
        watch=_NOT_ASKED,
        observed_at=now(),
    )


def _not_there(chosen: list[Project], commit: str) -> tuple[str, ...]:
    """The Dockerfiles that the commit lacks. Where the settings say nothing of a deployable, no
    Dockerfile is named.
    """
    return tuple(
        posixpath.join(project.folder, project.settings.dockerfile)
        for project in chosen
        if project.settings != DeployableSettings()
        and project.settings.dockerfile not in project.at(commit, project.folder).files
    )
