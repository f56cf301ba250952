from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.workshop import Workshop
from localcloud.yard import isolation, yard

__all__ = ["isolation", "yard"]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.delenv("LANDED_ISOLATION", raising=False)
    return Workshop(tmp_path)
