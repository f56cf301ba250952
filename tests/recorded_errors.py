"""The recorded errors of four languages: see `logs/errors/record.py`."""

from __future__ import annotations

import json
from pathlib import Path

RECORDED = Path(__file__).parent / "logs" / "errors" / "recorded"


def recorded() -> list[dict[str, str]]:
    """One dict a scenario: language, scenario, and the texts `one`, `same` and `next`."""
    return [
        {"language": file.stem, **json.loads(line)}
        for file in sorted(RECORDED.glob("*.jsonl"))
        for line in file.read_text().splitlines()
    ]
