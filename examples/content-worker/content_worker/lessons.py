"""Lessons, made from a template."""

from pathlib import Path
from string import Template

from content_worker.message import Message

_TEMPLATE = Template((Path(__file__).parent / "templates" / "lesson.txt").read_text("utf-8"))


def write_lesson(message: Message) -> str:
    """Return the text of the lesson that `message` asks for."""
    audience = f"{message.user}, {message.organization}".removesuffix(", ")
    return _TEMPLATE.substitute(topic=message.topic, audience=audience)
