"""Triggers: which repository, branch and build; kept as they were made, and run by hand."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from landed.core.clock import now
from landed.core.errors import UsageError
from landed.core.model import Frozen, learned
from landed.localcloud.cloudbuild.builds import Builds
from landed.localcloud.cloudbuild.clones import Clones
from landed.localcloud.cloudbuild.config import (
    Asked,
    ConnectedRepository,
    GitSource,
    RepoSource,
    Shape,
    Source,
    parse,
)
from landed.localcloud.disk import locked, read, save
from landed.localcloud.records import BuildRecord

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_REPOSITORIES = Literal[
    "UNKNOWN",
    "CLOUD_SOURCE_REPOSITORIES",
    "GITHUB",
    "BITBUCKET_SERVER",
    "GITLAB",
    "BITBUCKET_CLOUD",
]


class Push(Shape):
    """Which pushes fire a trigger: a pattern for branches or one for tags."""

    branch: str = ""
    tag: str = ""
    invert_regex: bool = False


class PullRequest(Shape):
    """Which pull requests fire a trigger. Kept, and never fired here."""

    branch: str = ""
    invert_regex: bool = False
    comment_control: str = ""


class GitHub(Shape):
    """A repository on GitHub, and what fires the trigger."""

    owner: str = ""
    name: str = ""
    push: Push | None = None
    pull_request: PullRequest | None = None
    installation_id: str | int = ""
    enterprise_config_resource_name: str = ""


class RepositoryEvent(Shape):
    """A connection's repository, and what fires the trigger."""

    repository: str = ""
    push: Push | None = None
    pull_request: PullRequest | None = None


class ToBuild(Shape):
    """What a trigger builds that is run by hand."""

    uri: str = ""
    repository: str = ""
    ref: str = ""
    repo_type: _REPOSITORIES | None = None


class FileSource(Shape):
    """Where the build's configuration lies, if not in what is built."""

    path: str = ""
    uri: str = ""
    repository: str = ""
    revision: str = ""
    repo_type: _REPOSITORIES | None = None


class Trigger(Shape):
    """A trigger, in Google's words."""

    id: str = ""
    name: str = ""
    resource_name: str = ""
    create_time: str = ""
    description: str = ""
    tags: list[str] = []
    disabled: bool = False
    filename: str = ""
    build: dict[str, Any] = {}
    github: GitHub | None = None
    trigger_template: RepoSource | None = None
    repository_event_config: RepositoryEvent | None = None
    source_to_build: ToBuild | None = None
    git_file_source: FileSource | None = None
    substitutions: dict[str, str] = {}
    included_files: list[str] = []
    ignored_files: list[str] = []
    filter: str = ""
    service_account: str = ""
    include_build_logs: (
        Literal["INCLUDE_BUILD_LOGS_UNSPECIFIED", "INCLUDE_BUILD_LOGS_WITH_STATUS"] | None
    ) = None
    event_type: Literal["EVENT_TYPE_UNSPECIFIED", "REPO", "WEBHOOK", "PUBSUB", "MANUAL"] | None = (
        None
    )


class TriggerRecord(Frozen):
    """A trigger that is kept: in which location, since when."""

    location: str
    create_time: datetime
    trigger: dict[str, Any]

    @property
    def shape(self) -> Trigger:
        """The trigger in its types."""
        return msgspec.convert(self.trigger, Trigger)


learned(Trigger, TriggerRecord)


class Triggers:
    """The triggers of one cloud."""

    def __init__(self, root: Path, builds: Builds) -> None:
        self._root = root
        self._builds = builds

    def all(self, location: str) -> list[TriggerRecord]:
        """The triggers of a location, the newest first."""
        found = [read(path, TriggerRecord) for path in self._root.glob("*.json")]
        mine = [one for one in found if one.location == location]
        return sorted(mine, key=lambda one: one.create_time, reverse=True)

    def get(self, location: str, name: str) -> TriggerRecord | None:
        """A trigger by its id or its name."""
        return next(
            (one for one in self.all(location) if name in (one.shape.id, one.shape.name)), None
        )

    def create(self, location: str, document: Any) -> TriggerRecord:
        """Keeps a new trigger. Raises UsageError where it is none, or its name is taken."""
        asked = _read(document)
        new = str(uuid.uuid4())
        name = asked.name or f"trigger-{new[:8]}"
        with locked(self._root / "lock"):
            if self.get(location, name):
                raise UsageError(f"a trigger named {name!r} already exists")
            return self._keep(location, now(), msgspec.structs.replace(asked, id=new, name=name))

    def change(
        self, record: TriggerRecord, document: Any, fields: list[str] | None
    ) -> TriggerRecord:
        """Puts another trigger in its place, or changes these fields of it."""
        if fields is not None and isinstance(document, dict):
            document = {**record.trigger, **{name: document.get(name) for name in fields}}
            document = {name: value for name, value in document.items() if value is not None}
        asked = _read(document)
        own = record.shape
        kept = msgspec.structs.replace(asked, id=own.id, name=asked.name or own.name)
        with locked(self._root / "lock"):
            return self._keep(record.location, record.create_time, kept)

    def delete(self, record: TriggerRecord) -> None:
        """Takes a trigger away. The builds that it made stay."""
        (self._root / f"{record.shape.id}.json").unlink(missing_ok=True)

    def _keep(self, location: str, at: datetime, trigger: Trigger) -> TriggerRecord:
        record = TriggerRecord(
            location=location, create_time=at, trigger=msgspec.to_builtins(trigger)
        )
        save(self._root / f"{trigger.id}.json", record)
        return record

    def run(self, record: TriggerRecord, asked: RepoSource) -> BuildRecord:
        """Builds what the trigger builds, at the revision that is asked for, else at its own.

        The revision is asked of the remote itself. Raises LandedError where that cannot be.
        """
        trigger = record.shape
        if trigger.disabled:
            raise UsageError(f"the trigger {trigger.name} is disabled", "enable it")
        name, own = _repository(trigger)
        url = self._builds.where.repositories.get(name, name)
        if not re.match(r"(/|\w+://|[\w.-]+@[\w.-]+:)", url):
            raise UsageError(
                f"this cloud has no repository {name[:200]!r}",
                "landed cloud serve --repository NAME=URL",
            )
        revision = asked.commit_sha or asked.branch_name or asked.tag_name or own
        with Clones(self._builds.clones) as clones:
            ref, commit = clones.tip(url, revision)
            build = self._build(trigger, clones, url, commit)
        given = _given(trigger, name, ref, commit)
        values = {**build.substitutions, **trigger.substitutions, **asked.substitutions}
        options = msgspec.structs.replace(build.options, substitution_option="ALLOW_LOOSE")
        return self._builds.create(
            msgspec.structs.replace(
                build,
                source=_source(trigger, name, url, commit),
                substitutions=values,
                options=options,
            ),
            record.location,
            trigger=trigger.id,
            given=given,
            ref=ref,
        )

    def _build(self, trigger: Trigger, clones: Clones, url: str, commit: str) -> Asked:
        """The build that a trigger names: its own, or a file of the repository at that commit."""
        if trigger.build:
            return parse(trigger.build)
        path = trigger.git_file_source.path if trigger.git_file_source else trigger.filename
        path = path or "cloudbuild.yaml"
        text = clones.take(url, commit).content.read([path]).get(path)
        if text is None:
            raise UsageError(f"{path[:200]} is not in {commit[:10]}", "commit it, and push")
        return configured(text, path)


