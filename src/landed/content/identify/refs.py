"""Where a repository's history begins to be read."""

from __future__ import annotations

from binascii import unhexlify
from collections.abc import Sequence

from landed.content.git.process import need
from landed.content.identify.ids import ById
from landed.content.repo import Repository

NO_HISTORY = ("--exclude=refs/stash", "--exclude=refs/notes/*", "--exclude=refs/replace/*")
"""Notes and the stash are commits, and no history of the code."""


def tips(repository: Repository, by_id: ById | None = None) -> list[bytes]:
    """The commits that refs point to, and HEAD; notes and the stash left out.

    What `by_id` finds is a commit, and is not looked at again: there may be many thousands.
    """
    listed = repository.git("rev-parse", *NO_HISTORY, "--all")
    named = set(need(listed, "the refs cannot be listed").split())
    named |= {head.encode() for head in (repository.head()[0],) if head}
    ids = [unhexlify(id_) for id_ in sorted(named)]
    if by_id is None:
        return _peeled(repository, ids)
    numbers = by_id.numbers(ids)
    known = [id_ for id_, number in zip(ids, numbers, strict=True) if number >= 0]
    return known + _peeled(repository, [id_ for id_, n in zip(ids, numbers, strict=True) if n < 0])


def _peeled(repository: Repository, ids: Sequence[bytes]) -> list[bytes]:
    """The commits among these objects, and those that tags among them name."""
    given = "".join(f"{id_.hex()}^{{commit}}\n" for id_ in ids).encode()
    done = repository.git("cat-file", "--batch-check=%(objecttype) %(objectname)", given=given)
    lines = need(done, "the refs cannot be read").split(b"\n") if ids else []
    return [unhexlify(line[7:]) for line in lines if line.startswith(b"commit ")]
