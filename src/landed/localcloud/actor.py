"""Who changes something in the cloud, as its records name them."""

from __future__ import annotations

import os
import socket


def actor() -> str:
    """The user of this process, at this machine."""
    return f"{os.environ.get('USER') or os.getuid()}@{socket.gethostname()}"
