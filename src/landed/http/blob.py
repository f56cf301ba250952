"""A blob as it comes, taken up again where its connection breaks."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from landed.core.errors import ProviderError
from landed.http.failures import BrokenOffError
from landed.http.transport import Answer

_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(?:\d{1,18}|\*)")

Opened = Callable[[int], AbstractContextManager[Answer]]
"""Opens a blob from this byte on; refusals are raised."""


class Blob(io.RawIOBase):
    """A blob's bytes, read forward once. Who reads them verifies them.

    After `tries` breaks in all, or where a server gives no parts, the break is raised: a
    ProviderError, and never an early end.
    """

    def __init__(self, opened: Opened, tries: int) -> None:
        super().__init__()
        self._opened = opened
        self._left = tries
        self._read = 0
        self._rest = b""
        self._held = ExitStack()
        self._chunks = self._from(0)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fills a writable buffer as far as one chunk goes; 0 at the end."""
        if not self._rest:
            self._rest = self._next()
        part = self._rest[: len(buffer)]
        buffer[: len(part)] = part
        self._rest = self._rest[len(part) :]
        return len(part)

    def close(self) -> None:
        """Ends the connection."""
        self._held.close()
        super().close()

    def _next(self) -> bytes:
        while True:
            try:
                chunk = next(self._chunks, b"")
            except BrokenOffError:
                self._left -= 1
                if self._left <= 0:
                    raise
                self._chunks = self._from(self._read)
                continue
            self._read += len(chunk)
            return chunk

    def _from(self, start: int) -> Iterator[bytes]:
        self._held.close()
        answer = self._held.enter_context(self._opened(start))
        if start:
            part = _RANGE.fullmatch(answer.headers.get("content-range", ""))
            if answer.status != 206 or not part or int(part[1]) != start:
                raise ProviderError(
                    f"{answer.host} broke off after {start} bytes, and gives no parts",
                    "ask again",
                )
        return answer.chunks()
