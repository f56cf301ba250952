"""Artifact Registry's images, and what Container Analysis knows of them."""

from __future__ import annotations

from datetime import datetime

from landed.core.model import learned
from landed.providers.gcp.shapes.part import Part


class DockerImage(Part):
    """An image of Artifact Registry."""

    uri: str
    upload_time: datetime
    update_time: datetime
    tags: tuple[str, ...] = ()


class Signature(Part):
    """A signature of an envelope."""

    sig: str
    keyid: str = ""


class Envelope(Part):
    """A DSSE envelope; `payload` is base64."""

    payload: str
    payload_type: str
    signatures: tuple[Signature, ...] = ()


class Occurrence(Part):
    """What Container Analysis knows of an image."""

    name: str
    kind: str
    resource_uri: str
    envelope: Envelope | None = None


class Occurrences(Part):
    """A page of occurrences. `unreachable` regions were not looked at."""

    occurrences: tuple[Occurrence, ...] = ()
    next_page_token: str = ""
    unreachable: tuple[str, ...] = ()


learned(DockerImage, Occurrences)
