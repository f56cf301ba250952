"""The steps that the local cloud can do: docker, git, the gate, and a command in an image of its
own, which it runs as it runs executions. Nothing else is executed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from landed.content.image.reference import DIGEST, LATEST
from landed.core.errors import LandedError, UsageError
from landed.core.redact import redact
from landed.localcloud.cloudbuild.clones import Clones
from landed.localcloud.cloudbuild.config import Step
from landed.localcloud.cloudbuild.words import Command, Options, commands, gate, pairs
from landed.localcloud.cloudbuild.workspace import Workspace, inside
from landed.localcloud.images import Images, Name, parse
from landed.localcloud.imaging import Imaging, Made, Order, spread
from landed.localcloud.records import SourceRecord

GATE_SECONDS = 300
_MOST_OUTPUT = 64 << 10
_DOCKER = {
    "-t": "tag", "--tag": "tag", "-f": "file", "--file": "file",
    "--build-arg": "build_arg", "--label": "label",
    "--network": "", "--progress": "", "--cache-from": "", "--memory": "", "-m": "",
    "--platform": "",
}  # fmt: skip
_DOCKER_FLAGS = frozenset(
    {"--no-cache", "--pull", "--quiet", "-q", "--rm", "--force-rm", "--progress"}
)
_CLONE = {"--depth": "", "--branch": "branch", "-b": "branch"}
_CLONE_FLAGS = frozenset({"--single-branch", "--quiet", "-q", "--no-tags", "--verbose", "-v"})
_CHECKOUT_FLAGS = frozenset({"--quiet", "-q", "--detach", "--force", "-f"})


Attempt = Callable[[str, tuple[str, ...], Mapping[str, str]], int | None]
"""Runs a command in `NAME@DIGEST`, with variables: its exit code, None where it took too long."""


class StepFailedError(LandedError):
    """A step ended with an exit code that is not 0."""

    def __init__(self, code: int, what: str) -> None:
        super().__init__(f"{what} ended with exit code {code}")
        self.code = code


class Built(Made):
    """An image that a step made, and from what."""

    source: SourceRecord | None
    order: Order


class Hands:
    """Does the steps of one build: over its workspace, with a docker of its own.

    That docker's images lie in a folder of the build. Pushing brings them to the cloud's store.
    """

    def __init__(
        self, workspace: Workspace, clones: Clones, docker: Images, registry: Images,
        say: Callable[[str], None], attempt: Attempt,
    ) -> None:  # fmt: skip
        self.workspace = workspace
        self.clones = clones
        self.built: list[Built] = []
        self._docker = docker
        self._registry = registry
        self._say = say
        self._attempt = attempt
        self._urls: dict[str, str] = {}

    def do(self, step: Step, env: Mapping[str, str]) -> None:
        """Does a step. Raises LandedError where it fails, or cannot be done here."""
        if DIGEST.search(step.name) and self._registry.resolve(parse(step.name)):
            self._try(step, env)
            return
        here = inside(step.dir)
        asked = gate(step, env)
        if asked is not None:
            self._gate(asked.words, here)
            self.workspace.removed.update(inside(here, path) for path in asked.removes)
            return
        for command in commands(step, env):
            self._command(command, inside(here, command.folder), env)

    def _try(self, step: Step, env: Mapping[str, str]) -> None:
        """Runs a command in an image that this cloud has, in the image's own folder."""
        name = parse(step.name)
        settings = self._registry.layout(name.repository).image(str(name.digest)).settings
        folder = settings.working_dir or "/"
        if step.script or step.dir != folder:
            raise UsageError(
                f"an image's own command is run in its own folder here: dir: {folder}",
                "and with entrypoint and args, not with a script",
            )
        entrypoint = (step.entrypoint,) if step.entrypoint else tuple(settings.entrypoint or ())
        code = self._attempt(step.name, (*entrypoint, *step.args), env)
        if code:
            raise StepFailedError(code, step.entrypoint or "the image's own command")

    def _command(self, command: Command, here: str, env: Mapping[str, str]) -> None:
        match command.words:
            case ("docker", "build", *words) | ("docker", "buildx", "build", *words):
                self._build(words, here, env)
            case ("docker", "tag", source, target):
                self._tag(source, target)
            case ("docker", "push", *words) if words:
                self.push(words[-1])
            case ("docker", "pull", name):
                self._pull(name)
            case ("git", "clone", *words):
                self._clone(words, here)
            case ("git", "checkout", *words):
                self._checkout(words, here)
            case ("git", "fetch", *_):
                self._say("everything was fetched by the clone")
            case words:
                said = " ".join(words[:2])[:200]
                raise UsageError(
                    f"the local cloud cannot run `{said}`",
                    "it plays docker build, tag, push, pull and git clone, checkout, fetch",
                )

    def _build(self, words: Sequence[str], here: str, env: Mapping[str, str]) -> None:
        options = Options(words, _DOCKER, _DOCKER_FLAGS, "docker build")
        if len(options.rest) != 1:
            raise UsageError("`docker build` takes one folder", "docker build -t NAME .")
        folder = inside(here, options.rest[0])
        file = options.last("file")
        dockerfile = inside(here, file) if file else ""
        if file and folder:
            within = dockerfile.removeprefix(f"{folder}/")
            if within == dockerfile:
                raise UsageError(f"{file} lies outside of the folder that is built")
            dockerfile = within
        names = [parse(tag) for tag in options.values.get("tag", [])]
        order = Order(
            dockerfile=dockerfile or "Dockerfile",
            tags=tuple(str(name) for name in names),
            build_args=pairs(options.values.get("build_arg", []), env.get),
            labels=pairs(options.values.get("label", []), env.get),
        )
        made = Imaging(self._docker, self._registry, self._say).make(
            self.workspace.files(folder), order, names
        )
        for line in made.not_run:
            self._say(f"RUN is not run here: {line}")
        for line in made.warnings:
            self._say(line)
        own = {name: getattr(made, name) for name in made.__struct_fields__}
        self.built.append(Built(**own, source=self._source(folder), order=order))
        self._say(f"built {', '.join(order.tags) or 'an image without a name'}: {made.digest}")

    def _source(self, folder: str) -> SourceRecord | None:
        """Where the files of a folder are from; of a clone also which folder of it this is."""
        held = self.workspace.holder(folder)
        if held is None:
            return None
        top, part = held
        within = folder[len(top) :].strip("/")
        if part.source.kind != "clone" or not within:
            return part.source
        whole = "/".join(one for one in (part.source.folder, within) if one)
        changed = {name: getattr(part.source, name) for name in part.source.__struct_fields__}
        return SourceRecord(**{**changed, "folder": whole})

    def _tag(self, source: str, target: str) -> None:
        name, wanted = parse(source), parse(target)
        digest = self._docker.resolve(name)
        if digest is None:
            raise UsageError(f"No such image: {name}", "build it in a step before")
        spread(self._docker, name.repository, digest, self._docker, wanted)

    def _pull(self, text: str) -> None:
        name = parse(text)
        digest = self._registry.resolve(name)
        if digest is None:
            raise UsageError(f"{name} is not in this cloud's registry", "push it there first")
        spread(self._registry, name.repository, digest, self._docker, name)

    def push(self, text: str) -> str:
        """Brings an image of this build to the cloud's store; its digest. Raises UsageError where
        the build has none of that name.
        """
        name = parse(text)
        wanted = Name(name.repository, name.tag or LATEST)
        digest = self._docker.resolve(wanted)
        if digest is None:
            raise UsageError(f"An image does not exist locally with the tag: {name}")
        spread(self._docker, wanted.repository, digest, self._registry, wanted)
        self._say(f"pushed {wanted}: digest: {digest}")
        return digest

    def _clone(self, words: Sequence[str], here: str) -> None:
        options = Options(words, _CLONE, _CLONE_FLAGS, "git clone")
        if len(options.rest) not in (1, 2):
            raise UsageError("`git clone` takes a URL and a folder", "git clone URL FOLDER")
        url = options.rest[0]
        name = url.rstrip("/").rpartition("/")[2].rpartition(":")[2].removesuffix(".git")
        target = inside(here, options.rest[1] if len(options.rest) == 2 else name)
        self._take(target, url, options.last("branch"))

    def _checkout(self, words: Sequence[str], here: str) -> None:
        options = Options(words, {}, _CHECKOUT_FLAGS, "git checkout")
        held = [top for top in self._urls if here == top or here.startswith(f"{top}/") or not top]
        if len(options.rest) != 1 or not held:
            raise UsageError("`git checkout REVISION` needs a clone", "git clone URL first")
        top = max(held, key=len)
        self._take(top, self._urls[top], options.rest[0].removeprefix("origin/"))

    def _take(self, target: str, url: str, revision: str) -> None:
        part = self.clones.take(url, revision)
        self.workspace.parts[target] = part
        self._urls[target] = url
        self._say(f"{redact(url)} is at {part.source.resolved_commit}")

    def _gate(self, words: Sequence[str], here: str) -> None:
        """Runs the gate over the files of the workspace, in a process of its own."""
        with TemporaryDirectory(prefix="landed-workspace-") as place:
            top, home = Path(place).resolve() / "workspace", Path(place) / "home"
            home.mkdir()
            folder = top / here
            folder.mkdir(parents=True)
            self.workspace.lay_out(top)
            try:
                done = subprocess.run(
                    [sys.executable, "-P", "-m", "landed", "gate", *words],
                    cwd=folder, env=_surroundings(home), timeout=GATE_SECONDS,
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                    check=False,
                )  # fmt: skip
            except subprocess.TimeoutExpired as error:
                raise UsageError(f"the gate did not end within {GATE_SECONDS} s") from error
        said = done.stdout[:_MOST_OUTPUT].decode("utf-8", "replace")
        self._say(redact(said.replace(str(top), "/workspace")).rstrip())
        if done.returncode:
            raise StepFailedError(done.returncode, "`landed gate`")


def _surroundings(home: Path) -> dict[str, str]:
    """What a program needs to run at all; nothing of the user's, and nothing of the step's."""
    kept = ("PATH", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "SYSTEMROOT")
    found = {name: os.environ[name] for name in kept if name in os.environ}
    return {**found, "HOME": str(home), "LANG": "C.UTF-8", "NO_COLOR": "1"}
