"""Users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, relationship

from content_worker.models.base import Named

if TYPE_CHECKING:
    from content_worker.models.content_request import ContentRequest


class User(Named):
    """Who asks for lessons, by sign-in name."""

    __tablename__ = "users"

    requests: Mapped[list[ContentRequest]] = relationship(back_populates="user")
