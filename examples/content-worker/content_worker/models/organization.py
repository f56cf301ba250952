"""Organizations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, relationship

from content_worker.models.base import Named

if TYPE_CHECKING:
    from content_worker.models.school import School
    from content_worker.models.user import User


class Organization(Named):
    """Who runs schools, and whose members ask for lessons."""

    __tablename__ = "organizations"

    schools: Mapped[list[School]] = relationship(back_populates="organization")
    members: Mapped[list[User]] = relationship(
        secondary="memberships", back_populates="organizations"
    )
