"""A build as it is asked for, in Google's words. What is not known here is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec

from landed.core.errors import UsageError
from landed.core.model import Frozen, learned


class Shape(Frozen, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """A JSON object of Google's."""


class StorageSource(Shape):
    """An upload: an object in a bucket, and which generation of it."""

    bucket: str = ""
    object: str = ""
    generation: Annotated[str, msgspec.Meta(pattern=r"^\d{1,19}$")] = ""
    source_fetcher: Literal["SOURCE_FETCHER_UNSPECIFIED", "GSUTIL", "GCS_FETCHER"] | None = None


class GitSource(Shape):
    """Any git repository, by its URL."""

    url: str
    revision: str = ""
    dir: str = ""


class RepoSource(Shape):
    """A repository of Cloud Source Repositories, by its name; one of three says the commit."""

    project_id: str = ""
    repo_name: str = ""
    branch_name: str = ""
    tag_name: str = ""
    commit_sha: str = ""
    dir: str = ""
    invert_regex: bool = False
    substitutions: dict[str, str] = {}


class ConnectedRepository(Shape):
    """A repository of a connection, by its resource's name."""

    repository: str
    revision: str = ""
    dir: str = ""


class DeveloperConnect(Shape):
    """A repository link of Developer Connect, by its resource's name."""

    git_repository_link: str
    revision: str = ""
    dir: str = ""


class Source(Shape):
    """Where the files come from; one of these, or none."""

    storage_source: StorageSource | None = None
    git_source: GitSource | None = None
    repo_source: RepoSource | None = None
    connected_repository: ConnectedRepository | None = None
    developer_connect_config: DeveloperConnect | None = None


class Step(Shape):
    """One step: an image, and what it is started with."""

    name: str
    id: str = ""
    args: list[str] = []
    entrypoint: str = ""
    script: str = ""
    dir: str = ""
    env: list[str] = []
    wait_for: list[str] = []
    timeout: str = ""
    allow_failure: bool = False
    allow_exit_codes: list[int] = []
    automap_substitutions: bool | None = None


class Options(Shape):
    """How the build is run."""

    logging: (
        Literal[
            "LOGGING_UNSPECIFIED",
            "LEGACY",
            "GCS_ONLY",
            "STACKDRIVER_ONLY",
            "CLOUD_LOGGING_ONLY",
            "NONE",
        ]
        | None
    ) = None
    log_streaming_option: Literal["STREAM_DEFAULT", "STREAM_ON", "STREAM_OFF"] | None = None
    substitution_option: Literal["MUST_MATCH", "ALLOW_LOOSE"] | None = None
    dynamic_substitutions: bool | None = None
    automap_substitutions: bool | None = None
    env: list[str] = []
    machine_type: str = ""
    disk_size_gb: str | int = ""
    requested_verify_option: Literal["NOT_VERIFIED", "VERIFIED"] | None = None
    default_logs_bucket_behavior: (
        Literal[
            "DEFAULT_LOGS_BUCKET_BEHAVIOR_UNSPECIFIED",
            "REGIONAL_USER_OWNED_BUCKET",
            "LEGACY_BUCKET",
        ]
        | None
    ) = None
    source_provenance_hash: list[str] = []


class Asked(Shape):
    """A build."""

    steps: list[Step] = []
    source: Source | None = None
    images: list[str] = []
    substitutions: dict[str, str] = {}
    tags: list[str] = []
    options: Options = Options()
    timeout: str = ""
    queue_ttl: str = ""
    logs_bucket: str = ""
    service_account: str = ""


learned(Asked, RepoSource)


