"""Normal work: entries that match a pattern of the settings.

The settings may be a stranger's, and so may the entries. Python's own `re` can take for ever over
a bad pattern; RE2 takes time in proportion to the text, whatever the pattern is. So no match is
ever cut short, and none has to be guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from landed.core.probe import LogLine

MAX_TEXT = 64 * 1024
"""Characters of an entry that are looked at. What would show behind them is not seen: no work."""
LARGEST = 10_000
"""Steps of a compiled pattern. A larger one is counted repeats in counted repeats: it would be
slow over a long text."""


class Expected:
    """The patterns of normal work. Raises ValueError for one that cannot be read."""

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self._patterns = [_compiled(pattern) for pattern in patterns]

    def __bool__(self) -> bool:
        """Whether anybody said what normal work looks like."""
        return bool(self._patterns)

    def shown_by(self, entry: LogLine) -> bool:
        """Whether the entry shows normal work: a pattern may end where its message does."""
        return self.seen_in(entry.text) or (entry.message != "" and self.seen_in(entry.message))

    def seen_in(self, text: str) -> bool:
        """Whether the text shows normal work."""
        data = text[:MAX_TEXT].removesuffix("\n").encode("utf-8", "replace")
        return any(pattern.search(data) for pattern in self._patterns)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> Any:
    import re2  # type: ignore[import-untyped] # noqa: PLC0415 - only who expects work needs it

    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    try:
        found = re2.compile(pattern, options=options)
    except re2.error as error:
        words = error.args[0]
        said = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
        raise ValueError(said) from error
    if found.programsize > LARGEST:
        raise ValueError("its counted repeats are too large")
    return found
