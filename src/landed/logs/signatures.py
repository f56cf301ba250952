"""Words of known errors, looked for in many entries at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from landed.core.probe import LogLine

CHUNK = 4 << 20
"""Characters that are searched in one go: so much memory it takes, however long a log is."""
_BETWEEN = "\0"


class Signatures:
    """Words of errors, each with the error's name; an empty one is in no entry."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = {words: name for words, name in names.items() if words}
        # In another field of a structured entry they stand as JSON writes them.
        self._names |= {json.dumps(w, ensure_ascii=False)[1:-1]: n for w, n in self._names.items()}
        wanted = [words.encode("utf-8", "surrogatepass") for words in self._names]
        self._search = search_for(wanted) if wanted else None

    def names(self, entries: Sequence[LogLine]) -> list[str | None]:
        """For each entry the name of the first error whose words stand in it, however it is
        logged: turning an error's severity down does not mend it.
        """
        found: list[str | None] = [None] * len(entries)
        if self._search is None:
            return found
        first = 0
        for texts in _chunks(entries):
            for place in _places(self._search, texts):
                # Which words they were is asked again: the first that was named counts.
                words = (words for words in self._names if words in texts[place])
                found[first + place] = next((self._names[one] for one in words), None)
            first += len(texts)
        return found


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


def _places(search: Callable[[bytes], set[int]], texts: Sequence[str]) -> set[int]:
    """Which of the texts hold any of the words."""
    joined = _BETWEEN.join(texts)
    if joined.count(_BETWEEN) != len(texts) - 1:
        joined = _BETWEEN.join([text.replace(_BETWEEN, " ") for text in texts])
    data, between = joined.encode("utf-8", "surrogatepass"), _BETWEEN.encode()
    found: set[int] = set()
    place, at = 0, 0
    for end in sorted(search(data)):
        place += data.count(between, at, end)
        found.add(place)
        at = end
    return found


def _chunks(entries: Sequence[LogLine]) -> Iterator[list[str]]:
    """The texts of entries, some MiB at a time."""
    texts: list[str] = []
    size = 0
    for entry in entries:
        text = f"{entry.text}\n{entry.fields}" if entry.fields else entry.text
        texts.append(text)
        size += len(text)
        if size >= CHUNK:
            yield texts
            texts, size = [], 0
    if texts:
        yield texts
