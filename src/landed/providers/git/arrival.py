"""Whether a change is in a commit of the remote: by history, by an equal patch, or by content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from landed.content import effect
from landed.content.effect import State
from landed.content.follow import followed
from landed.content.repo import Changed, File, Repository
from landed.core.errors import ProviderError
from landed.core.model import Frozen, Presence

_MOST_COMMITS = 1000
_MOST_PATHS = 200
_MOST_UNDOERS = 20
_GONE = (State.UNDONE, State.PARTLY)


class Arrival(Frozen):
    """Presence of a change in a tip, why, and the commits that brought it or took it back."""

    presence: Presence
    because: str
    in_history: bool | None
    equivalent: str | None = None
    equivalent_by: str = ""
    undone_by: str | None = None


class Reader:
    """Reads blobs, as often as it is called; what a partial clone left at its remote is fetched."""

    def __init__(self, repo: Repository, url: str, timeout: float) -> None:
        self._repo = repo
        self._url = url
        self._timeout = timeout

    def __call__(self, blobs: Iterable[str]) -> dict[str, bytes | None]:
        """The contents of blobs; None where one cannot be had."""
        found = self._repo.read(blobs)
        lacking = [blob for blob, content in found.items() if content is None]
        if lacking and self._repo.partial:
            # What cannot be fetched stays unread, and unread never counts as there.
            with suppress(ProviderError):
                self._repo.fetch(self._url, lacking, self._timeout)
                found.update(self._repo.read(lacking))
        return found


def find(repo: Repository, commit: str, tip: str, read: Reader) -> Arrival:
    """Whether the change is in the tip."""
    if commit == tip:
        return Arrival(presence=Presence.PRESENT, because="it is the tip", in_history=True)
    in_history = repo.is_ancestor(commit, tip)
    paths = repo.changed_paths(commit)
    if paths is None:
        return Arrival(
            presence=Presence.UNKNOWN,
            because="what the change changes is not in this clone",
            in_history=in_history,
        )
    if not paths:
        alone = {True: Presence.PRESENT, False: Presence.ABSENT, None: Presence.UNKNOWN}
        return Arrival(
            presence=alone[in_history],
            because="it changes no file: its history alone counts",
            in_history=in_history,
        )
    search = _Search(repo, commit, tip, paths, read)
    if in_history:
        return search.arrived(commit, in_history=True)
    return search.equivalent(in_history=in_history)


class _Search:
    """One change and one tip."""

    def __init__(
        self, repo: Repository, commit: str, tip: str, paths: list[Changed], read: Reader
    ) -> None:
        self.repo = repo
        self.commit = commit
        self.tip = tip
        self.paths = paths
        self.names = [path for path, _, _ in paths][:_MOST_PATHS]
        self.read = read

    def arrived(self, brought_by: str, *, in_history: bool, by: str = "") -> Arrival:
        """The tip's history has the change, or its equal; is the effect still there?"""
        files = self._files(self.tip)
        there, because = effect.presence(
            self.paths, files.get, self.read, self.repo.merge3, in_history=True, whole=True
        )
        return Arrival(
            presence=there,
            because=because,
            in_history=in_history,
            equivalent=brought_by if by else None,
            equivalent_by=by,
            undone_by=self._undone_by(brought_by, files) if there is Presence.REVERTED else None,
        )

    def equivalent(self, *, in_history: bool | None) -> Arrival:
        """The tip's history does not have the commit, or nobody can tell: has it an equal?"""
        comparable = True
        if in_history is False:
            try:
                same = self._same_patch()
            except ProviderError:
                # A partial clone whose remote did not give the contents that a patch is made of.
                if not self.repo.partial:
                    raise
                same, comparable = None, False
            if same:
                return self.arrived(same[0], in_history=False, by=same[1])
        there, because = self._presence(self.tip, in_history=in_history)
        if there is Presence.PRESENT:
            return Arrival(
                presence=there,
                because=because,
                in_history=in_history,
                equivalent=self._brought_by(),
                equivalent_by="content",
            )
        told = Presence.ABSENT if in_history is False and comparable else Presence.UNKNOWN
        return Arrival(presence=told, because=because, in_history=in_history)

    def _same_patch(self) -> tuple[str, str] | None:
        others = self._touching(merges=False)
        if not others:
            return None
        if self.repo.partial:
            changes = self.repo.changes([self.commit, *others]).values()
            self.read(f.blob for change in changes for _, *two in change for f in two if f)
        patches = self.repo.patches([self.commit, *others])
        own = patches.get(self.commit)
        for other in others:
            if own and patches.get(other) == own:
                return other, "patch id"
        base = self.repo.merge_base(self.commit, self.tip)
        head, _ = self.repo.head()
        ends = [self.commit]
        if head and head != self.commit and self.repo.is_ancestor(self.commit, head):
            ends.append(head)
        for end in ends if base else []:
            squashed = self.repo.patch(base or "", end)
            for other in others:
                if patches.get(other) == squashed:
                    return other, "squash"
        return None

    def _touching(self, *, merges: bool) -> list[str]:
        return self.repo.log(
            [self.tip], [self.commit], self.names, most=_MOST_COMMITS, merges=merges
        )

    def _brought_by(self) -> str:
        """The oldest commit from which on the effect is there, among those that touch its files."""
        others = self._touching(merges=True)
        low, high = 0, len(others)
        while low < high:
            middle = (low + high) // 2
            if self._presence(others[middle], in_history=False)[0] is Presence.PRESENT:
                low = middle + 1
            else:
                high = middle
        return others[low - 1] if low else self.tip

    def _presence(self, commit: str, *, in_history: bool | None) -> tuple[Presence, str]:
        files = self._files(commit)
        return effect.presence(
            self.paths, files.get, self.read, self.repo.merge3, in_history=in_history, whole=True
        )

    def _files(self, commit: str) -> dict[str, File]:
        there = followed(self.repo, self.paths, self.commit, commit)
        return {path: file for path, (_, file) in there.items()}

    def _undone_by(self, since: str, now: dict[str, File]) -> str | None:
        """The newest commit that took a file back to what it was before the change."""
        gone = {p for p, s in self._states(self.paths, now.get).items() if s in _GONE}
        wanted = {change[0]: change for change in self.paths if change[0] in gone}
        names = sorted(gone)[:_MOST_PATHS]
        others = self.repo.log([self.tip], [since], names, most=_MOST_UNDOERS, merges=False)
        changes = self.repo.changes(others, names)
        for other in others:
            for path, before, after in changes.get(other, []):
                if self._gone(wanted[path], after) and not self._gone(wanted[path], before):
                    return other
        return None

    def _gone(self, change: Changed, file: File | None) -> bool:
        return self._states([change], lambda _: file)[change[0]] in _GONE

    def _states(self, paths: Sequence[Changed], there: effect.There) -> dict[str, State]:
        return effect.states(paths, there, self.read, self.repo.merge3)
