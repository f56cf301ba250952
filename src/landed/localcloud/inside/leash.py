"""Runs a program and ends with it; and ends it, with all of its group, when whoever holds the other
end of the pipe on standard input is gone.

Where nothing isolates an execution, this is what keeps it from outliving its supervisor. It is
started by its path, with nothing of landed on the way.
"""

import os
import select
import signal
import subprocess
import sys


def _main(command: list[str]) -> None:
    ended, tell = os.pipe()
    signal.signal(signal.SIGCHLD, lambda *_: os.write(tell, b"."))
    try:
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.exit(127)
    while program.poll() is None:
        ready, _, _ = select.select([0, ended], [], [])
        if 0 in ready:
            break
        os.read(ended, 1)
    code = program.poll()
    if code is not None and code >= 0:
        os._exit(code)
    os.killpg(0, signal.SIGKILL) if code is None else os.kill(os.getpid(), -code)
    os._exit(128 - (code or -signal.SIGKILL))


_main(sys.argv[1:])
