"""The entry point: finds the command, and turns every failure into one line with a hint."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import Any, NoReturn

import click

from landed import __version__
from landed.cli.lazy import Lazy
from landed.core.errors import LandedError, ProviderError

_GARBAGE = 50_000
"""After how many new objects the first look for garbage. Nearly all that a command loads stays: at
Python's 700 the looking is a third of the time that loading takes.
"""
COMMANDS = {
    "check": "before the build: is it committed, is it pushed",
    "trace": "follow a commit to the running process, and name the first broken link",
    "run": "run a command, then trace what became of it",
    "identify": "which commit a folder, archive or image is, by content alone",
    "ship": "bring a commit out: check, build, prove, deploy by digest, execute, read its logs",
    "report": "the handoff report of a shipment, with timeline and diagram",
    "watch": "the watch over what was shipped: fixes, checkpoints, verdict",
    "worker": "carry out shipments and watches, beside other workers",
    "where": "in which environments a commit is",
    "errors": "which errors were logged, on which image, and how to name one",
    "log": "what was traced, shipped and watched",
    "verify-ledger": "prove that nobody changed the ledger",
    "explain": "what a diagnosis means, and what mends it",
    "gate": "inside a builder: this folder is that commit, or fail the build",
    "init": "write a landed.toml for this repository",
    "cloud": "the local cloud: build, deploy, execute, request, logs",
    "demo": "the incident, replayed on this machine",
}


@click.command(
    cls=Lazy,
    package="landed.cli",
    known=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="%(version)s")
def landed() -> None:
    """Proves that the code you committed is the code that runs.

    Where it is not, names the first broken link, with the evidence and the command that mends it.
    """


def run() -> None:
    """Runs the command line and ends the process. 0 proved, 1 broken, 2 usage, 3 cannot tell, 4
    a provider or the tool failed.
    """
    # A pipe that closes early (`landed log | head`) ends the process quietly.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    _open_streams()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupted)
    gc.set_threshold(_GARBAGE)
    arguments = sys.argv[1:]
    try:
        code = _call(arguments)
    except KeyboardInterrupt as interrupt:
        click.echo("landed: stopped", err=True)
        code = 128 + next(iter(interrupt.args), signal.SIGINT)
    _leave(code)


def _open_streams() -> None:
    """What whoever started us has closed leads nowhere, instead of into the next file we open."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            from pathlib import Path  # noqa: PLC0415 - few close a stream, and everybody waits

            stream = Path(os.devnull).open("r+", encoding="utf-8")  # noqa: SIM115 - to the end
            setattr(sys, name, stream)


def _leave(code: int) -> NoReturn:
    """Ends the process without taking the interpreter apart, which costs a tenth of a second. Where
    a thread is to be waited for, Python ends it. A success whose last words cannot be written is
    none.
    """
    others = (one for one in threading.enumerate() if one is not threading.main_thread())
    if all(one.daemon for one in others):
        atexit._run_exitfuncs()  # noqa: SLF001 - Python has no other name for it
        try:
            flush()
        except OSError:
            code = code or ProviderError.exit_code
        os._exit(code)
    sys.exit(code)


def flush() -> None:
    """Writes the last words. Raises OSError where they cannot be written."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def _interrupted(number: int, _frame: object) -> None:
    """Ends what is being waited for, then the command, and takes away what it has made for itself:
    at a plain `kill` as at Ctrl-C. git is only there if it was asked.
    """
    git = sys.modules.get("landed.content.git.process")
    if git is not None:
        git.end_all()
    raise KeyboardInterrupt(number)


def _call(arguments: list[str]) -> int:
    # What stands behind `--` belongs to another command.
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    as_json = "--json" in own
    color = False if os.environ.get("NO_COLOR") else True if os.environ.get("FORCE_COLOR") else None
    try:
        result: Any = landed.main(arguments, "landed", standalone_mode=False, color=color)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.exceptions.Abort as abort:
        # click has its own for it, and keeps which one it was.
        raise KeyboardInterrupt(*getattr(abort.__cause__, "args", ())) from None
    except click.exceptions.NoArgsIsHelpError as error:
        # Its message is the whole help, and no sentence.
        click.echo(error.format_message(), err=True)
        return error.exit_code
    except click.ClickException as error:
        hint = "`landed --help` shows how"
        if isinstance(error, click.UsageError) and error.ctx:
            hint = f"`{error.ctx.command_path} --help` shows how"
        return _failed(error.format_message(), hint, error.exit_code, as_json=as_json)
    except LandedError as error:
        return _failed(error.message, error.hint, error.exit_code, as_json=as_json)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        hint = "free some room and try again" if full else "check the path and its permissions"
        return _failed(_disk(error), hint, ProviderError.exit_code, as_json=as_json)
    except Exception as error:
        if os.environ.get("LANDED_DEBUG"):
            raise
        return _failed(
            f"a bug in landed: {type(error).__name__}: {error}",
            "LANDED_DEBUG=1 shows where; please report it",
            ProviderError.exit_code,
            as_json=as_json,
        )
    return result if isinstance(result, int) else 0


def leave(error: LandedError, *, as_json: bool) -> NoReturn:
    """Says what went wrong, and ends the process at once: nothing under way may go on."""
    code = _failed(error.message, error.hint, error.exit_code, as_json=as_json)
    with suppress(OSError):
        flush()
    os._exit(code)


def _disk(error: OSError) -> str:
    # Of a copy the second one is where it was to go.
    name = error.filename2 or error.filename
    where = f": {name}" if name else ""
    return f"{error.strerror or error}{where}"


def _failed(message: str, hint: str, code: int, *, as_json: bool) -> int:
    """One line that says what went wrong, one that says what to do."""
    from landed.render.document import encode, plain  # noqa: PLC0415 - only failures need it

    words = " ".join(str(plain(message)).split())
    if as_json:
        document = {"schema": "landed/error/v1", "error": words, "hint": hint, "exit_code": code}
        # Where there is no room for it, the exit code says it still.
        with suppress(OSError):
            click.echo(encode(document))
    with suppress(OSError):
        click.echo(f"landed: {words}", err=True)
        if hint:
            click.echo(f"  hint: {plain(hint)}", err=True)
    return code
