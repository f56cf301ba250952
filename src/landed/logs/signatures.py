"""Words of known errors, looked for in many entries at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate

from landed.core.probe import LogLine

CHUNK = 4 << 20
"""Bytes that are searched in one go: so much memory it takes, however long a log is."""
_BETWEEN = b"\0"


class Signatures:
    """Words of errors, each with the error's name; an empty one is in no entry."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = {words: name for words, name in names.items() if words}
        wanted = [words.encode("utf-8", "surrogatepass") for words in self._names]
        self._search = search_for(wanted) if wanted else None

    def names(self, entries: Sequence[LogLine]) -> list[str | None]:
        """For each entry the name of the first error whose words stand in it, however it is
        logged: turning an error's severity down does not mend it.
        """
        found: list[str | None] = [None] * len(entries)
        if self._search is None:
            return found
        for first, parts in _chunks(entries):
            begins = [0, *accumulate(len(part) + 1 for part in parts)]
            ends = self._search(_BETWEEN.join(parts))
            for place in {bisect_right(begins, end - 1) - 1 for end in ends}:
                found[first + place] = self._first(parts[place])
        return found

    def _first(self, data: bytes) -> str | None:
        # Which words they were is asked again: the first that was named counts.
        text = data.decode("utf-8", "surrogatepass")
        return next((name for words, name in self._names.items() if words in text), None)


def search_for(words: Sequence[bytes]) -> Callable[[bytes], set[int]]:
    """Where any of the words ends in some bytes."""
    import hyperscan  # noqa: PLC0415 - only who names errors needs it

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=words, elements=len(words), literal=True)

    def search(data: bytes) -> set[int]:
        ends: set[int] = set()
        database.scan(data, match_event_handler=lambda _id, _begin, end, *_: ends.add(end))
        return ends

    return search


def _chunks(entries: Sequence[LogLine]) -> Iterator[tuple[int, list[bytes]]]:
    """The bytes of entries, some MiB at a time, with the number of the first of them."""
    first, size = 0, 0
    parts: list[bytes] = []
    for number, entry in enumerate(entries):
        said = f"{entry.text}\n{entry.fields}" if entry.fields else entry.text
        parts.append(said.encode("utf-8", "surrogatepass"))
        size += len(parts[-1])
        if size >= CHUNK:
            yield first, parts
            first, size, parts = number + 1, 0, []
    if parts:
        yield first, parts
