"""The files of an image against the source it was made from, and the claims that it carries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from landed.content.checkout import is_lfs_pointer
from landed.content.commit import CommitFiles
from landed.content.compare import compare
from landed.content.generated import generated
from landed.content.git.attributes import Attributes
from landed.content.names import prefix_of
from landed.content.placement import Plan
from landed.core.clock import now
from landed.core.errors import UsageError
from landed.core.model import (
    Evidence,
    Station,
    Strength,
    Unseen,
)
from landed.core.probe import BuildRecord, Content, File, ImageContent
from landed.core.rules.differences import differing, seen_to_differ
from landed.core.seen import (
    Claim,
    Difference,
    DifferenceKind,
    Image,
)
from landed.trace.footprint import Footprint
from landed.trace.holding import with_holders
from landed.trace.project import Project, plan_of_build
from landed.trace.sources import SourceSeen

_COMMIT_KEYS = re.compile(r"commit|revision|vcs-?ref|git-?sha|\bsha\b|_SHA$|^SHA", re.IGNORECASE)
_COMMIT_ID = re.compile(r"[0-9a-f]{7,64}")


class Placed:
    """A source as it would lie in the image, by a plan: the same bytes under other paths.

    `committed` is the commit that the source is, or comes closest to: its attributes count.
    """

    def __init__(self, source: Content, plan: Plan, committed: CommitFiles | None) -> None:
        self._source = source
        self._committed = committed
        self.origins = {path: placed.source for path, placed in plan.files.items()}
        self.files: Mapping[str, File] = {
            path: _with_bits(source.files[placed.source], placed.mode)
            for path, placed in plan.files.items()
            if placed.source in source.files
        }

    @property
    def submodules(self) -> set[str]:
        """Where the folders of submodules lie whose files the source has."""
        known = self._source.roots if isinstance(self._source, CommitFiles) else ()
        found = set()
        for root in known:
            for path, origin in self.origins.items():
                inner = origin.removeprefix(root)
                if origin.startswith(f"{root}/") and path.endswith(inner):
                    found.add(path.removesuffix(inner))
        return found

    def rules(self, paths: Iterable[str]) -> dict[str, Attributes]:
        """What `.gitattributes` say of these files, by their paths in the image."""
        wanted = {path: self.origins[path] for path in paths if path in self.origins}
        said = self._committed.rules(set(wanted.values())) if self._committed else {}
        return {path: said[origin] for path, origin in wanted.items() if origin in said}

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of these files, by their paths in the image."""
        wanted = {path: self.origins[path] for path in paths if path in self.origins}
        found = self._source.read(set(wanted.values()))
        return {path: found.get(origin) for path, origin in wanted.items()}


def observe(
    project: Project,
    record: BuildRecord,
    seen: SourceSeen,
    digest: str,
    image: ImageContent,
    footprint: Footprint,
    see: str,
) -> Image | Unseen:
    """Compares an image with its source. Unseen where nobody can tell what should be where."""
    plan = plan_of_build(seen.content, record)
    if isinstance(plan, Unseen):
        return plan
    commit = seen.source.commit
    expected = Placed(seen.content, plan, project.at(commit, seen.folder) if commit else None)
    compared = compare(expected, image, expected.rules, expected.submodules)
    made = generated(compared.extra, image, expected.files)
    differences = list(compared.differences)
    extra = [path for path in compared.extra if path not in made]
    differences += _swept_in(plan, extra, image, whole=not record.base_in_image)
    differences += _kept_out(seen, footprint)
    differences += _pointers(expected, image)
    root = prefix_of(seen.folder)
    claimed = claimed_folders(plan)
    differences = with_holders(
        project, image, differences, lambda path: origin_of(expected, claimed, root, path)
    )
    claims = tuple(_claims(project, record, seen.folder, image))
    facts = {
        "digest": digest,
        "compared": compared.same + len(compared.differences),
        "equal": compared.same,
        "differs": [[d.path, d.kind.value] for d in differences[:20]],
        "held_by": {d.path: d.has_it for d in differences[:20] if d.has_it},
        "generated": len(made),
        "extra": len(compared.extra),
        "claims": [[claim.where, claim.commit, claim.true] for claim in claims],
        "not_run": list(plan.not_run),
    }
    return Image(
        digest=digest,
        compared=compared.same,
        differences=tuple(differences),
        folder=project.folder or ".",
        matches_folder=seen.folder or ".",
        dockerfile=project.settings.dockerfile,
        built_with=record.dockerfile,
        against=commit or "" if not seen.source.differences else "",
        claims=claims,
        evidence=(
            Evidence(
                station=Station.IMAGE,
                strength=Strength.CONTENT,
                facts=facts,
                see=see,
                observed_at=now(),
            ),
            *(_claimed_by(claim, see) for claim in claims),
        ),
    )


def shown_by(digest: str) -> str:
    """The command that shows a person what an image is found to be."""
    return f"landed trace --digest {digest} --json"


