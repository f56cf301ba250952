"""Organizations."""

from sqlalchemy.orm import relationship

from content_worker.models.base import Named


class Organization(Named):
    """Who runs schools, and whose members ask for lessons."""

    __tablename__ = "organizations"

    feature_flags = relationship("FeatureFlag", back_populates="organization")
