"""Clones for builds: any repository, by its URL, at a revision."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from landed.content.commit import CommitFiles
from landed.content.git import process
from landed.content.repo import Repository
from landed.core.errors import ProviderError, UsageError
from landed.core.redact import redact
from landed.localcloud.cloudbuild.workspace import Part
from landed.localcloud.disk import locked
from landed.localcloud.records import SourceRecord

SECONDS = 60.0
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Clones:
    """Fetches for one build. What was fetched is there until the block ends."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def tip(self, url: str, revision: str) -> tuple[str, str]:
        """The ref and the commit that a revision means at the remote now; the ref is empty for a
        commit. Without a revision: the remote's own branch. Raises LandedError.
        """
        with self._repository() as repository:
            return _resolved(repository, url, revision)

    def take(self, url: str, revision: str = "", folder: str = "") -> Part:
        """A folder of a repository at a revision. Raises LandedError where that cannot be had."""
        repository = self._open.enter_context(self._repository())
        ref, commit = _resolved(repository, url, revision)
        repository.fetch(url, [commit], SECONDS)
        commit = repository.resolve(commit)
        source = SourceRecord(
            kind="clone",
            url=redact(url),
            ref=ref,
            requested_commit=None if ref else commit,
            resolved_commit=commit,
            tip_then=commit if ref else None,
            folder=folder,
        )
        return Part(
            content=CommitFiles(repository, commit, folder, submodules=False), source=source
        )

    def _repository(self) -> Repository:
        """An empty repository to fetch into."""
        place = self._root / "empty.git"
        with locked(self._root / "lock"):
            if not (place / "HEAD").is_file():
                words = ("init", "--quiet", "--bare", "--template=", str(place))
                done = process.run(*words, env=process.reading(), cwd=self._root)
                if done.code:
                    raise ProviderError(f"git cannot begin: {process.first_words(done.words)}")
        return Repository.open(place)


def _resolved(repository: Repository, url: str, revision: str) -> tuple[str, str]:
    answer = repository.ls_remote(url, SECONDS)
    if not revision:
        if answer.head is None or answer.head not in answer.refs:
            raise UsageError(f"{redact(url)} has no branch of its own", "name a revision")
        return answer.head, answer.refs[answer.head]
    for ref in (revision, f"refs/heads/{revision}", f"refs/tags/{revision}"):
        if ref in answer.refs:
            return ref, answer.refs[ref]
    if _ID.fullmatch(revision):
        return "", revision
    raise UsageError(f"{redact(url)} has no revision {revision[:200]!r}", "push it first")
