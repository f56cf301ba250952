"""Which COPY of an image brought the files of an older commit than the one that was built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from landed.content.commit import CommitFiles
from landed.content.compare import compare
from landed.content.dockerfile import Copy
from landed.content.having import having
from landed.content.names import normal_folder, prefix_of
from landed.content.nearest import place
from landed.content.placement import Plan
from landed.core.errors import ProviderError
from landed.core.model import Unseen
from landed.core.probe import BuildRecord, ImageContent
from landed.core.rules.differences import differing, seen_to_differ
from landed.core.seen import Image, OldLayer
from landed.trace.images import Placed, claimed_folders, origin_of, with_found
from landed.trace.project import Project, plan_of_build
from landed.trace.sources import SourceSeen

_MOST = 20
"""So many instructions, and for each so many commits, are held against the image."""


def with_old_layers(
    project: Project, record: BuildRecord, seen: SourceSeen, content: ImageContent, image: Image
) -> Image:
    """The image with those of its COPYs that are an older commit's, in every file. Nothing is
    asked where it does not differ from its source.
    """
    differ = [d.path for d in seen_to_differ(image.differences) if not d.rule]
    plan = plan_of_build(seen.content, record) if differ else None
    if plan is None or isinstance(plan, Unseen) or seen.source.commit is None:
        return image
    try:
        found = tuple(_old_layers(project, record, seen, plan, content, differ))
    except ProviderError:
        # The history is not at hand: the image differs, and nobody can say which commit's it is.
        return image
    if not found:
        return image
    facts = {
        "old_layers": [
            {
                "copy": one.copy,
                "files": one.files,
                "differ": list(one.differ[:20]),
                "are_those_of": one.commit,
                "built": seen.source.commit,
                "layer_made_by": one.made_by,
                "layer_made_at": one.made_at,
            }
            for one in found
        ]
    }
    return with_found(image, facts, old_layers=found)


def _old_layers(
    project: Project,
    record: BuildRecord,
    seen: SourceSeen,
    plan: Plan,
    content: ImageContent,
    differ: Iterable[str],
) -> Iterator[OldLayer]:
    claimed = claimed_folders(plan)
    by_step: dict[int, list[str]] = {}
    for path in differ:
        step = _step(plan, claimed, path)
        if step is not None:
            by_step.setdefault(step, []).append(path)
    expected = Placed(seen.content, plan, None)
    root = prefix_of(seen.folder)
    for step, paths in sorted(by_step.items())[:_MOST]:
        there = {
            origin: file.blob if (file := content.files.get(path)) else None
            for path in paths
            if (origin := origin_of(expected, claimed, root, path))
        }
        copy = plan.recipe.copies[step]
        for commit in _candidates(project, seen, plan, step, there)[:_MOST]:
            brought = _brought(project.at(commit, seen.folder), record, copy, content)
            here = {path for path in paths if path in content.files}
            if brought is None or not here <= brought.files.keys():
                continue
            yield _old_layer(project, seen, copy, commit, brought, paths, content)
            break


def _step(plan: Plan, claimed: Iterable[str], path: str) -> int | None:
    """The COPY that a path of the image is of, or would be of."""
    if path in plan.files:
        return plan.files[path].step
    folders = [one for one in claimed if path.startswith(prefix_of(one))]
    if not folders:
        return None
    inner = max(folders, key=len)
    steps = (n for n, copy in enumerate(plan.recipe.copies) if copy.target.strip("/") == inner)
    return max(steps, default=None)


def _candidates(
    project: Project, seen: SourceSeen, plan: Plan, step: int, there: dict[str, str | None]
) -> list[str]:
    """The commits behind the source that may have been what this COPY took, newest first."""
    root = prefix_of(seen.folder)
    sources = plan.recipe.copies[step].sources
    if any(char in source for source in sources for char in "*?[\\"):
        below = [root + one.source for one in plan.files.values() if one.step == step]
    else:
        below = [(root + normal_folder(source)).rstrip("/") for source in sources]
    below = [] if "" in below else [*below, *there]
    commit = seen.source.commit or ""
    return [one for one in having(project.repository, commit, below, there) if one != commit]


def _brought(
    committed: CommitFiles, record: BuildRecord, copy: Copy, content: ImageContent
) -> Placed | None:
    """What the same COPY would have brought of another commit, where the image has all of it."""
    plan = plan_of_build(committed, record)
    if isinstance(plan, Unseen):
        return None
    same = (n for n, one in enumerate(plan.recipe.copies) if _words(one) == _words(copy))
    step = next(same, None)
    files = {path: placed for path, placed in plan.files.items() if placed.step == step}
    brought = Placed(committed, replace(plan, files=files), committed)
    compared = compare(brought, content, brought.rules, brought.submodules)
    return brought if compared.same and not differing(compared.differences) else None


def _old_layer(
    project: Project,
    seen: SourceSeen,
    copy: Copy,
    commit: str,
    brought: Placed,
    paths: list[str],
    content: ImageContent,
) -> OldLayer:
    layers = {path: layer for path in brought.files if (layer := content.layer(path))}
    counted = Counter(layer.number for layer in layers.values())
    # Of equally many the lower one: a later instruction changes what an earlier one brought.
    main = min(counted, key=lambda number: (-counted[number], number))
    layer = next(layer for layer in layers.values() if layer.number == main)
    return OldLayer(
        copy=_words(copy),
        commit=commit,
        files=len(brought.files),
        differ=tuple(paths),
        apart=sum(path in layers and layers[path].number != main for path in paths),
        also_in=_also_in(project, seen, copy, brought, content),
        made_by=layer.made_by,
        by_run=layer.by_run,
        made_at=layer.made_at,
    )


def _also_in(
    project: Project, seen: SourceSeen, copy: Copy, brought: Placed, content: ImageContent
) -> str:
    """A folder of the source that has all these files as well, empty where there is none."""
    target = copy.target.strip("/")
    inner = {
        path[len(target) + 1 :] if target and path.startswith(f"{target}/") else path: file
        for path in brought.files
        if (file := content.files.get(path))
    }
    tree = project.repository.tree(seen.source.commit or "")
    folder = place(inner, tree, "")
    prefix = prefix_of(folder)
    every = all((f := tree.get(prefix + path)) and f.blob == inner[path].blob for path in inner)
    return (folder or ".") if every else ""


def _words(copy: Copy) -> str:
    return f"COPY {' '.join(copy.sources)} {copy.target}"
