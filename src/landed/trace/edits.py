"""The texts of changed files, before and after: what reads them by their words is handed these."""

from __future__ import annotations

from collections.abc import Sequence

from landed.content.names import beside_the_code
from landed.content.repo import Repository
from landed.core.model import Frozen
from landed.core.probe import File
from landed.trace.footprint import Changed

MOST = 500
"""How many changed files are read."""
LARGEST = 512 * 1024
"""Bytes of a file that are looked at."""


class Edit(Frozen):
    """A changed file's text before and after; empty where there was none, or is none any more."""

    path: str
    before: str
    after: str

    @property
    def added(self) -> list[str]:
        """The lines that were not there before."""
        known = set(self.before.splitlines())
        return [line for line in self.after.splitlines() if line not in known]


def edits(repository: Repository, changed: Sequence[Changed]) -> list[Edit]:
    """What was edited of the code: tests and documents are left out."""
    code = [one for one in changed if not beside_the_code(one[0])][:MOST]
    read = repository.read([file.blob for _, *both in code for file in both if file])

    def text(file: File | None) -> str:
        return ((read.get(file.blob) if file else None) or b"")[:LARGEST].decode("utf-8", "replace")

    return [Edit(path=path, before=text(old), after=text(new)) for path, old, new in code]
