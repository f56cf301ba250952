"""Bytes that come in pieces, taken in the amounts that a reader needs."""

from __future__ import annotations

from collections.abc import Iterator

from landed.core.errors import DataError


class Pieces:
    """Takes exactly so many bytes, or fails. `at` is how many were taken.

    `hint` goes with the error where the bytes end too early.
    """

    def __init__(self, source: Iterator[bytes], what: str, hint: str) -> None:
        self._source, self._what, self._hint = source, what, hint
        self._piece = memoryview(b"")
        self._next = 0
        self._before = 0

    @property
    def at(self) -> int:
        """How many bytes were taken."""
        return self._before + self._next

    def take(self, size: int) -> memoryview | bytes:
        """The next `size` bytes: a view where they lie in one piece. For what fits into memory."""
        end = self._next + size
        if end <= len(self._piece):
            found = self._piece[self._next : end]
            self._next = end
            return found
        return b"".join(self.stream(size))

    def stream(self, size: int) -> Iterator[memoryview]:
        """The next `size` bytes as they come. To be read to the end."""
        while size:
            if self._next == len(self._piece) and not self._more():
                raise DataError(f"{self._what} ends in the middle of a file", self._hint)
            part = self._piece[self._next : self._next + size]
            self._next += len(part)
            size -= len(part)
            yield part

    def skip(self, size: int) -> None:
        """Passes over the next `size` bytes."""
        end = self._next + size
        if end <= len(self._piece):
            self._next = end
            return
        for _ in self.stream(size):
            pass

    def ended(self) -> bool:
        """Whether nothing is left."""
        return self._next == len(self._piece) and not self._more()

    def rest(self) -> Iterator[memoryview]:
        """All that is left."""
        while not self.ended():
            part = self._piece[self._next :]
            self._next = len(self._piece)
            yield part

    def _more(self) -> bool:
        self._before += len(self._piece)
        self._next = 0
        self._piece = memoryview(b"")
        for piece in self._source:
            if piece:
                self._piece = memoryview(piece)
                return True
        return False
