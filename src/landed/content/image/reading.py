"""Several things read side by side, and handed on in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from threading import Event
from typing import TypeVar

FROM_AFAR = 4
"""How many layers are read side by side where each has to be asked for; some MiB each."""
Wanted = TypeVar("Wanted")
Found = TypeVar("Found")


def side_by_side(
    read: Callable[[Wanted, Callable[[], bool]], Found], wanted: Sequence[Wanted], at_once: int
) -> Generator[Found, None, None]:
    """What `read` makes of each, in order. At most `at_once` are being read, or read and not yet
    taken: that bounds the memory. Where one fails, or nobody takes any more, the others are told
    so, and end. One at a time is read where it is taken: then there is nothing to wait for.
    """
    stopped = Event()
    if at_once == 1:
        yield from (read(one, stopped.is_set) for one in wanted)
        return
    left = iter(wanted)
    with ThreadPoolExecutor(at_once) as pool:
        coming = deque(pool.submit(read, one, stopped.is_set) for one in islice(left, at_once))
        try:
            while coming:
                yield coming[0].result()
                coming.popleft()
                coming.extend(pool.submit(read, one, stopped.is_set) for one in islice(left, 1))
        finally:
            stopped.set()
            for one in coming:
                one.cancel()
