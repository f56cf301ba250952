"""Whether what runs has the change: by the content of the image that the execution ran."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from landed.content.effect import presence
from landed.content.follow import UNKNOWN, followed
from landed.core.clock import now
from landed.core.model import (
    DifferenceKind,
    Evidence,
    Image,
    Presence,
    Running,
    Station,
    Strength,
    Unseen,
)
from landed.core.probe import BuildRecord, File, ImageContent
from landed.core.rules.build import differing
from landed.core.words import listed, short
from landed.trace.footprint import Footprint
from landed.trace.project import Project, landing, plan_of_build
from landed.trace.sources import SourceSeen


def observe(
    project: Project,
    commit: str,
    digest: str,
    image: ImageContent,
    change: Footprint,
    source: SourceSeen | None,
    packed: Image | None,
    record: BuildRecord | None,
    see: str,
) -> Running:
    """The change's effect in one image. `source` and `packed` are those of the image's build."""
    names = _names_now(project, commit, change, source)
    there = _There(project, image, change, source, packed, record, names)
    found, because = _presence(project, commit, digest, there, change, source, packed)
    facts = {
        "digest": digest,
        "presence": found.value,
        "paths": [path for path, _, _ in change.copied][:20],
    }
    return Running(
        digest=digest,
        presence=found,
        because=because,
        evidence=(
            Evidence(
                station=Station.IMAGE,
                strength=Strength.CONTENT,
                facts=facts,
                see=see,
                observed_at=now(),
            ),
        ),
    )


def _presence(
    project: Project,
    commit: str,
    digest: str,
    there: _There,
    change: Footprint,
    source: SourceSeen | None,
    packed: Image | None,
) -> tuple[Presence, str]:
    what = short(digest)
    if change.kept_out:
        path, rule = change.kept_out[0]
        return Presence.ABSENT, f"{what} lacks {path}: {rule} keeps it out"
    if not change.copied and not change.steering:
        return Presence.UNKNOWN, change.because or "it changes nothing in the image"
    whole = packed is not None and bool(packed.compared) and not differing(packed.differences)
    if change.steering and not (whole and source):
        because = (
            f"{listed([p for p, _, _ in change.steering])} shapes the image without being in it, "
            "and the image is not proved to be of a known source"
        )
        return Presence.UNKNOWN, because
    if not whole and not there.placed():
        return Presence.UNKNOWN, f"where the commit's files lie in {what}, nobody could tell"
    # "It was there and was rewritten, or removed, later" needs an image that equals a commit.
    # Rewritten by what nobody committed is not there.
    in_history = None
    if there.whole and source and source.source.commit:
        in_history = project.repository.is_ancestor(commit, source.source.commit)
    found, because = presence(
        [*change.copied, *change.steering],
        there.file,
        there.read,
        project.repository.merge3,
        in_history=in_history,
        whole=there.whole,
    )
    if found.arrived:
        count = len(change.copied) + len(change.steering)
        plural = "" if count == 1 else "s"
        because = f"{what} has its effect in {count} file{plural}, by content"
        if found is Presence.SUPERSEDED:
            because = f"{what} has it, rewritten by later commits"
    elif found.arrived is False:
        because = f"{what} does not have it ({because})"
    return found, because


def _is_whole_tree(
    project: Project, source: SourceSeen | None, packed: Image | None, record: BuildRecord | None
) -> bool:
    """Whether the image is that of a clean commit, of the settings' folder and Dockerfile."""
    return (
        source is not None
        and packed is not None
        and record is not None
        and bool(packed.compared)
        and not differing(packed.differences)
        and not differing(source.source.differences)
        and source.folder == project.folder
        and record.dockerfile == project.settings.dockerfile
    )


def _names_now(
    project: Project, commit: str, change: Footprint, source: SourceSeen | None
) -> dict[str, str]:
    """The files of the change that the image's source has under another name, with that name; an
    empty one where nobody can tell.
    """
    if source is None or source.source.commit is None or source.folder != project.folder:
        return {}
    root = f"{project.folder}/" if project.folder else ""
    changed = [(root + path, old, new) for path, old, new in (*change.copied, *change.steering)]
    found: dict[str, str] = {}
    there = followed(project.repository, changed, commit, source.source.commit)
    for path, (name, file) in there.items():
        inner = project.inside(name, project.folder)
        if file is UNKNOWN:
            found[path[len(root) :]] = ""
        elif name != path and inner is not None:
            found[path[len(root) :]] = inner
    return found


