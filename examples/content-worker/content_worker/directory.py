"""Who asks: the users, and the organizations that they belong to."""

from sqlalchemy.orm import Session

from content_worker.database import find_or_add
from content_worker.message import Message
from content_worker.models.organization import Organization
from content_worker.models.user import User


def find_user(session: Session, message: Message) -> User:
    """Return the user who sent `message`, as a member of the organization it names."""
    user = find_or_add(session, User, message.user)
    if message.organization:
        organization = find_or_add(session, Organization, message.organization)
        if organization not in user.organizations:
            user.organizations.append(organization)
    return user
