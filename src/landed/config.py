"""`landed.toml` as typed settings, found upwards from the current folder as git does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

import msgspec

from landed.content.names import STATE_FOLDER as STATE_FOLDER  # noqa: PLC0414 - its settings' too
from landed.core.errors import UsageError
from landed.core.model import Frozen, NamedError
from landed.core.words import printable
from landed.logs.expected import Expected

FILE_NAME = "landed.toml"


class _Table(Frozen, forbid_unknown_fields=True):
    """A table of the file; a key that landed does not know is an error, not a typo in silence."""


ProjectId = Annotated[str, msgspec.Meta(pattern=r"^[\w./:@#+-]+$", max_length=200)]
BucketName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$")]


class SourceSettings(_Table):
    """What builders read. All stay None where the file does not say; nothing is guessed.

    `builder` says whether builds clone the remote or take an upload of the folder. `project` names
    the project in a database that serves several; without it, it is known by its remote and by
    where this file lies in there.
    """

    remote: str | None = None
    ref: str | None = None
    builder: Literal["clone", "upload"] | None = None
    project: ProjectId | None = None


class DeployableSettings(_Table):
    """What is built and run as one image.

    `folder` is the build's context, from the repository's root; `dockerfile` lies inside it.
    `image` is the name that people deploy (``name`` or ``name:tag``); without it the job's own
    spec names it. `expect` are regular expressions of log entries that show normal work. `smoke`
    is a command that `landed ship` runs inside a new image before it deploys it. `unasked` says of
    a service that it works by itself: else only what it writes after a request counts as work.
    """

    folder: str = "."
    dockerfile: str = "Dockerfile"
    image: str | None = None
    expect: tuple[str, ...] = ()
    smoke: tuple[str, ...] = ()
    unasked: bool = False


class EnvironmentSettings(_Table):
    """A named place where deployables run. `jobs` and `services` map a deployable to what runs it
    there.

    `cloud` is the folder of a local cloud. `runtime` is the Python environment that executions
    get instead of the image's base (a folder made by `python -m venv`). `project` and `region`
    say where on Google Cloud it is; `build_region` is where builds run, if not there, and
    `staging_bucket` is the bucket of the project that takes the uploads of `landed ship`.
    """

    provider: Literal["local", "gcp"] = "local"
    cloud: str = f"{STATE_FOLDER}/cloud"
    runtime: str | None = None
    project: str | None = None
    region: str | None = None
    build_region: str | None = None
    staging_bucket: BucketName | None = None
    jobs: dict[str, str] = {}
    services: dict[str, str] = {}


class ErrorSettings(_Table):
    """An error that changes are meant to stop, by identity or by words in its text."""

    name: str
    identity: str | None = None
    contains: str | None = None
    deployable: str | None = None


Hours = Annotated[float, msgspec.Meta(ge=1e-4, le=24 * 365)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=7 * 86400)]


class ShipSettings(_Table):
    """How `landed ship` goes about it, and how long it watches afterwards.

    `roll_back` says whether a shipment that broke after its deployment goes back, by itself, to the
    last proved digest. A watch takes `watch_hours`, with a checkpoint every `checkpoint_hours`. An
    execution, the smoke command, and the expected work of a service are waited for that many
    seconds at most; a new revision of a service as long as an execution.
    """

    roll_back: bool = False
    watch_hours: Hours = 24.0
    checkpoint_hours: Hours = 4.0
    execution_seconds: Seconds = 3600.0
    smoke_seconds: Seconds = 120.0
    work_seconds: Seconds = 60.0


class LedgerSettings(_Table):
    """Where the ledger lies."""

    path: str = f"{STATE_FOLDER}/ledger.db"


class Settings(_Table):
    """The whole file."""

    source: SourceSettings = SourceSettings()
    deployables: dict[str, DeployableSettings] = {}
    environments: dict[str, EnvironmentSettings] = {}
    errors: tuple[ErrorSettings, ...] = ()
    ledger: LedgerSettings = LedgerSettings()
    ship: ShipSettings = ShipSettings()


class Config(Frozen):
    """Settings, and the folder that their relative paths start from.

    `file` is None where there is no `landed.toml`: then `settings` are the defaults.
    """

    settings: Settings
    base: Path
    file: Path | None

    def path(self, relative: str) -> Path:
        """A path of the settings as an absolute one."""
        return self.base / Path(relative).expanduser()

    def state(self, relative: str) -> Path:
        """A path that landed writes to. Raises UsageError where a link leads it out of the folder
        of the settings: a stranger's repository may hold such a link.
        """
        path = self.path(relative)
        if not path.resolve().is_relative_to(self.base.resolve()):
            raise UsageError(f"{path} leads out of {self.base}", "remove that link")
        return path

    def named_errors(self, deployable: str) -> tuple[NamedError, ...]:
        """The errors named for this deployable."""
        return tuple(
            NamedError(name=e.name, identity=e.identity, contains=e.contains)
            for e in self.settings.errors
            if e.deployable in (None, deployable)
        )


def find(start: Path) -> Path | None:
    """The nearest `landed.toml` at or above `start`, None where there is none."""
    for folder in (start, *start.parents):
        candidate = folder / FILE_NAME
        if candidate.is_file():
            return candidate
    return None


def load(path: Path | None, start: Path) -> Config:
    """Reads `path`, or the nearest file above `start`, or the defaults where there is none.

    Raises UsageError with line and column where the file is broken.
    """
    file = path or find(start)
    if file is None:
        return Config(settings=Settings(), base=start, file=None)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise UsageError(
            f"cannot read {file}: {why}", "name another file with --config PATH"
        ) from error
    return Config(settings=parse(text, str(file)), base=file.resolve().parent, file=file)


def parse(text: str, name: str) -> Settings:
    """The settings in `text`; `name` is used in messages. Raises UsageError with its place."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
        words = str(error).split(" (at ")[0]
        if place and place[1]:
            where = f"{place[1]}:{place[2]}"
        else:
            lines = text.splitlines() or [""]
            where = f"{len(lines)}:{len(lines[-1]) + 1}"
        raise UsageError(
            f"{name}:{where}: {words}", "mend the line; `landed init` shows a valid file"
        ) from error
    try:
        settings = msgspec.convert(raw, Settings)
    except msgspec.ValidationError as error:
        from landed.config_words import explained  # noqa: PLC0415 - only a wrong file needs it

        said, hint = explained(str(error), Settings)
        raise UsageError(f"{name}:{_place(text, str(error))}: {said}", hint) from error
    _check(settings, text, name)
    return settings


