"""The files of an image, under the paths that a change has for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from landed.content.follow import UNKNOWN, followed
from landed.content.generated import generated
from landed.content.names import prefix_of
from landed.core.model import (
    Unseen,
)
from landed.core.probe import GITLINK, BuildRecord, File, ImageContent
from landed.core.rules.differences import differing
from landed.core.seen import (
    Difference,
    DifferenceKind,
    Image,
)
from landed.trace.footprint import Footprint
from landed.trace.project import Project, landing, plan_at, plan_of_build
from landed.trace.sources import SourceSeen


class There:
    """What an image has of the files of a change. `source` and `packed` are those of its build.

    `whole` says that the image is that of a clean commit, of the settings' folder and Dockerfile:
    then what it lacks was removed by a later commit.
    """

    def __init__(
        self,
        project: Project,
        commit: str,
        image: ImageContent,
        change: Footprint,
        source: SourceSeen | None,
        packed: Image | None,
        record: BuildRecord | None,
    ) -> None:
        self._project = project
        self._commit = commit
        self._image = image
        self._change = change
        self._source = source
        self._packed = packed
        self._steering = {path for path, _, _ in change.steering}
        self._now = _files_now(project, commit, change, source)
        self._places = dict(change.places)
        self._plan = plan = plan_of_build(source.content, record) if source and record else None
        if plan is not None and not isinstance(plan, Unseen):
            # What really was copied where decides; only a deleted path stands in no such plan.
            deleted = {path for path, _, new in change.copied if new is None}
            kept = {path: where for path, where in self._places.items() if path in deleted}
            self._places = {**kept, **landing(plan)}
        self._differing = (
            {d.path for d in differing(source.source.differences)} if source else set()
        )
        self._equal = _equal_places(packed, self._places)
        self._in_image: dict[str, str] = {}
        self._in_source: dict[str, str] = {}
        self.whole = (
            _is_equal(packed)
            and source is not None
            and not differing(source.source.differences)
            and source.folder == project.folder
            and record is not None
            and record.dockerfile == project.settings.dockerfile
        )

    def left_out(self) -> list[str]:
        """The files of the change that `git archive` left out."""
        source = left_out(self._source.source.differences) if self._source else set()
        packed = left_out(self._packed.differences) if self._packed else set()
        return [
            path
            for path, _, _ in self._change.copied
            if self.name(path) in source
            or not packed.isdisjoint(self._places.get(self.name(path), []))
        ]

    def name(self, path: str) -> str:
        """The name that a file of the change has in the source."""
        return self._now[path][0] if path in self._now else path

    def places(self, path: str) -> list[str]:
        """Where the build put a file of the change in the image."""
        return self._places.get(self.name(path), [])

    def planned(self) -> Collection[str]:
        """All paths of the image that the build copied something to."""
        plan = self._plan
        if plan is None or isinstance(plan, Unseen):
            content = self._project.at(self._commit, self._project.folder)
            plan = plan_at(content, self._project.settings.dockerfile)
        return () if isinstance(plan, Unseen) else plan.files.keys()

    def file(self, path: str) -> File | None:
        """The file that this path of the change became, None where there is none.

        Where it was copied to several places that differ, one that is equal to nothing.
        """
        name, committed = self._now.get(path, (path, None))
        if committed is UNKNOWN:
            return UNKNOWN
        if path in self._steering and self._source:
            if self.whole:
                # The source is this commit, submodules and all.
                return committed
            return UNKNOWN if self._is_link(path) else self._source.content.files.get(name)
        own = self._source.content.files.get(name) if self._source else None
        places = self._places.get(name, [])
        if self.whole and own and not places:
            # The source has it, and it is not in the image: neither there nor removed later.
            return UNKNOWN
        found = {self._image.files.get(place) for place in places}
        if len(found) > 1:
            return UNKNOWN
        file = next(iter(found), None)
        if file is None:
            return None
        if own and self._equal.issuperset(places):
            # Equal to the source, however git or the build wrote it: then the source's bytes count,
            # and the commit's where the source's are equal to those.
            if committed and name not in self._differing:
                return File(mode=file.mode, blob=committed.blob)
            self._in_source[own.blob] = name
            return File(mode=file.mode, blob=own.blob)
        self._in_image.setdefault(file.blob, places[0])
        return file

    def _is_link(self, path: str) -> bool:
        """Whether the change moves a submodule here."""
        files = (f for name, *both in self._change.steering if name == path for f in both)
        return any(isinstance(file, File) and file.mode == GITLINK for file in files)

    def read(self, blobs: Iterable[str]) -> dict[str, bytes | None]:
        """Contents by blob id: from the source or the image where they have them, else from the
        repository.
        """
        wanted = set(blobs)
        found: dict[str, bytes | None] = {}
        for content, paths in (
            (self._source.content if self._source else None, self._in_source),
            (self._image, self._in_image),
        ):
            mine = {blob: paths[blob] for blob in wanted - found.keys() if blob in paths}
            if content is not None and mine:
                theirs = content.read(mine.values())
                found |= {blob: theirs.get(path) for blob, path in mine.items()}
        return {**self._project.repository.read(wanted - found.keys()), **found}

    def overruled(self) -> list[str]:
        """Byte code in the image that Python runs in place of a file of the change, whatever that
        file says.
        """
        beside = {
            f"{folder}/__pycache__/{name.removesuffix('.py')}."
            for places in self._places.values()
            for folder, _, name in (place.rpartition("/") for place in places)
            if name.endswith(".py")
        }
        starts = tuple(beside)
        compiled = [path for path in self._image.files if beside and path.startswith(starts)]
        return sorted(set(compiled) - generated(compiled, self._image, ()))

    def placed(self) -> bool:
        """Whether at least one file of the change is where the COPY rules put it.

        Without a proved source this is what shows that the rules belong to this image.
        """
        places = (place for path in self._places for place in self._places[path])
        return any(place in self._image.files for place in places)


def left_out(differences: Iterable[Difference]) -> set[str]:
    """The paths that `git archive` left out."""
    return {d.path for d in differences if d.kind is DifferenceKind.EXPORT_IGNORED}


def _files_now(
    project: Project, commit: str, change: Footprint, source: SourceSeen | None
) -> dict[str, tuple[str, File]]:
    """The files of the change in the commit that the source is, with the names they have there."""
    if source is None or source.source.commit is None or source.folder != project.folder:
        return {}
    root = prefix_of(project.folder)
    changed = [(root + path, old, new) for path, old, new in (*change.copied, *change.steering)]
    there = followed(project.repository, changed, commit, source.source.commit)
    found = {}
    for path, (name, file) in there.items():
        inner = project.inside(name, project.folder)
        if inner is not None:
            found[path[len(root) :]] = (inner, file)
    return found


def _is_equal(packed: Image | None) -> bool:
    return packed is not None and bool(packed.compared) and not differing(packed.differences)


def _equal_places(packed: Image | None, places: Mapping[str, list[str]]) -> set[str]:
    """The paths of the image whose files were compared with the source, and are equal."""
    if packed is None or not packed.compared:
        return set()
    other = {d.path for d in differing(packed.differences)}
    return {place for where in places.values() for place in where if place not in other}
