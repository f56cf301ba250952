"""A repository's index as it is now: made once, brought up to date in parts, safe with others."""

from __future__ import annotations

import fcntl
import hashlib
import time
from binascii import unhexlify
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import structs

from landed.content.identify import index_file
from landed.content.identify.index import Index, built, extended
from landed.content.identify.refs import Tips, listed, tips
from landed.content.identify.walk import walk
from landed.content.repo import Repository
from landed.core.errors import ProviderError, UsageError
from landed.core.model import Frozen

_WAIT = 600.0
_MANY = 5
"""An index is made anew where more than one in so many commits is new, or gone."""

Say = Callable[[str], None]


class History(Frozen):
    """The index, and which of its commits (a mask by number) no ref has any more."""

    index: Index
    gone: Any


def place(repository: Repository, cache: Path) -> Path:
    """Where the index of this repository is kept."""
    where = str(repository.place.common_dir.resolve())
    return (
        cache
        / "history"
        / hashlib.sha256(where.encode("utf-8", "surrogateescape")).hexdigest()[:24]
    )


def kept(repository: Repository, cache: Path) -> bool:
    """Whether there is an index, so that nobody has to wait for one."""
    return place(repository, cache).is_file()


def history(repository: Repository, cache: Path, say: Say) -> History:
    """The index of this very moment. Raises ProviderError where the history cannot be read."""
    path = place(repository, cache)
    with ThreadPoolExecutor(1) as aside:
        refs = aside.submit(listed, repository)
        found = _current(repository, index_file.load(path), refs.result)
    if found is not None:
        return found
    if not refs.result():
        raise UsageError("this repository has no commits yet", "commit something first")
    with _alone(path):
        # Somebody else may have made it while this one waited.
        index = index_file.load(path)
        found = _current(repository, index)
        if found is not None:
            return found
        index = _renewed(repository, index, say)
        index_file.save(index, path)
    return _current(repository, index) or History(index=index, gone=np.zeros(index.commits, bool))


def _current(
    repository: Repository, index: Index | None, refs: Callable[[], bytes | None] = lambda: None
) -> History | None:
    """The index where it knows all tips; None where it has to be renewed first. `refs` gives what
    they were when they were listed.
    """
    if index is None:
        return None
    now = tips(repository, index.by_id, refs())
    if now.unknown:
        return None
    unreached = _unreached(repository, index, now)
    if unreached is None or len(unreached) * _MANY > index.commits:
        return None
    gone = np.zeros(index.commits, bool)
    gone[unreached] = True
    return History(index=index, gone=gone)


def _unreached(repository: Repository, index: Index, now: Tips) -> Any:
    """The numbers of the commits that only refs of before had; None where they are not here."""
    there = np.zeros(index.commits, bool)
    there[now.known] = True
    left = index.tips[~there[index.tips]]
    if not len(left):
        return left
    given = [index.id(int(number)) for number in left]
    given += [f"^{index.id(int(number))}" for number in now.known]
    given += [f"^{id_.hex()}" for id_ in now.unknown]
    done = repository.git("rev-list", "--stdin", given="\n".join(given).encode())
    if done.code:
        return None
    numbers = index.numbers([unhexlify(id_) for id_ in done.out.split()])
    return numbers[numbers >= 0]


def _renewed(repository: Repository, index: Index | None, say: Say) -> Index:
    """The index with what is new, or made from the beginning where that is no more work."""
    if index is not None:
        now = tips(repository, index.by_id)
        unreached = _unreached(repository, index, now)
        if now.unknown and unreached is not None and len(unreached) * _MANY < index.commits:
            fresh = [id_.hex() for id_ in now.unknown]
            walked = walk(repository, fresh, [index.id(int(number)) for number in index.tips])
            if len(walked.ids) * _MANY < index.commits:
                # Tips that no ref leads to any more are remembered: they say what is gone.
                left = np.intersect1d(index.tips, unreached).tolist()
                grown = extended(index, walked)
                return with_tips(repository, grown, [bytes(index.ids[n]) for n in left])
    say("reading the whole history, once; the next time is quick")
    return with_tips(repository, built(walk(repository, [], [])), [])


def with_tips(repository: Repository, index: Index, left: Sequence[bytes]) -> Index:
    """The index, with the commits that refs point to now, and those that they left."""
    rows = np.concatenate((tips(repository, index.by_id).known, index.numbers(left)))
    return structs.replace(index, tips=np.unique(rows).astype(np.uint32))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time makes an index; others wait for it, for some minutes."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = path.with_suffix(".lock").open("a")
    except OSError as error:
        raise ProviderError(
            f"the index of this history cannot be kept in {path.parent}: {error.strerror}",
            "name a folder where landed may write: XDG_CACHE_HOME=/absolute/path",
        ) from error
    with opened as lock:
        ends = time.monotonic() + _WAIT
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > ends:
                    raise ProviderError(
                        "another landed has been reading this history for ten minutes",
                        "end it, and try again",
                    ) from None
                time.sleep(0.1)
        yield
