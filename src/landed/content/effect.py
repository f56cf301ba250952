"""Whether the effect of a change is in some content: decided file by file, by bytes.

A file is *there* where its content equals what the change made of it, or where merging the change
into it alters nothing. It is *undone* where its content equals what was before the change, or
where merging the change's opposite alters nothing; *partly* undone where some of the change
could be merged into it again. Else it is *rewritten*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from landed.content.git.objects import Changed, File
from landed.core.model import Presence
from landed.core.words import listed

There = Callable[[str], File | None]
Read = Callable[[Iterable[str]], Mapping[str, bytes | None]]


class Merge(Protocol):
    """A three-way merge of texts; None on a conflict, unless `ours` settles it for `current`."""

    def __call__(
        self, current: bytes, base: bytes, other: bytes, *, ours: bool = False
    ) -> bytes | None:
        """The merged text."""


class State(StrEnum):
    """What became of one file of a change."""

    THERE = "there"
    UNDONE = "undone"
    PARTLY = "partly"
    REWRITTEN = "rewritten"
    MISSING = "missing"
    UNREAD = "unread"


def presence(
    paths: Sequence[Changed],
    there: There,
    read: Read,
    merge3: Merge,
    *,
    in_history: bool | None,
    whole: bool = False,
) -> tuple[Presence, str]:
    """Whether a change's effect is in some content, and the sentence that says why.

    `in_history` says whether the content's history has the change, None where nobody knows.
    `whole` says that `there` shows a complete tree: then a file that is missing was removed by a
    later commit, and counts as rewritten. Else it may just have been left out.
    It is never PRESENT while any part of the effect is not there.
    """
    found = states(paths, there, read, merge3)
    by = {state: [path for path, s in found.items() if s is state] for state in State}
    if whole:
        by[State.REWRITTEN] += by.pop(State.MISSING)
        by[State.MISSING] = []
    if not found:
        return Presence.UNKNOWN, "the change changes no file"
    if len(by[State.THERE]) == len(found):
        return Presence.PRESENT, f"{listed(by[State.THERE])}: as the change made it"
    return _arrived(by) if in_history else _not_arrived(by, in_history=in_history)


def _arrived(by: dict[State, list[str]]) -> tuple[Presence, str]:
    """The history has the change, and not all of it is there as it was made."""
    undone, partly = by[State.UNDONE], by[State.PARTLY]
    if undone or partly:
        rest = by[State.THERE] + by[State.REWRITTEN]
        said = [
            f"{listed(undone)}: as before the change" if undone else "",
            f"{listed(partly)}: partly as before the change" if partly else "",
            f"{listed(rest)}: not taken back" if rest else "",
        ]
        return Presence.REVERTED, "; ".join(words for words in said if words)
    if by[State.MISSING]:
        return Presence.ABSENT, f"{listed(by[State.MISSING])}: not in there"
    if by[State.UNREAD]:
        return Presence.UNKNOWN, f"{listed(by[State.UNREAD])}: cannot be read"
    return Presence.SUPERSEDED, f"{listed(by[State.REWRITTEN])}: rewritten by later commits"


def _not_arrived(by: dict[State, list[str]], *, in_history: bool | None) -> tuple[Presence, str]:
    """The history does not have the change (or nobody knows), and not all of it is there."""
    gone = by[State.UNDONE] + by[State.PARTLY] + by[State.MISSING]
    if gone:
        return Presence.ABSENT, f"{listed(gone)}: without the change, or without part of it"
    if by[State.UNREAD]:
        return Presence.UNKNOWN, f"{listed(by[State.UNREAD])}: cannot be read"
    other = listed(by[State.REWRITTEN])
    if in_history is False and not by[State.THERE]:
        return Presence.ABSENT, f"{other}: neither as before nor as after the change"
    return Presence.UNKNOWN, f"{other}: neither as before nor as after the change"


def states(paths: Sequence[Changed], there: There, read: Read, merge3: Merge) -> dict[str, State]:
    """What became of each file of a change."""
    found: dict[str, State] = {}
    open_: list[tuple[str, File | None, File | None, File]] = []
    for path, old, new in paths:
        now = there(path)
        state = _by_id(old, new, now)
        if state is None and now is not None:
            open_.append((path, old, new, now))
        found[path] = state or State.REWRITTEN
    blobs = {f.blob for _, *files in open_ for f in files if f and f.mode != "160000"}
    contents = read(sorted(blobs)) if blobs else {}
    for path, old, new, now in open_:
        texts = [contents.get(f.blob) if f else b"" for f in (old, new, now)]
        state = _by_content(old, new, texts, merge3)
        found[path] = _with_mode(state, old, new, now)
    return found


def _by_id(old: File | None, new: File | None, now: File | None) -> State | None:
    """The state where ids alone tell it, None where contents have to be read."""
    if now is None:
        if new is None:
            return State.THERE
        return State.UNDONE if old is None else State.MISSING
    if new and _same_kind(now, new) and now.blob == new.blob:
        return _with_mode(State.THERE, old, new, now)
    if old and _same_kind(now, old) and now.blob == old.blob:
        return State.UNDONE
    if new is None or not _same_kind(now, new) or _kind(now) != "100":
        # A file that the change removed and that is back with other content; a link or a
        # submodule that points elsewhere; a file that became something else.
        return None if new is None and old and _same_kind(now, old) else State.REWRITTEN
    return None


def _by_content(
    old: File | None, new: File | None, texts: list[bytes | None], merge3: Merge
) -> State:
    if any(text is None for text in texts):
        return State.UNREAD
    before, after, now = (_lines(text or b"") for text in texts)
    if new and now == after:
        return State.THERE
    if old and now == before:
        return State.UNDONE
    if old is None or new is None or _kind(old) != _kind(new):
        return State.REWRITTEN
    if merge3(now, after, before) == now:
        return State.UNDONE
    if merge3(now, before, after) == now:
        return State.THERE
    again = merge3(now, before, after, ours=True)
    return State.REWRITTEN if again in (None, now) else State.PARTLY


def _with_mode(state: State, old: File | None, new: File | None, now: File) -> State:
    """The executable bit is part of the effect where the change altered it."""
    if state is not State.THERE or old is None or new is None or old.mode == new.mode:
        return state
    if not now.mode:
        return State.UNREAD
    return State.THERE if now.mode == new.mode else State.PARTLY


def _same_kind(one: File, other: File) -> bool:
    return not one.mode or not other.mode or _kind(one) == _kind(other)


def _kind(file: File) -> str:
    return file.mode[:3] or "100"


def _lines(text: bytes) -> bytes:
    """Text with plain line ends: a checkout for another system is no other content."""
    return text if b"\0" in text[:8000] else text.replace(b"\r\n", b"\n")
