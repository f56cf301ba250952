"""Cloud Storage: buckets and objects."""

from __future__ import annotations

from landed.core.model import learned
from landed.providers.gcp.shapes.part import Part


class Stored(Part):
    """An object of Cloud Storage."""

    bucket: str = ""
    object: str = ""
    generation: str = ""


class Object(Part):
    """An object's record. `md5_hash` is base64."""

    name: str
    generation: str
    md5_hash: str = ""


class Objects(Part):
    """A page of objects."""

    items: tuple[Object, ...] = ()


class Bucket(Part):
    """A bucket."""

    name: str


class Buckets(Part):
    """A page of buckets."""

    items: tuple[Bucket, ...] = ()


learned(Buckets, Objects)
