from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from landed import ship_wiring
from ship.driven import Time
from ship.harbour import Forks


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """Starts commands quickly."""
    folder: Path = tmp_path_factory.mktemp("commands")
    made = Forks(folder)
    yield made
    made.close()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """The time of watches."""
    made = Time()
    monkeypatch.setattr(ship_wiring, "now", made.now)
    return made
