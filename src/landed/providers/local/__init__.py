"""The local cloud as a provider: what its records and its store show."""

from landed.providers.local.view import LocalView

__all__ = ["LocalView"]
