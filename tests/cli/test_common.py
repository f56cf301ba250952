"""What commands show while they wait."""

from __future__ import annotations

import pytest
from rich.console import Console
from rich.status import Status

from landed.cli.common import beside_spinner


@pytest.mark.parametrize(
    "words", ["short", f"$ landed cloud deploy --image w@sha256:{'a' * 64}", "[x]"]
)
def test_a_spinner_takes_one_line_else_it_erases_what_is_above_it(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    console = Console(width=60, force_terminal=True)
    lines = console.render_lines(Status(beside_spinner(words), console=console).renderable)
    assert len(lines) == 1
    assert words[:20] in "".join(segment.text for segment in lines[0])