def with_found(image: Image, facts: dict[str, Any], see: str = "", **found: Any) -> Image:
    """An image with what else was found in it, by content, and the evidence of that."""
    evidence = Evidence(
        station=Station.IMAGE,
        strength=Strength.CONTENT,
        facts=facts,
        see=see or shown_by(image.digest),
        observed_at=now(),
    )
    return replace(image, **found, evidence=(*image.evidence, evidence))


def _claimed_by(claim: Claim, see: str) -> Evidence:
    """What somebody typed, as the weak evidence that it is."""
    facts = {"where": claim.where, "commit": claim.commit, "files_agree": claim.true}
    return Evidence(
        station=Station.IMAGE,
        strength=Strength.CLAIMED,
        facts=facts,
        see=see,
        observed_at=now(),
    )


def _with_bits(file: File, mode: int | None) -> File:
    """The file with the exec bit that a `COPY --chmod` gives it."""
    if mode is None or not file.mode.startswith("100"):
        return file
    return File(mode="100755" if mode & 0o111 else "100644", blob=file.blob)


def origin_of(expected: Placed, claimed: Mapping[str, str], root: str, path: str) -> str | None:
    """The path of the repository that a path of the image comes from, or would come from."""
    origin = expected.origins.get(path)
    folders = [folder for folder in claimed if path.startswith(prefix_of(folder))]
    if origin is None and folders:
        folder = max(folders, key=len)
        inner = path.removeprefix(folder).strip("/")
        origin = f"{claimed[folder]}/{inner}" if claimed[folder] else inner
    return None if origin is None else root + origin


def _swept_in(
    plan: Plan, extra: Iterable[str], image: ImageContent, *, whole: bool
) -> list[Difference]:
    """Files that no source has. Where the base is not in the image (`whole`), any file that the
    plan does not know; else those in folders that a COPY fills from a folder: beside a single
    file that was copied, the base may have files of its own. What a RUN of the Dockerfile made, by
    the image's own record, came from no source.
    """
    claimed = tuple(prefix_of(folder) for folder in claimed_folders(plan))
    found = (path for path in extra if whole or path.startswith(claimed))
    return [
        Difference(path=path, kind=DifferenceKind.NEVER_COMMITTED)
        for path in found
        if not (plan.not_run and (layer := image.layer(path)) and layer.by_run)
    ]


def claimed_folders(plan: Plan) -> dict[str, str]:
    """The folders of the image that are copies of a folder of the source, with that folder."""
    folders: dict[str, str] = {}
    for image_path, placed in plan.files.items():
        copy = plan.recipe.copies[placed.step]
        target = copy.target.strip("/")
        inner = image_path[len(target) + 1 :] if target else image_path
        named = {source.strip("/").removeprefix("./") for source in copy.sources}
        from_folder = placed.source not in named and placed.source.endswith(f"/{inner}")
        if from_folder or named & {"", "."}:
            folders[target] = placed.source.removesuffix(inner).strip("/")
    return folders


def _pointers(expected: Placed, image: ImageContent) -> list[Difference]:
    """LFS pointers that the build packed as if they were the files."""
    unchanged = [
        p for p, file in expected.files.items() if (f := image.files.get(p)) and f.blob == file.blob
    ]
    managed = [path for path, said in expected.rules(unchanged).items() if said.lfs]
    return [
        Difference(path=path, kind=DifferenceKind.LFS_POINTER)
        for path, data in expected.read(managed).items()
        if is_lfs_pointer(data)
    ]


def _kept_out(seen: SourceSeen, footprint: Footprint) -> list[Difference]:
    """Files of the change that the source has and an ignore rule keeps out of the image."""
    return [
        Difference(path=path, kind=DifferenceKind.MISSING, rule=rule)
        for path, rule in footprint.kept_out
        if path in seen.content.files
    ]


def _claims(
    project: Project, record: BuildRecord, folder: str, image: ImageContent
) -> Iterable[Claim]:
    """Every commit id that a label or a substitution names, held against the files."""
    said = {f"label {key}": value for key, value in image.labels.items()}
    said |= {f"build argument {key}": value for key, value in record.build_args.items()}
    said |= {claim.where: claim.commit for claim in record.build.claims}
    judged: dict[str, bool | None] = {}
    for where, value in sorted(said.items()):
        if not _COMMIT_KEYS.search(where) or not _COMMIT_ID.fullmatch(value):
            continue
        if value not in judged:
            judged[value] = _true(project, record, folder, image, value)
        yield Claim(where=where, commit=value, true=judged[value])


def _true(
    project: Project, record: BuildRecord, folder: str, image: ImageContent, commit: str
) -> bool | None:
    """Whether the image is what that commit would have given; None for a commit not known here."""
    try:
        resolved = project.repository.resolve(commit)
    except UsageError:
        return None
    content = project.at(resolved, folder)
    plan = plan_of_build(content, record)
    if isinstance(plan, Unseen):
        return False
    expected = Placed(content, plan, content)
    compared = compare(expected, image, expected.rules, expected.submodules)
    made = generated(compared.extra, image, expected.files)
    extra = [path for path in compared.extra if path not in made]
    swept = _swept_in(plan, extra, image, whole=not record.base_in_image)
    if seen_to_differ(compared.differences) or swept:
        return False
    return None if differing(compared.differences) else bool(compared.same)
