"""Who belongs to which organization: many to many."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from content_worker.models.base import Base


class Membership(Base):
    """A user's place in an organization."""

    __tablename__ = "memberships"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
