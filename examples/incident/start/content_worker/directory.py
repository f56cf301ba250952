"""Who asks: the users."""

from sqlalchemy.orm import Session

from content_worker.database import find_or_add
from content_worker.message import Message
from content_worker.models.user import User


def find_user(session: Session, message: Message) -> User:
    """Return the user who sent `message`."""
    return find_or_add(session, User, message.user)
