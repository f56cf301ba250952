from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ship.harbour import Forks


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """Starts commands quickly."""
    folder: Path = tmp_path_factory.mktemp("commands")
    made = Forks(folder)
    yield made
    made.close()
