"""Artifact Registry: what the image store holds under the project's name, as Google tells it."""

from __future__ import annotations

from landed.localcloud.face.artifacts.api import service
from landed.localcloud.face.artifacts.docker import registry
from landed.localcloud.face.artifacts.notes import notes

__all__ = ["notes", "registry", "service"]