_MOST_STEPS = 300
_LONGEST_SECONDS = 86_400
_DURATION = re.compile(r"(\d{1,6})(?:\.\d{1,9})?s")
_VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|(?P<plain>[A-Z_][A-Z0-9_]*)|\{(?P<braced>\w+)\})")
_OWN = re.compile(r"_[A-Z0-9_]+")
_GIVEN = frozenset(
    {
        "PROJECT_ID", "PROJECT_NUMBER", "BUILD_ID", "LOCATION", "SERVICE_ACCOUNT",
        "SERVICE_ACCOUNT_EMAIL", "TRIGGER_NAME", "TRIGGER_BUILD_CONFIG_PATH", "COMMIT_SHA",
        "SHORT_SHA", "REVISION_ID", "REPO_NAME", "REPO_FULL_NAME", "BRANCH_NAME", "TAG_NAME",
        "REF_NAME",
    }
)  # fmt: skip
"""What Cloud Build fills in itself. Where it knows nothing, it fills in nothing."""


def parse(document: Any, what: str = "build") -> Asked:
    """Reads what a client sent. Raises UsageError, with the field that is wrong."""
    try:
        asked = msgspec.convert(document, Asked)
    except msgspec.ValidationError as error:
        raise UsageError(f"Invalid value at '{what}': {str(error)[:300]}") from error
    if not 0 < len(asked.steps) <= _MOST_STEPS:
        raise UsageError(f"a build has 1 to {_MOST_STEPS} steps")
    for name in asked.substitutions:
        if name not in _GIVEN and not _OWN.fullmatch(name):
            raise UsageError(
                f"invalid value for 'build.substitutions': key \"{name[:100]}\" in the "
                "substitution data must begin with an underscore"
            )
    seconds(asked.timeout)
    return asked


def seconds(duration: str) -> int:
    """A duration of Google's in whole seconds; ten minutes where none is given."""
    found = _DURATION.fullmatch(duration or "600s")
    if not found or int(found[1]) > _LONGEST_SECONDS:
        raise UsageError(f"a timeout is a number of seconds as `600s`, at most {_LONGEST_SECONDS}")
    return int(found[1])


def substituted(asked: Asked, given: Mapping[str, str]) -> Asked:
    """The build with every substitution made, where Cloud Build makes them.

    `given` is what the cloud itself knows; the caller's own values are put over it, unchecked, as
    Cloud Build does with COMMIT_SHA. Raises UsageError for a name that nobody gave a value, and
    for a value that is used nowhere, unless the build says ALLOW_LOOSE.
    """
    values = {**given, **asked.substitutions}
    used: set[str] = set()

    def one(found: re.Match[str]) -> str:
        if found["dollar"]:
            return "$"
        name = found["plain"] or found["braced"]
        if name not in values and name not in _GIVEN:
            if asked.options.substitution_option == "ALLOW_LOOSE":
                return ""
            raise UsageError(
                f'invalid build: key in the template "{name[:100]}" is not a valid built-in '
                "substitution"
            )
        used.add(name)
        return values.get(name, "")

    def text(words: str) -> str:
        return _VARIABLE.sub(one, words)

    def step(old: Step) -> Step:
        return msgspec.structs.replace(
            old,
            name=text(old.name),
            args=[text(word) for word in old.args],
            entrypoint=text(old.entrypoint),
            dir=text(old.dir),
            env=[text(word) for word in old.env],
        )

    made = msgspec.structs.replace(
        asked,
        steps=[step(one) for one in asked.steps],
        images=[text(name) for name in asked.images],
        tags=[text(tag) for tag in asked.tags],
        options=msgspec.structs.replace(
            asked.options, env=[text(word) for word in asked.options.env]
        ),
    )
    idle = [name for name in _own_names(asked) if name not in used]
    if idle and asked.options.substitution_option != "ALLOW_LOOSE":
        raise UsageError(
            f'invalid build: key "{idle[0][:100]}" in the substitution data is not matched in the '
            "template"
        )
    return made


def _own_names(asked: Asked) -> Iterator[str]:
    """The caller's own substitutions that have to be used somewhere."""
    automapped = asked.options.automap_substitutions or any(
        step.automap_substitutions for step in asked.steps
    )
    return (name for name in asked.substitutions if name.startswith("_") and not automapped)
