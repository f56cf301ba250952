"""Probes, chain and diagnoses put together: from a commit to a verdict.

`gather` asks every station, side by side where it waits; `landed.core.judge` decides.
"""
