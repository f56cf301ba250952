"""Where an image's bytes come from: a layout on disk, an archive, a registry."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import IO, Protocol


class Blobs(Protocol):
    """A place that holds blobs by digest. Nothing that it gives is trusted before its digest is.

    A digest reads `sha256:<64 hex>`; who reads a blob verifies it.
    """

    def manifest(self, digest: str) -> bytes:
        """A manifest's or an index's own bytes, bounded in size, and verified.

        Raises DataError where it is missing or altered, ProviderError where nobody answers.
        """

    def blob(self, digest: str) -> AbstractContextManager[IO[bytes]]:
        """A blob's own bytes (compressed, as they are stored), to be read forward once.

        Not verified: the reader hashes what it reads. Raises DataError where it is missing,
        ProviderError where nobody answers.
        """
