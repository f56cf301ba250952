from __future__ import annotations

from collections.abc import Iterator

import pytest

from providers.gcp.google import Google
from providers.oci.faults import Faults


@pytest.fixture
def google() -> Iterator[Google]:
    """A small Google with one healthy chain."""
    with Faults() as server:
        yield Google(server)
