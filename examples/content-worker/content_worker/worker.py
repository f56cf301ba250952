"""The work: one pass over the queue."""

import logging
from collections import Counter

from sqlalchemy.orm import Session, sessionmaker

from content_worker.database import connect
from content_worker.directory import find_user
from content_worker.lessons import write_lesson
from content_worker.message import MalformedMessageError, Message
from content_worker.models.content_request import ContentRequest
from content_worker.queue import Claim, Queue, claim
from content_worker.settings import Settings

log = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Try each waiting message once. Whether a request fails is no matter of the run's success."""
    log.info("content worker started", extra={"event": "worker_started"})
    queue = Queue(settings.queue)
    sessions = connect(settings.database_url)
    waiting = queue.waiting()
    if not waiting:
        log.info("queue is empty", extra={"event": "queue_empty"})
        return
    results: Counter[str] = Counter(done=0, failed=0, aside=0)
    for path in waiting:
        with claim(path) as claimed:
            if claimed is not None:
                results[_handle(claimed, sessions)] += 1
    log.info("pass finished", extra={"event": "pass_finished", **results})


def _handle(claimed: Claim, sessions: sessionmaker[Session]) -> str:
    """Work on one message, acknowledge it where that settled it, and say how it went."""
    try:
        message = Message.parse(claimed.content)
    except MalformedMessageError as error:
        log.warning(
            "message set aside: %s",
            error,
            extra={"event": "message_set_aside", "file": claimed.path.name},
        )
        claimed.acknowledge("aside")
        return "aside"

    request_id = str(message.request_id)
    try:
        with sessions.begin() as session:
            is_new = _fulfil(session, message)
    except Exception:
        # It stays in the inbox for the next run, and the other requests get their turn.
        log.exception("request failed", extra={"event": "request_failed", "request_id": request_id})
        return "failed"

    if is_new:
        log.info("lesson generated", extra={"event": "lesson_generated", "request_id": request_id})
    else:
        # A run before this one was killed after it stored the lesson.
        log.info(
            "request was done before", extra={"event": "request_repeated", "request_id": request_id}
        )
    claimed.acknowledge("done")
    return "done"


def _fulfil(session: Session, message: Message) -> bool:
    """Store the lesson that `message` asks for; False where it is stored already."""
    user = find_user(session, message)
    if session.get(ContentRequest, message.request_id) is not None:
        return False
    request = ContentRequest(id=message.request_id, topic=message.topic, user=user)
    request.complete(write_lesson(message))
    session.add(request)
    return True