def configured(text: bytes, path: str) -> Asked:
    """Reads a build's configuration file. Raises UsageError where it is none."""
    try:
        document = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {' '.join(str(error).split())[:300]}") from error
    if isinstance(document, dict) and isinstance(document.get("substitutions"), dict):
        # YAML reads a bare 8080 as a number; a substitution is text.
        texts = {str(name): str(value) for name, value in document["substitutions"].items()}
        document = {**document, "substitutions": texts}
    return parse(document, path)


def _read(document: Any) -> Trigger:
    try:
        trigger = msgspec.convert(document, Trigger)
    except msgspec.ValidationError as error:
        raise UsageError(f"Invalid value at 'trigger': {str(error)[:300]}") from error
    if trigger.name and (not _NAME.fullmatch(trigger.name) or _ID.fullmatch(trigger.name)):
        raise UsageError("invalid trigger name", "letters, digits and -, at most 63")
    for pattern in _patterns(trigger):
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            raise UsageError(f"invalid pattern {pattern[:100]!r}: {error}") from error
    if trigger.build:
        parse(trigger.build, "trigger.build")
    _repository(trigger)
    return trigger


def _patterns(trigger: Trigger) -> list[str]:
    """The patterns by which pushes are chosen."""
    sides = [trigger.github, trigger.repository_event_config]
    pushes = [side.push for side in sides if side and side.push]
    return [pattern for push in pushes for pattern in (push.branch, push.tag) if pattern]


def _repository(trigger: Trigger) -> tuple[str, str]:
    """The name or the URL of a trigger's repository, and the revision that it says itself."""
    if trigger.source_to_build:
        own = trigger.source_to_build
        return own.uri or own.repository, own.ref
    if trigger.github:
        return f"{trigger.github.owner}/{trigger.github.name}", ""
    if trigger.repository_event_config:
        return trigger.repository_event_config.repository, ""
    if trigger.trigger_template:
        own_ = trigger.trigger_template
        return own_.repo_name, own_.commit_sha or own_.tag_name or _plain(own_.branch_name)
    raise UsageError("the trigger names no repository", "github, sourceToBuild or triggerTemplate")


def _plain(branch: str) -> str:
    """A template's branch is a pattern: of `^main$` the branch, of any other nothing."""
    name = branch.removeprefix("^").removesuffix("$")
    return name if re.fullmatch(r"[\w/-]+", name) else ""


def _source(trigger: Trigger, name: str, url: str, commit: str) -> Source:
    """The source of a build, in the shape that Cloud Build gives it for such a trigger."""
    connected = trigger.repository_event_config or (
        trigger.source_to_build and trigger.source_to_build.repository
    )
    if connected:
        linked = ConnectedRepository(repository=name, revision=commit)
        return Source(connected_repository=linked)
    if trigger.trigger_template and not trigger.github and not trigger.source_to_build:
        folder = trigger.trigger_template.dir
        return Source(repo_source=RepoSource(repo_name=name, commit_sha=commit, dir=folder))
    return Source(git_source=GitSource(url=url, revision=commit))


def _given(trigger: Trigger, name: str, ref: str, commit: str) -> dict[str, str]:
    """What a trigger fills in: this commit was asked of the remote, so nobody typed it."""
    short = ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
    path = trigger.git_file_source.path if trigger.git_file_source else trigger.filename
    found = {
        "COMMIT_SHA": commit,
        "REVISION_ID": commit,
        "SHORT_SHA": commit[:7],
        "REF_NAME": short,
        "BRANCH_NAME": short if ref.startswith("refs/heads/") else "",
        "TAG_NAME": short if ref.startswith("refs/tags/") else "",
        "REPO_NAME": PurePosixPath(name).name.removesuffix(".git"),
        "REPO_FULL_NAME": name if re.fullmatch(r"[\w.-]+/[\w.-]+", name) else "",
        "TRIGGER_NAME": trigger.name,
        "TRIGGER_BUILD_CONFIG_PATH": path,
    }
    return {key: value for key, value in found.items() if value}
