"""Run by gcloud's own start script in the place of `gcloud.py`: loads it once, forks per command.

It runs in gcloud's Python, and gets its commands as lines of JSON on stdin. A start of gcloud is
0.7 s of work, and most of that is loading.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any


def become(gcloud: Any, given: dict[str, Any]) -> int:
    """In the fork: what a process that was started like this would do. Its exit code."""
    for number, place in enumerate((os.devnull, given["out"], given["err"])):
        opened = os.open(place, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, number)
    sys.stdin = os.fdopen(0, closefd=False)
    os.chdir(given["cwd"])
    os.environ.clear()
    os.environ.update(given["env"])
    sys.argv[1:] = given["arguments"]
    code: Any = 1
    try:
        gcloud.main()
    except SystemExit as ended:
        code = ended.code
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else bool(code)


def serve() -> None:
    """Forks for each line; answers with the exit code."""
    sys.argv[:] = sys.argv[1:]
    sys.path[0] = os.path.dirname(sys.argv[0])  # noqa: PTH120 - before anything is loaded
    gcloud = importlib.import_module("gcloud")
    gcloud._import_gcloud_main()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            code = 1
            try:
                code = become(gcloud, json.loads(line))
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - it is the answer


serve()
