"""What all of them share."""

from __future__ import annotations

from landed.core.model import Frozen, learned


class Part(Frozen, rename="camel"):
    """A part of an answer."""


class Permissions(Part):
    """Those of the permissions that were asked for which who asks has."""

    permissions: tuple[str, ...] = ()


learned(Permissions)
