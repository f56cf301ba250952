"""Mutants that neither the table nor the sample notices, each with the reason."""

from __future__ import annotations

SURVIVORS: dict[tuple[str, str, str], str] = {}