def _check(settings: Settings, text: str, name: str) -> None:
    """Raises UsageError for what the types cannot say.

    The file may be a stranger's: it must not make landed write outside of its own folder, nor run
    a Python that came along with it.
    """
    inside = [("path", settings.ledger.path)]
    inside += [("cloud", environment.cloud) for environment in settings.environments.values()]
    for key, value in inside:
        if _leaves(value):
            raise UsageError(
                f"{name}:{_find(text, value)}: {key} leaves the folder of {FILE_NAME}",
                "give a path below it",
            )
    if settings.ledger.path.endswith(".tail"):
        raise UsageError(
            f"{name}:{_find(text, settings.ledger.path)}: the ledger would be its own tail",
            "give it another name: its newest entries are kept beside it, in NAME.tail",
        )
    for environment in settings.environments.values():
        if environment.runtime and not Path(environment.runtime).expanduser().is_absolute():
            raise UsageError(
                f"{name}:{_find(text, environment.runtime)}: runtime lies beside the code",
                "give an absolute path: the runtime's Python is started outside of any isolation",
            )
    for title, environment in settings.environments.items():
        twice = sorted(environment.jobs.keys() & environment.services.keys())
        if twice:
            raise UsageError(
                f"{name}:{_find(text, title)}: environment `{title}` names both a job and a "
                f"service for `{twice[0]}`",
                "a deployable runs as one of them; make a second one for the other",
            )
        for deployable in (*environment.jobs, *environment.services):
            if deployable not in settings.deployables:
                raise UsageError(
                    f"{name}:{_find(text, deployable)}: environment `{title}` runs "
                    f"`{deployable}`, which is no deployable",
                    f"add a table [deployables.{deployable}]",
                )
    for title, deployable_settings in settings.deployables.items():
        _check_deployable(title, deployable_settings, text, name)
    for named in settings.errors:
        if not (named.identity or named.contains):
            raise UsageError(
                f"{name}:{_find(text, named.name)}: error `{named.name}` says neither `identity` "
                "nor `contains`",
                'add contains = "words of the message"',
            )


def _leaves(path: str) -> bool:
    """Whether a relative path leads out of its folder, or is none."""
    parts = PurePosixPath(path).parts
    return path.startswith(("/", "~")) or ".." in parts


def _check_deployable(title: str, settings: DeployableSettings, text: str, name: str) -> None:
    for key in ("folder", "dockerfile"):
        value = getattr(settings, key)
        if _leaves(value):
            raise UsageError(
                f"{name}:{_find(text, value)}: {key} of `{title}` leaves the repository",
                "give a path inside the repository",
            )
    for pattern in settings.expect:
        try:
            Expected([pattern])
        except ValueError as error:
            raise UsageError(
                f"{name}:{_find(text, pattern)}: `expect` of `{title}` has a pattern that cannot "
                f"be read: {printable(str(error))}",
                "put plain words, or a regular expression of RE2: it knows no look-around and no "
                "back-reference, so that no pattern can run for ever",
            ) from error


def _place(text: str, message: str) -> str:
    """Line and column of what a validation message is about (it names a path, or a key)."""
    unknown = re.search(r"unknown field `([^`]+)`", message)
    path = re.search(r"at `\$?([^`]*)`", message)
    if unknown:
        return _find(text, unknown[1])
    if path:
        keys = re.findall(r"[A-Za-z_][A-Za-z0-9_-]*", path[1])
        return _find(text, keys[-1]) if keys else "1:1"
    return "1:1"


def _find(text: str, word: str) -> str:
    """Line and column of the first place where this very word stands."""
    whole = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
    for number, line in enumerate(text.splitlines(), 1):
        found = whole.search(line)
        if found and not line.lstrip().startswith("#"):
            return f"{number}:{found.start() + 1}"
    return "1:1"
