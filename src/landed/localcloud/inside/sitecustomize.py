"""Runs inside of an execution: when Python ends, writes down where its modules came from.

This file is laid beside the execution; nothing else of landed is in there. Every Python process
writes a file of its own, those that the program starts as well.
"""

import atexit
import importlib
import json
import os
import sys


def _write(folder: str, process: int, script: str) -> None:
    if os.getpid() != process:
        return
    # A copy: what loads modules while it ends must not disturb the list.
    modules = list(sys.modules.items())
    origins = {name: getattr(module, "__file__", None) for name, module in modules}
    # Python takes the name of a script's file away before it ends.
    origins["__main__"] = origins.get("__main__") or script or None
    known = {name: origin for name, origin in origins.items() if isinstance(origin, str)}
    name = f"modules-{process}-{os.urandom(4).hex()}.json"
    with open(os.path.join(folder, name), "w", encoding="ascii") as file:  # noqa: PTH118, PTH123 - pathlib would be loaded for it
        json.dump(known, file)


def _step_aside() -> None:
    """The image may have a sitecustomize of its own: it runs as if this one were not there."""
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - likewise
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != here]  # noqa: PTH100 - likewise
    own = sys.modules.pop("sitecustomize", None)
    try:
        importlib.import_module("sitecustomize")
    except ImportError:
        if own is not None:
            sys.modules["sitecustomize"] = own


_folder = os.environ.get("LANDED_MODULES")
if _folder:
    _first = sys.argv[0] if sys.argv else ""
    _script = os.path.abspath(_first) if os.path.isfile(_first) else ""  # noqa: PTH100, PTH113 - likewise
    atexit.register(_write, _folder, os.getpid(), _script)
_step_aside()
