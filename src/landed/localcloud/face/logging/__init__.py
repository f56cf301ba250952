"""Cloud Logging: the entries of jobs and services, and the language that chooses among them."""

from __future__ import annotations

from landed.localcloud.face.logging.entries import service

__all__ = ["service"]
