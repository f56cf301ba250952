"""Classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from content_worker.models.base import Base

if TYPE_CHECKING:
    from content_worker.models.school import School


class Class(Base):
    """A class of pupils in a school."""

    __tablename__ = "classes"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"))

    school: Mapped[School] = relationship(back_populates="classes")
