"""How the demo looks on a terminal. That it goes as it is told: `tests/docs`."""

from __future__ import annotations

import io
import re
import sys

import pytest

from landed.cli.common import Speech
from landed.cli.demo import _Teller


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_no_spinner_is_left_in_front_of_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(sys, "stderr", screen)
    told = _Teller(Speech(json=False, quiet=False, config_path=None))
    with told.busy("watching"):
        told.output("one")
        told.output("two")
    written = screen.getvalue()
    assert "watching" in written
    for said in ("one", "two"):
        line = re.split(r"\n|\x1b\[2K", written.partition(f"  {said}\n")[0])[-1]
        assert not line.strip(), line
