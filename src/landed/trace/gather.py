"""Asks every station about one change in one target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from landed.content.repo import Repository
from landed.core.clock import now
from landed.core.model import (
    Absent,
    Change,
    Effect,
    Unseen,
)
from landed.core.probe import BuildRecord, Cloud, Lent
from landed.core.rules.logs import named_errors
from landed.core.seen import (
    Image,
    Logs,
    Observations,
    Remote,
    SourceKind,
    WorkTree,
)
from landed.logs.named import named_by_trailers
from landed.trace.footprint import footprint
from landed.trace.project import Project
from landed.trace.sources import Question
from landed.trace.stations import Stations
from landed.trace.target import Choice, Probes, Target

TRAILER = "Landed-Fixes"


def gather(
    project: Project,
    cloud: Cloud,
    target: Target,
    probes: Probes,
    asked: str,
    choice: Choice,
    *,
    whole: bool = True,
) -> tuple[Observations, Stations]:
    """Everything that can be seen of `asked` in this target, and the stations for more questions.
    Without `whole` only what says what is in there; for that the work tree is not read, and the
    remote is asked only where it may have what this clone has not.

    Raises UsageError for a commit that does not exist, and for a chosen build or execution that
    does not.
    """
    repository = project.repository
    commit = repository.resolve(asked)
    with ThreadPoolExecutor(max_workers=4) as pool:
        # What is read of the commit is read while others answer, and kept.
        pool.submit(lambda: project.at(commit, project.folder).files)
        tree_answer = pool.submit(probes.work_tree if whole else _not_asked)
        remote_answer = pool.submit(probes.remote if whole else _not_asked)
        builds_answer = pool.submit(cloud.builds)
        about = repository.commit(commit)
        records = builds_answer.result()
        if not whole and not _at_hand(repository, records):
            remote_answer = pool.submit(probes.remote)
        prints = footprint(project, commit, _lent(records))
        remote = remote_answer.result()
        question = Question(
            commit=commit,
            head=repository.head()[0],
            footprint=prints,
            remote=remote if isinstance(remote, Remote) else None,
            dirty=_dirty(work_tree := tree_answer.result()),
        )
        stations = Stations(project, cloud, target, question, records, choice, whole=whole)
    named = (*target.named_errors, *named_by_trailers(about.trailers.get(TRAILER, ())))
    effect, because = prints.effect, prints.because
    if effect is Effect.NONE and any(record.own_base for record in stations.records):
        effect, because = Effect.UNKNOWN, "no COPY takes it; its base may be built from it"
    forward = stations.made(stations.forward)
    stale = forward.image.outputs if isinstance(forward.image, Image) else ()
    if effect is Effect.NONE and stale:
        # What is copied was made of it, outside of what a Dockerfile says.
        effect = Effect.SOME if any(one.certain for one in stale) else Effect.UNKNOWN
        because = f"no COPY takes {stale[0].source}; {stale[0].output} is made of it"
    observations = Observations(
        change=Change(
            asked=asked,
            commit=commit,
            subject=about.subject,
            committed_at=about.committed_at,
            effect=effect,
            effect_because=because,
            unplaced=() if stale else prints.unplaced,
            beside=prints.beside and effect is Effect.NONE,
            named_errors=named,
        ),
        deployable=project.name,
        environment=target.environment,
        work_tree=work_tree,
        remote=remote,
        forward=forward,
        registry=stations.registry() if whole else _NOT_ASKED,
        deployment=stations.deployment,
        execution=stations.execution,
        backward=stations.made_of(stations.execution),
        running=stations.running(stations.execution),
        logs=stations.logs(stations.execution, named),
        watch=probes.watch(),
        observed_at=now(),
        commands=stations.commands,
        beside=stations.served(named),
        triggers=stations.triggers() if whole else _NOT_ASKED,
        newer=stations.newer() if whole else (),
    )
    if named and whole:
        from landed.trace import elsewhere  # noqa: PLC0415 - only a named error asks for it

        others = elsewhere.look(project, cloud, target.workload, named)
        observations = replace(observations, elsewhere=others)
    looks = [look.logs for look in observations.each()]
    if any(named_errors(found) for found in looks if isinstance(found, Logs)):
        from landed.trace import switches  # noqa: PLC0415 - only one that is still there does

        observations = replace(observations, switches=switches.observe(project, commit, prints))
    return observations, stations


_NOT_ASKED = Absent(reason="not asked")


def _not_asked() -> Absent:
    return _NOT_ASKED


def _at_hand(repository: Repository, records: Sequence[BuildRecord] | Unseen) -> bool:
    """Whether all that builds were made from is in this clone, by their records: then the remote
    has nothing to add. What was uploaded may be any commit that the remote has.
    """
    if isinstance(records, Unseen):
        return True
    commits = [one.commit for one in records if one.kind is SourceKind.CLONE and one.commit]
    return len(commits) == len(records) and not repository.missing(commits)


def _lent(records: Sequence[BuildRecord] | Unseen) -> Callable[[str], Lent]:
    """What a base lends, as the newest build on it has recorded; a build that does not know its
    base by name tells of any.
    """
    newest: dict[str, Lent] = {}
    for record in () if isinstance(records, Unseen) else records:
        newest.setdefault(record.base, record.lent)
    return lambda name: newest.get(name, newest.get("", Lent()))


def _dirty(tree: WorkTree | Absent | Unseen) -> frozenset[str]:
    """The paths in which the work tree differs from HEAD now."""
    return frozenset(d.path for d in tree.dirt) if isinstance(tree, WorkTree) else frozenset()
