"""The command line: one pass over the queue, `check` or `enqueue`."""

import argparse
import logging
import sys
from collections.abc import Sequence
from uuid import uuid4

from content_worker import logs
from content_worker.message import Message
from content_worker.queue import Queue
from content_worker.settings import Settings

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says, and return the exit code."""
    logs.set_up()
    options = _parser().parse_args(arguments)
    settings = Settings.from_environment()
    if options.command == "enqueue":
        queue = Queue(settings.queue)
        for _ in range(options.count):
            message = Message(uuid4(), options.topic, options.organization, options.user)
            queue.put(message)
            log.info(
                "request queued",
                extra={"event": "request_queued", "request_id": str(message.request_id)},
            )
        return 0

    # Imported late: `enqueue` needs no models, and a model that cannot be imported is
    # logged as JSON like every other failure.
    if options.command == "check":
        from content_worker import check  # noqa: PLC0415

        return check.run()
    from content_worker import worker  # noqa: PLC0415

    worker.run(settings)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="content_worker",
        description="Without a command: one pass over the queue.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("check", help="report every broken relationship of the models")
    enqueue = commands.add_parser("enqueue", help="put requests into the queue")
    enqueue.add_argument("topic")
    enqueue.add_argument("--organization", metavar="NAME", default="")
    enqueue.add_argument("--user", metavar="NAME", default="teacher")
    enqueue.add_argument("--count", metavar="N", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
