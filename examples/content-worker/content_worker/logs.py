"""Logs as Cloud Logging reads them: one JSON object a line, on standard output."""

import json
import logging
import sys
from datetime import UTC, datetime
from types import TracebackType

# What every record has. Whatever else stands in one came from `extra=`.
_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}


class CloudFormatter(logging.Formatter):
    """Writes a record as one JSON object, with the names that Cloud Logging gives a meaning.

    A traceback follows the message within `message`: there Error Reporting looks for it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for `record`."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        entry = {
            "severity": record.levelname,
            "message": super().format(record),
            "time": time.replace("+00:00", "Z"),
        }
        extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        return json.dumps(entry | extra, default=str)


def set_up() -> None:
    """Send all logs, Python's warnings and the last words of a crash to standard output."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(CloudFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_crash


def _log_crash(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
        return
    logging.getLogger(__name__).critical(
        "content worker failed",
        exc_info=(kind, error, traceback),
        extra={"event": "worker_failed"},
    )
