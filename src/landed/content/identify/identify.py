"""Which commit of a repository a set of files is, by content alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from landed.content.git.batch import Batch
from landed.content.identify import cold, warm
from landed.content.identify.align import Placement
from landed.content.identify.contains import contained
from landed.content.identify.graph import Graph, graph
from landed.content.identify.history import Say, history, kept
from landed.content.identify.report import Report
from landed.content.identify.result import Best, Files, How, Identified, Where
from landed.content.identify.sought import Sought, sought
from landed.content.identify.ties import Ties, told_apart
from landed.content.repo import Repository
from landed.core.model import Frozen
from landed.core.probe import Content

_NOTHING = Files(same=0, changed=(), extra=0, missing=0, never_committed=())


class Candidates(Frozen):
    """Commits that have `score` of the files; `known` of them the history knows at their place.

    `committed` are the image's blobs (hex) that the repository has.
    """

    ids: list[str]
    placements: list[Placement]
    score: int
    known: int
    how: How
    committed: frozenset[str]


def identify(
    repository: Repository,
    image: Content,
    cache: Path,
    contains: str | None = None,
    *,
    quick: bool = False,
    say: Say = lambda _words: None,
) -> Identified:
    """The commit that the files are. `contains` is a commit id to look for in them.

    `cache` keeps the index of the history. Without one a search comes first; where it proves
    nothing the whole history is read, once, unless `quick`. Raises ProviderError where the history
    cannot be read.
    """
    wanted = sought(image.files)
    found = candidates(repository, wanted, cache, quick=quick, say=say)
    notes = tuple(_notes(repository))
    if found is None:
        because = "no commit here has any of these files in a place of its own"
        return Identified(
            best=None,
            placements=(),
            files=_NOTHING,
            contains=None,
            because=because,
            notes=notes,
        )
    return _answer(repository, image, wanted, found, contains, notes)


def candidates(
    repository: Repository, wanted: Sought, cache: Path, *, quick: bool, say: Callable[[str], None]
) -> Candidates | None:
    """The commits that have most of the files; None where none has any."""
    if not kept(repository, cache) and not repository.partial:
        found = searched(repository, wanted)
        if found is not None and (found.how is How.CERTIFICATE or quick):
            return found
    if quick:
        return None
    return exhaustive(repository, wanted, cache, say)


def searched(repository: Repository, wanted: Sought) -> Candidates | None:
    """Without an index: by samples of the history."""
    with ThreadPoolExecutor(1) as aside:
        asked = aside.submit(repository.missing, [blob.hex() for blob in wanted.blobs])
        shape = graph(repository)
        absent = asked.result()
    if not len(shape.ids):
        return None
    known = [number for number, blob in enumerate(wanted.blobs) if blob.hex() not in absent]
    heads = shape.tips[np.argsort(-shape.times[shape.tips], kind="stable")].tolist()
    head = repository.head()[0]
    start = int(shape.by_id.numbers([bytes.fromhex(head)])[0]) if head else heads[0]
    with repository.objects() as batch:
        hit = cold.Search(batch, shape, wanted, known).run(start, heads)
        if hit is None or not hit.score or not _sound(batch, shape, hit.ties):
            return None
    sure = hit.complete and hit.score == hit.known
    return Candidates(
        ids=[shape.id(number) for number in hit.ties],
        placements=hit.placements,
        score=hit.score,
        known=hit.known,
        how=How.CERTIFICATE if sure else How.SEARCH,
        committed=frozenset(wanted.blobs[number].hex() for number in known),
    )


def _sound(batch: Batch, shape: Graph, commits: Sequence[int]) -> bool:
    """Whether the commit-graph says of these commits what they say themselves: it is a file that
    somebody may have altered.
    """
    found = batch.read(shape.id(number).encode() for number in commits)
    return all(
        (found[shape.id(number).encode()] or b"").startswith(b"tree " + shape.tree(number) + b"\n")
        for number in commits
    )


def exhaustive(repository: Repository, wanted: Sought, cache: Path, say: Say) -> Candidates | None:
    """With the index: all commits at once."""
    past = history(repository, cache, say)
    matcher = warm.Matcher(past, wanted)
    placements = matcher.placements()
    if not placements:
        return None
    scored = matcher.scored(placements)
    score = int(scored.scores.max())
    if score <= 0:
        return None
    ties = np.flatnonzero(scored.scores == score)
    known = matcher.known(scored, ties.tolist())
    return Candidates(
        ids=[past.index.id(int(number)) for number in ties],
        placements=placements,
        score=score,
        known=known,
        how=How.CERTIFICATE if score == known else How.EXHAUSTIVE,
        committed=matcher.committed(),
    )


def _answer(
    repository: Repository,
    image: Content,
    wanted: Sought,
    found: Candidates,
    contains: str | None,
    notes: tuple[str, ...],
) -> Identified:
    with repository.objects() as batch:
        ties = told_apart(batch, found.ids, found.placements, wanted, repository.head()[0])
    report = Report(repository, ties.best.id, found.placements, image)
    placements = report.placements
    files = report.files(found.committed, history=found.how is not How.CERTIFICATE)
    proved, because = _proved(repository, found, report, files, ties)
    commits = [commit.id for commit in ties.commits]
    return Identified(
        best=Best(
            commit=ties.best.id,
            subject=repository.commit(ties.best.id).subject,
            committed_at=_clock(ties.best.time),
            ties=len(commits) if ties.exact else len(found.ids),
            oldest=commits[0],
            newest=commits[-1],
            proved=proved,
            how=found.how,
            same_below=os.fsdecode(placements[0].tree_path),
            differ_in=tuple(_differ_in(repository, commits)),
        ),
        placements=tuple(
            Where(image_path=os.fsdecode(p.image_path), tree_path=os.fsdecode(p.tree_path))
            for p in placements
        ),
        files=files,
        contains=contained(
            repository, contains, commits, report.tree, placements, image, proved=proved
        )
        if contains
        else None,
        because=because,
        notes=notes,
    )


def _proved(
    repository: Repository, found: Candidates, report: Report, files: Files, ties: Ties
) -> tuple[bool, str]:
    """Whether nothing can fit better, and why or why not."""
    left = found.known - found.score
    of = f"{found.score} of the {found.known} files that the history knows at their place"
    if found.how is How.SEARCH:
        return False, f"it has {of}; a search found no better one, and did not look at all"
    if left:
        are = "is" if left == 1 else "are"
        return False, (
            f"it has {of}, and no commit has more; the other {left} {are} as in other commits: "
            "files of several commits are mixed"
        )
    if report.coverage < 0.5 and files.same < files.extra + len(files.changed):
        return False, f"only {files.same} files are equal: too few to tell a commit by"
    if (repository.shallow or repository.partial) and files.changed:
        return False, "the clone is not complete: a commit that is not here may fit better"
    every = "every file that the history knows at its place is as in it"
    if ties.exact and not files.changed and not files.extra:
        every = "its files, no more and no less"
    return True, f"{every}: none can fit better"


def _notes(repository: Repository) -> list[str]:
    found = []
    if repository.shallow:
        found.append("the clone is shallow: commits behind its end are not looked at")
    if repository.partial:
        found.append("the clone is partial: what it left out is not looked at")
    return found


def _differ_in(repository: Repository, commits: Sequence[str]) -> list[str]:
    """Some of the files that the first and the last of the tied commits have differently."""
    if len(commits) < 2:
        return []
    changed = repository.difference(commits[0], commits[-1])
    return [path for path, _, _ in changed[:5]]


def _clock(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
