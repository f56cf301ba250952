"""Committed outputs in an image that were not made again when their sources changed."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from landed.content import outputs
from landed.content.names import beside_the_code, prefix_of
from landed.content.placement import Plan
from landed.core.errors import ProviderError
from landed.core.model import Unseen
from landed.core.probe import BuildRecord, File, ImageContent
from landed.core.seen import Image, OutputProof, StaleOutput
from landed.trace.footprint import Changed
from landed.trace.images import with_found
from landed.trace.project import Project, landing, plan_of_build
from landed.trace.sources import Question, SourceSeen

_MOST = 20
"""So many outputs are read, and so many sources asked about."""
_LOOKED_BACK = 30
_OFTEN = 2


def with_stale_outputs(
    project: Project,
    question: Question,
    record: BuildRecord,
    seen: SourceSeen,
    content: ImageContent,
    image: Image,
) -> Image:
    """The image with the outputs in it that are older than the change to what they are made of.
    Nothing is read where the source has no committed outputs.
    """
    files = seen.content.files
    changed = [
        (path, old, new)
        for path, old, new in question.footprint.all
        if old and new and old.blob != new.blob and not beside_the_code(path)
    ]
    if not changed or not seen.source.presence.arrived or not outputs.may_be_among(files):
        return image
    groups = {path: found for path in files if (found := outputs.group(path, files))}
    root = prefix_of(seen.folder)
    changed = [one for one in changed if one[0].removeprefix(root) not in groups]
    plan = plan_of_build(seen.content, record) if groups and changed else None
    if plan is None or isinstance(plan, Unseen):
        return image
    try:
        look = _Look(project, question, seen, content, plan, groups, changed)
        stale = tuple(look.stale())
    except ProviderError:
        # The history is not at hand: nothing is said.
        return image
    if not stale:
        return image
    keys = ("path", "output", "source", "proof", "last", "together", "made_here", "copied")
    facts = {"outputs": [{key: getattr(one, key) for key in keys} for one in stale]}
    see = f"git log -1 --format=%H -- {stale[0].output}"
    return with_found(image, facts, see, outputs=stale)


class _Look:
    """One look at the outputs of a source. Paths are those of the context; `root` leads to them."""

    def __init__(
        self,
        project: Project,
        question: Question,
        seen: SourceSeen,
        content: ImageContent,
        plan: Plan,
        groups: Mapping[str, str],
        changed: Sequence[Changed],
    ) -> None:
        self._repository = project.repository
        self._seen, self._content, self._groups = seen, content, groups
        self._root = prefix_of(seen.folder)
        self._places = landing(plan)
        self._made_here = outputs.makes(plan.recipe.run)
        self._parent = next(iter(project.repository.commit(question.commit).parents), "")
        self._shipped = self._unchanged()
        some = changed[:_MOST]
        self._texts = self._repository.read([f.blob for _, *both in some for f in both if f])
        self._changed = [one for one in some if not self._written_otherwise(one)]

    def _written_otherwise(self, changed: Changed) -> bool:
        path, *both = changed
        old, new = (self._texts.get(file.blob) if file else None for file in both)
        return outputs.same_code(path, old, new)

    def _unchanged(self) -> dict[str, str]:
        """The outputs that the image has as the source has them, and as they were before the
        change, with their place: of no group in which any file was made since.
        """
        if not self._parent:
            return {}
        files = self._seen.content.files
        before = self._repository.tree(self._parent, self._seen.folder)

        def blob(tree: Mapping[str, File], path: str) -> str:
            return tree[path].blob if path in tree else ""

        since = {g for path, g in self._groups.items() if blob(files, path) != blob(before, path)}
        placed = {
            path: self._places[path][0]
            for path, group in self._groups.items()
            if group not in since and path in self._places
        }
        there = self._content.files
        return {
            p: at for p, at in placed.items() if at in there and there[at].blob == files[p].blob
        }

    def stale(self) -> Iterator[StaleOutput]:
        """Those that were not made again, the surest first."""
        if not self._shipped:
            return
        by_map: dict[str, str] = {}
        for output, source in self._by_maps():
            by_map[output] = by_map.get(output) or source
        found = {output: source for output, source in by_map.items() if source}
        if found or by_map:
            # A map that holds the new text says that all was made again.
            for output, source in found.items():
                yield self._of(output, source, OutputProof.MAP)
            return
        for source, old, new in self._changed:
            gone, put_in = outputs.telling(self._texts.get(old.blob), self._texts.get(new.blob))  # type: ignore[union-attr]
            often = self._together(source)
            texts = self._seen.content.read([path for path, _ in often]) if gone else {}
            for output, together in often:
                if outputs.was_made_before(texts.get(output), gone, put_in):
                    yield self._of(output, source, OutputProof.TEXT, together)
                    break
                if together >= _OFTEN:
                    yield self._of(output, source, OutputProof.HISTORY, together)
                    break

    def _by_maps(self) -> Iterator[tuple[str, str]]:
        """The outputs whose map holds a changed file: with that file where its text is the old one,
        with nothing where it is not.
        """
        if not any(outputs.is_web(path) for path, _, _ in self._changed):
            return
        names = {path.rsplit("/", 1)[-1] for path, _, _ in self._changed}
        files = self._seen.content.files
        web = [path for path in self._shipped if outputs.is_web(path)][:_MOST]
        read = self._seen.content.read(
            [*web, *(m for path in web if (m := f"{path}.map") in files)]
        )
        for output in web:
            for named, text in outputs.embedded(read.get(output), read.get(f"{output}.map")):
                if named.rsplit("/", 1)[-1] in names and (
                    said := self._source(output, named, text)
                ):
                    yield output, said[0]

    def _source(self, output: str, named: str, text: str) -> tuple[str] | None:
        """The changed file that an output's map holds the old text of; an empty name where it is
        the new one, None where it is neither, or may be another file's.
        """
        leads_to = posixpath.normpath(posixpath.join(self._root + output, "..", named))
        for path, old, new in self._changed:
            if path.rsplit("/", 1)[-1] != named.rsplit("/", 1)[-1] or not old or not new:
                continue
            if outputs.same_text(text, self._texts.get(new.blob)):
                return ("",)
            if outputs.same_text(text, self._texts.get(old.blob)):
                return (path,) if leads_to == path or not self._twins(path, old.blob) else None
        return None

    def _twins(self, path: str, blob: str) -> bool:
        """Whether the source has another file of this name that still is as this one was."""
        end = f"/{path.rpartition('/')[2]}"
        files = self._seen.content.files.items()
        return any(f.blob == blob and f"/{one}".endswith(end) for one, f in files)

    def _together(self, source: str) -> list[tuple[str, int]]:
        """The outputs that changed in the commits that changed this file before, with how often.
        Nothing where that is less than half of them.
        """
        commits = self._repository.log([self._parent], paths=[source], most=_LOOKED_BACK)
        if len(commits) < _LOOKED_BACK:
            # The first one brought it, with whatever else there was.
            commits = commits[:-1]
        paths = [self._root + path for path in self._shipped]
        if not commits or not paths:
            return []
        made = self._repository.changes(commits, paths[:500])
        counted = Counter(path for touched in made.values() for path, _, _ in touched)
        often = [(p.removeprefix(self._root), n) for p, n in counted.most_common(_MOST)]
        return [(path, n) for path, n in often if 2 * n >= len(commits)]

    def _of(self, output: str, source: str, proof: OutputProof, together: int = 0) -> StaleOutput:
        whole = self._root + output
        last = self._repository.log([self._parent], paths=[whole], most=1)
        return StaleOutput(
            path=self._shipped[output],
            output=whole,
            source=source,
            proof=proof,
            last=next(iter(last), ""),
            together=together,
            made_here=self._made_here,
            copied=source.removeprefix(self._root) in self._places,
            started=self._started(self._shipped[output], self._groups[output]),
        )

    def _started(self, place: str, group: str) -> bool:
        """Whether the image's command names this output, or the folder that it was made in."""
        folder = group.rsplit("/", 1)[-1]
        return any(
            folder in re.split(r"[/.\s]", word) or f"/{place}".endswith(f"/{word.lstrip('./')}")
            for word in self._content.start.command
        )
