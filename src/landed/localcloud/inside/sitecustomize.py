"""Runs inside of an execution: when Python ends, writes down where its modules came from.

This file is copied beside the execution; nothing else of landed is in there.
"""

import atexit
import json
import os
import sys


def _write(path: str, process: int) -> None:
    if os.getpid() != process:
        return
    # A copy: what loads modules while it ends must not disturb the list.
    modules = list(sys.modules.items())
    origins = {name: getattr(module, "__file__", None) for name, module in modules}
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would be loaded for it
        json.dump({name: origin for name, origin in origins.items() if origin}, file)


_path = os.environ.pop("LANDED_MODULES", None)
if _path:
    atexit.register(_write, _path, os.getpid())
