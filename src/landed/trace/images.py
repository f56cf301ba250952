"""The files of an image against the source it was made from, and the claims that it carries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from landed.content.compare import compare, generated, is_lfs_pointer
from landed.content.placement import Plan
from landed.core.clock import now
from landed.core.errors import UsageError
from landed.core.model import (
    Claim,
    Difference,
    DifferenceKind,
    Evidence,
    Image,
    Station,
    Strength,
    Unseen,
)
from landed.core.probe import GITLINK, BuildRecord, Content, File, ImageContent
from landed.core.rules.build import differing
from landed.trace.footprint import Footprint
from landed.trace.project import Project, plan_of_build
from landed.trace.sources import SourceSeen

_COMMIT_KEYS = re.compile(r"commit|revision|vcs-?ref|git-?sha|\bsha\b|_SHA$|^SHA", re.IGNORECASE)
_COMMIT_ID = re.compile(r"[0-9a-f]{7,64}")


class Placed:
    """A source as it would lie in the image, by a plan: the same bytes under other paths."""

    def __init__(self, source: Content, plan: Plan) -> None:
        self._source = source
        self._from = {path: placed.source for path, placed in plan.files.items()}
        self.files: Mapping[str, File] = {
            path: source.files[origin]
            for path, origin in self._from.items()
            if origin in source.files
        }

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of these files, by their paths in the image."""
        wanted = {path: self._from[path] for path in paths if path in self._from}
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
    expected = Placed(seen.content, plan)
    compared = compare(expected, image)
    differences = list(compared.differences)
    differences += _swept_in(plan, image, compared.extra, whole=not record.base_in_image)
    differences += _kept_out(seen, footprint)
    differences += _left_behind(expected, image)
    differences += _pointers(seen.content, expected, image)
    claims = tuple(_claims(project, record, seen.folder, image))
    facts = {
        "digest": digest,
        "compared": compared.same + len(compared.differences),
        "equal": compared.same,
        "differs": [[d.path, d.kind.value] for d in differences[:20]],
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
        against=seen.source.commit or "" if not seen.source.differences else "",
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


def _swept_in(
    plan: Plan, image: ImageContent, extra: tuple[str, ...], *, whole: bool
) -> list[Difference]:
    """Files that no source has. Where the base is not in the image (`whole`), any file that the
    plan does not know; else those in folders that a COPY fills from a folder: beside a single
    file that was copied, the base may have files of its own.
    """
    claimed = tuple(f"{folder}/" if folder else "" for folder in _claimed(plan))
    found = [path for path in extra if whole or path.startswith(claimed)]
    byte_code = generated(found, image)
    return [
        Difference(path=path, kind=DifferenceKind.NEVER_COMMITTED)
        for path in found
        if path not in byte_code
    ]


def _claimed(plan: Plan) -> set[str]:
    """The folders of the image that are copies of a folder of the source."""
    folders: set[str] = set()
    for image_path, placed in plan.files.items():
        copy = plan.recipe.copies[placed.step]
        target = copy.target.strip("/")
        inner = image_path[len(target) + 1 :] if target else image_path
        named = {source.strip("/").removeprefix("./") for source in copy.sources}
        from_folder = placed.source not in named and placed.source.endswith(f"/{inner}")
        if from_folder or named & {"", "."}:
            folders.add(target)
    return folders


def _left_behind(expected: Placed, image: ImageContent) -> list[Difference]:
    """Submodules that a COPY takes, and of which the image has no file."""
    links = [path for path, file in expected.files.items() if file.mode == GITLINK]
    return [
        Difference(path=path, kind=DifferenceKind.SUBMODULE)
        for path in links
        if not any(there.startswith(f"{path}/") for there in image.files)
    ]


def _pointers(source: Content, expected: Placed, image: ImageContent) -> list[Difference]:
    """LFS pointers that the build packed as if they were the files."""
    attributes = [p for p in source.files if p.rsplit("/", 1)[-1] == ".gitattributes"]
    texts = source.read(attributes).values()
    if not any(b"filter=lfs" in (text or b"") for text in texts):
        return []
    unchanged = [p for p, file in expected.files.items() if image.files.get(p) == file]
    contents = expected.read(unchanged)
    return [
        Difference(path=path, kind=DifferenceKind.LFS_POINTER)
        for path, data in contents.items()
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
    compared = compare(Placed(content, plan), image)
    if differing(compared.differences):
        return False
    swept = _swept_in(plan, image, compared.extra, whole=not record.base_in_image)
    return bool(compared.same) and not swept
