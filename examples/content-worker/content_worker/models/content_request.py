"""Requests for lessons."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from content_worker.models.base import Base

if TYPE_CHECKING:
    from content_worker.models.user import User


class ContentRequest(Base):
    """A request for a lesson on `topic`, and the lesson once it is done."""

    __tablename__ = "content_requests"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20), default="open")
    lesson: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    user: Mapped[User] = relationship(back_populates="requests")

    def complete(self, lesson: str) -> None:
        """Store the lesson, which settles the request."""
        self.lesson = lesson
        self.status = "done"
        self.done_at = datetime.now(UTC)
