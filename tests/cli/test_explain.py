"""The page of a diagnosis on terminals of any width."""

from __future__ import annotations

import pytest

from landed.cli.explain import laid, page
from landed.diagnoses import DIAGNOSES


@pytest.mark.parametrize("columns", [50, 80, 120])
@pytest.mark.parametrize("name", [one.id for one in DIAGNOSES])
def test_a_page_fits_and_loses_no_word(name: str, columns: int) -> None:
    text = page(name)
    told = laid(text, columns)
    assert told.split() == text.split()
    prose = [line for line in told.splitlines() if not line.startswith((" ", "#", "|"))]
    assert all(len(line) <= columns for line in prose)
    copied = [line for line in text.splitlines() if line.startswith("    ")]
    assert all(line in told.splitlines() for line in copied)
