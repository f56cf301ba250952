"""Runs git: bounded in time, without a terminal, and silent about credentials."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from typing import IO, cast

from landed.core import redact as secrets
from landed.core.errors import ProviderError
from landed.core.model import Frozen

LOCAL_SECONDS = 120.0

_RUNNING: set[subprocess.Popen[bytes]] = set()

_QUIET = {
    "LC_ALL": "C",
    "LANGUAGE": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "SSH_ASKPASS_REQUIRE": "never",
}
_OF_SOME_REPOSITORY = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_ATTR_SOURCE",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CURL_VERBOSE",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)


class Done(Frozen):
    """What a git command left: its exit code, its output, its words without credentials."""

    code: int
    out: bytes
    words: str


class _Process(subprocess.Popen[bytes]):
    """A process whose end is told by the kernel. With a timeout, Python would sleep, look and sleep
    again: a millisecond for each git, as long as many a git takes.
    """

    def wait(self, timeout: float | None = None) -> int:
        """Waits for its end. Raises TimeoutExpired where that does not come."""
        if timeout is not None and self.returncode is None and sys.platform == "linux":
            with suppress(OSError):
                ended = os.pidfd_open(self.pid)
                try:
                    looking = select.poll()
                    looking.register(ended, select.POLLIN)
                    looking.poll(max(timeout, 0) * 1000)
                finally:
                    os.close(ended)
        return super().wait(timeout)


class TookTooLongError(ProviderError):
    """A command did not end in its time and was ended, with all that it had started."""


def reading() -> dict[str, str]:
    """The environment of all local reading: nobody's configuration applies, only the scratch's."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k == "GIT_EXEC_PATH"}
    kept.update(_QUIET)
    kept.update(GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=os.devnull)
    return kept


def asking() -> dict[str, str]:
    """The environment of what the user's own configuration applies to."""
    kept = {
        k: v
        for k, v in os.environ.items()
        if k not in _OF_SOME_REPOSITORY and not k.startswith("GIT_TRACE")
    }
    kept.update(_QUIET)
    return kept


def run(
    *arguments: str | Path,
    env: Mapping[str, str],
    cwd: Path,
    given: bytes = b"",
    seconds: float = LOCAL_SECONDS,
) -> Done:
    """Runs git in a session of its own. Raises ProviderError where it cannot start or end."""
    command = ["git", *(str(a) for a in arguments)]
    if given:
        with TemporaryFile() as asked:
            # Through a pipe, 512 bytes at a time would go to git.
            asked.write(given)
            asked.seek(0)
            process = start(command, env=env, cwd=cwd, given=asked)
    else:
        process = start(command, env=env, cwd=cwd, given=subprocess.DEVNULL)
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        end(process)
        raise TookTooLongError(
            f"git {_verb(command)} did not answer within {seconds:g} s",
            "see whether it answers by hand, or allow more time",
        ) from error
    except BaseException:
        end(process)
        raise
    _RUNNING.discard(process)
    return Done(code=process.returncode, out=out, words=redact(err.decode("utf-8", "replace")))


@contextmanager
def stream(
    *arguments: str,
    env: Mapping[str, str],
    cwd: Path,
    given: bytes,
    seconds: float = LOCAL_SECONDS,
    needed: str = "",
    hint: str = "",
) -> Iterator[IO[bytes]]:
    """The output of git as it comes, for what may be larger than memory.

    With `needed`, what fails without it: raises ProviderError in git's own words where git, read
    to its end, did not succeed or took longer than `seconds`.
    """
    with TemporaryFile() as asked:
        asked.write(given)
        asked.seek(0)
        process = start(["git", *arguments], env=env, cwd=cwd, given=asked)
        clock = Timer(seconds, end, [process])
        clock.start()
        try:
            yield cast("IO[bytes]", process.stdout)
            if needed:
                words = redact(cast("IO[bytes]", process.stderr).read().decode("utf-8", "replace"))
                need(Done(code=process.wait(), out=b"", words=words), needed, hint)
        finally:
            clock.cancel()
            end(process)


def start(
    command: list[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    given: int | IO[bytes],
    words: int = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    """Starts a command in a session of its own; `given` is what it reads, `words` where its
    messages go.
    """
    try:
        process = _Process(
            command,
            env=env,
            cwd=cwd,
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=words,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        if not cwd.is_dir():
            raise ProviderError(f"{cwd} is gone", "run landed again in a folder that is") from error
        raise ProviderError("git is not installed", "install git 2.32 or newer") from error
    except OSError as error:
        raise ProviderError(f"git cannot be started: {error}") from error
    _RUNNING.add(process)
    return process


def end_all() -> None:
    """Ends every git that still runs: an interrupted landed must not wait for a silent remote, nor
    leave one behind.
    """
    for process in list(_RUNNING):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    _RUNNING.discard(process)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            with suppress(OSError):
                pipe.close()


def need(done: Done, doing: str, hint: str = "") -> bytes:
    """The output of a command that succeeded. Raises ProviderError with git's own words."""
    if done.code:
        raise ProviderError(f"{doing}: {first_words(done.words) or f'git ended {done.code}'}", hint)
    return done.out


_NO_ANSWER = "fatal: Could not read from remote repository."


def first_words(words: str) -> str:
    """The line of git's words that says most: where a transport failed, it said why before git."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    for line in lines:
        if line.startswith(("fatal:", "error:")) and line != _NO_ANSWER:
            return line.split(":", 1)[1].strip()
    return lines[0] if lines else ""


def redact(words: str) -> str:
    """Words without the credentials that URLs in them carry, or that stand there otherwise."""
    words = re.sub(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/'\"]*@", r"\1", words)
    words = re.sub(r"(://[^\s?'\"]*)\?[^\s'\"]+", r"\1?…", words)
    return secrets.redact(words)


def _verb(command: list[str]) -> str:
    rest = iter(command[1:])
    for word in rest:
        if word == "-c":
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return ""
