"""Schools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from content_worker.models.base import Base

if TYPE_CHECKING:
    from content_worker.models.class_ import Class
    from content_worker.models.organization import Organization


class School(Base):
    """A school of an organization."""

    __tablename__ = "schools"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))

    organization: Mapped[Organization] = relationship(back_populates="schools")
    classes: Mapped[list[Class]] = relationship(back_populates="school")
