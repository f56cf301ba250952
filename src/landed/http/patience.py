"""How long a server is waited for, and the watch that ends what takes longer."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Event, Thread
from time import monotonic
from typing import Any

from landed.core.model import Frozen

LEAST = 256 << 10
"""Bytes that a stream has to give within `Patience.stall` seconds of waiting, to be waited for."""


class Patience(Frozen):
    """Bounds on waiting, in seconds; `tries` counts the first one, and bounds a blob's resumptions.

    `stall` bounds the waiting for a whole small answer, or for the next `LEAST` bytes of a blob:
    `read` alone begins anew with every byte. `pause` is the first wait before another try, and
    doubles; a server's own Retry-After is honoured up to `longest`.
    """

    connect: float = 10.0
    read: float = 30.0
    stall: float = 60.0
    tries: int = 4
    pause: float = 0.4
    longest: float = 30.0
    helper: float = 30.0


class Watch:
    """Ends a connection that keeps its reader waiting: the reader then sees it break off.

    Only the waiting counts, and not what the reader does in between. A thread of its own, because
    a server that sends one byte of a header now and then keeps a read inside the library.
    """

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._seconds = self._left = seconds
        self._until: float | None = None
        self._gained = 0
        self._socket: socket.socket | None = None
        self._done = Event()
        Thread(target=self._look, daemon=True).start()

    def heed(self, _event: str, info: Mapping[str, Any]) -> None:
        """Learns of a new connection: httpx calls this for all that happens to a request."""
        extra: Callable[[str], Any] | None
        extra = getattr(info.get("return_value"), "get_extra_info", None)
        self._socket = (extra and extra("socket")) or self._socket

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """While this lasts, the clock runs."""
        self._until = monotonic() + self._left
        try:
            yield
        finally:
            self._left = max(0.0, self._until - monotonic())
            self._until = None

    def gained(self, size: int) -> None:
        """So many bytes have come: enough of them, and the clock begins anew."""
        self._gained += size
        if self._gained >= LEAST:
            self._gained, self._left = 0, self._seconds

    def end(self) -> None:
        """Nothing is watched any more."""
        self._done.set()

    def late(self) -> bool:
        """Whether somebody waits, and has waited too long."""
        until = self._until
        return until is not None and monotonic() > until

    def _look(self) -> None:
        while not self._done.wait(min(1.0, self._seconds / 10)):
            if self.late():
                self.over = True
                if self._socket:
                    # Shut and not closed: the number of a closed one may be another's already. By
                    # the base class: the one of TLS would forget its state under the reader.
                    with suppress(OSError):
                        socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