def _equal_places(packed: Image | None, places: Mapping[str, list[str]]) -> set[str]:
    """The paths of the image whose files were compared with the source, and are equal."""
    if packed is None or not packed.compared:
        return set()
    other = {d.path for d in differing(packed.differences)}
    return {place for where in places.values() for place in where if place not in other}


class _There:
    """The files of an image under the paths that they have in the change."""

    def __init__(
        self,
        project: Project,
        image: ImageContent,
        change: Footprint,
        source: SourceSeen | None,
        packed: Image | None,
        record: BuildRecord | None,
        names: Mapping[str, str],
    ) -> None:
        self._project = project
        self._image = image
        self._source = source
        self._names = names
        self._steering = {path for path, _, _ in change.steering}
        self._places = dict(change.places)
        plan = plan_of_build(source.content, record) if source and record else None
        if plan is not None and not isinstance(plan, Unseen):
            # What really was copied where decides; only a deleted path stands in no such plan.
            deleted = {path for path, _, new in change.copied if new is None}
            kept = {path: where for path, where in self._places.items() if path in deleted}
            self._places = {**kept, **landing(plan)}
        self._equal = _equal_places(packed, self._places)
        self._paths: dict[str, str] = {}
        self._origins: dict[str, str] = {}
        self.whole = _is_whole_tree(project, source, packed, record) and not self._lacks(
            change, packed
        )

    def _lacks(self, change: Footprint, packed: Image | None) -> bool:
        """Whether `git archive` left a file of the change out: then it was not removed later."""
        stations = (packed, self._source.source if self._source else None)
        out = {
            d.path
            for station in stations
            for d in (station.differences if station else ())
            if d.kind is DifferenceKind.EXPORT_IGNORED
        }
        paths = {self._names.get(path, path) for path, _, _ in change.copied}
        places = {place for path in paths for place in self._places.get(path, [])}
        return not out.isdisjoint(paths | places)

    def file(self, path: str) -> File | None:
        """The file that this path of the change became, None where there is none.

        Where it was copied to several places that differ, an empty blob: equal to nothing.
        """
        steers = path in self._steering
        path = self._names.get(path, path)
        if not path:
            return UNKNOWN
        if steers and self._source:
            return self._source.content.files.get(path)
        if self.whole and path not in self._places and path in self._source_files():
            # The source has it, and it is not in the image: neither there nor removed later.
            return UNKNOWN
        places = self._places.get(path, [])
        found = {self._image.files.get(place) for place in places}
        own = self._source_files().get(path)
        if own and places and self._equal.issuperset(places):
            # Equal to the source, however git or the build wrote it: then the source's bytes count.
            self._origins[own.blob] = path
            found = {File(mode=file.mode, blob=own.blob) for file in found if file}
        if len(found) > 1:
            return UNKNOWN
        file = next(iter(found), None)
        if file is not None:
            self._paths.setdefault(file.blob, places[0])
        return file

    def _source_files(self) -> Mapping[str, File]:
        return self._source.content.files if self._source else {}

    def read(self, blobs: Iterable[str]) -> dict[str, bytes | None]:
        """Contents by blob id: from the source or the image where they have them, else from the
        repository.
        """
        wanted = set(blobs)
        found: dict[str, bytes | None] = {}
        for content, paths in (
            (self._source.content if self._source else None, self._origins),
            (self._image, self._paths),
        ):
            mine = {blob: paths[blob] for blob in wanted - found.keys() if blob in paths}
            if content is not None and mine:
                theirs = content.read(mine.values())
                found |= {blob: theirs.get(path) for blob, path in mine.items()}
        return {**self._project.repository.read(wanted - found.keys()), **found}

    def placed(self) -> bool:
        """Whether at least one file of the change is where the COPY rules put it.

        Without a proved source this is what shows that the rules belong to this image.
        """
        places = (place for path in self._places for place in self._places[path])
        return any(place in self._image.files for place in places)
