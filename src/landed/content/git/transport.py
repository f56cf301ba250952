"""Asks a remote, with the user's own authentication and nothing executable of the repository's."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from landed.content.git import process
from landed.content.git.settings import Settings
from landed.core.errors import ProviderError
from landed.core.model import Frozen

_NEVER = (
    ("protocol.ext.allow", "never"),
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    # Otherwise a fetch would start git in the repository whose objects are borrowed.
    ("core.alternateRefsCommand", "true"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("fetch.prune", "false"),
    ("fetch.pruneTags", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("fetch.writeCommitGraph", "false"),
    ("transfer.bundleURI", "false"),
)
_OPTIONS = tuple(word for key, value in _NEVER for word in ("-c", f"{key}={value}"))
_GLOBALLY = {
    "core.sshcommand": "git config --global core.sshCommand '…'",
    "core.askpass": "git config --global core.askPass '…'",
    "core.gitproxy": "git config --global core.gitProxy '…'",
    "credential.helper": "git config --global credential.helper '…'",
}


class Answer(Frozen):
    """What a remote answered: its branches and tags, each with its commit, and its default ref."""

    refs: dict[str, str]
    head: str | None

    @property
    def branches(self) -> dict[str, str]:
        """The branches alone."""
        return {name: id_ for name, id_ in self.refs.items() if name.startswith("refs/heads/")}


class Caller(Frozen):
    """From where a remote is asked: the scratch repository, and a folder for relative URLs."""

    borrowed: dict[str, str]
    cwd: Path
    settings: Settings

    def environment(self) -> dict[str, str]:
        """The user's own environment and configuration, around the scratch repository."""
        env = {**process.asking(), **self.borrowed}
        # An empty program keeps a desktop's password window away; the user's own one stays.
        if "GIT_ASKPASS" not in env and not self.settings.user_has("core.askpass"):
            env["GIT_ASKPASS"] = ""
        return env

    def run(self, *arguments: str, seconds: float) -> process.Done:
        """Runs a git command that talks to a remote."""
        return process.run(
            *_OPTIONS, *arguments, env=self.environment(), cwd=self.cwd, seconds=seconds
        )


def ls_remote(caller: Caller, url: str, seconds: float) -> Answer:
    """Asks the remote for its refs. Raises ProviderError where it does not answer."""
    done = caller.run("ls-remote", "--symref", "--", url, seconds=seconds)
    if done.code:
        raise _refused(caller, url, done)
    refs: dict[str, str] = {}
    head = None
    for line in done.out.splitlines():
        value, _, name = os.fsdecode(line).partition("\t")
        if value.startswith("ref: "):
            head = value.removeprefix("ref: ") if name == "HEAD" else head
        elif name.startswith(("refs/heads/", "refs/tags/")):
            # A peeled tag follows its tag object and takes its place.
            refs[name.removesuffix("^{}")] = value
    return Answer(refs=refs, head=head)


def fetch(caller: Caller, url: str, wanted: Sequence[str], seconds: float) -> None:
    """Fetches ids or refs into the scratch repository; no ref is written.

    Raises ProviderError where the remote does not give them.
    """
    source = ["--", url]
    options: list[str] = []
    if caller.settings.partial:
        # Else git would take what the partial clone left at its remote for a broken history.
        for key, value in (
            ("promisor", "true"),
            ("partialCloneFilter", "blob:none"),
            ("url", url),
        ):
            options += ["-c", f"remote.landed.{key}={value}"]
        source = ["--", "landed"]
    done = caller.run(
        *options,
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-write-fetch-head",
        "--no-recurse-submodules",
        "--no-auto-maintenance",
        *source,
        *wanted,
        seconds=seconds,
    )
    if done.code:
        raise _refused(caller, url, done)


def push(caller: Caller, url: str, commit: str, ref: str, seconds: float) -> None:
    """Moves a ref of the remote forward to a commit: never back, and never another ref.

    Raises ProviderError where the remote refuses.
    """
    done = caller.run("push", "--quiet", "--", url, f"{commit}:{ref}", seconds=seconds)
    if done.code:
        raise _refused(caller, url, done)


def _refused(caller: Caller, url: str, done: process.Done) -> ProviderError:
    said = process.first_words(done.words) or f"git ended {done.code}"
    return ProviderError(f"{process.redact(url)} did not answer: {said}", _hint(caller, done.words))


def _hint(caller: Caller, words: str) -> str:
    keys = caller.settings.executable()
    if keys:
        moves = [_GLOBALLY[key] for key in keys if key in _GLOBALLY]
        mend = f"; where you trust it, say it globally: {', '.join(moves)}" if moves else ""
        return f"this repository configures {', '.join(keys)}, which landed does not run{mend}"
    lowered = words.lower()
    if "transport 'ext' not allowed" in lowered:
        return "the remote's URL would run a program; landed does not do that"
    if "dubious ownership" in lowered:
        return "where you trust it: git config --global --add safe.directory FOLDER"
    if "could not resolve host" in lowered:
        return "see that the host's name is right (git remote -v), and the network up"
    if "not appear to be a git repository" in lowered or "not found" in lowered:
        return "see that its address is right: git remote -v"
    if any(w in lowered for w in ("authentication", "could not read", "denied", "403", "401")):
        return "see that `git ls-remote` works without a prompt: a credential helper or ssh-agent"
    return "see whether `git ls-remote` reaches it from here"
