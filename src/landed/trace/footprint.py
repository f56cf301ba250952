"""What a change does to the image: the files that carry its effect, and those that do not."""

from __future__ import annotations

from collections.abc import Callable

from landed.content.names import beside_the_code
from landed.content.placement import Plan
from landed.core.model import Effect, Frozen, Unseen
from landed.core.probe import GITLINK, File, Lent
from landed.core.words import listed
from landed.trace.project import Project, landing, plan_at

Changed = tuple[str, File | None, File | None]
"""A path of the repository with the file before and after the change."""


class Footprint(Frozen):
    """The change, sorted by what the build does with its paths.

    `copied` land in the image, at `places` (path of the context to paths of the image). `steering`
    shape the image without being in it (the Dockerfile, say). `kept_out` would belong there and an
    ignore rule drops them. Paths are those of the context; all other paths have no effect. A change
    to nothing but other deployables' folders is `beside`.
    """

    effect: Effect
    because: str
    all: tuple[Changed, ...]
    copied: tuple[Changed, ...] = ()
    steering: tuple[Changed, ...] = ()
    kept_out: tuple[tuple[str, str], ...] = ()
    beside: bool = False
    places: dict[str, list[str]] = {}

    @property
    def unplaced(self) -> tuple[str, ...]:
        """Where nothing reaches the image: what looks like code all the same."""
        none = self.effect is Effect.NONE and not self.beside
        return tuple(path for path, _, _ in self.all if none and not beside_the_code(path))


def footprint(project: Project, commit: str, lent: Callable[[str], Lent]) -> Footprint:
    """The footprint of `commit` against its first parent, by its own COPY and ignore rules.

    `lent` says what the base of a name lends.
    """
    answer = project.repository.changed_paths(commit)
    if answer is None:
        return Footprint(
            effect=Effect.UNKNOWN, because="this clone does not hold the commit's parent", all=()
        )
    changed = tuple(answer)
    if not changed:
        return Footprint(effect=Effect.NONE, because="it changes no file", all=changed)
    dockerfile = project.settings.dockerfile
    after = plan_at(project.at(commit, project.folder), dockerfile, lent=lent)
    if isinstance(after, Unseen):
        return Footprint(effect=Effect.UNKNOWN, because=after.reason, all=changed)
    if all(project.beside(path) for path, _, _ in changed):
        because = f"it touches what other deployables are built from, and nothing of {project.name}"
        return Footprint(effect=Effect.NONE, because=because, all=changed, beside=True)
    places = landing(after)
    inputs = set(after.inputs)
    kept = _kept_out(project, commit, after)
    parent = project.repository.commit(commit).parents[:1]
    if parent:
        before = plan_at(project.at(parent[0], project.folder), dockerfile, lent=lent)
        if not isinstance(before, Unseen):
            # What the change deletes stands only in the plan of the commit before it.
            for source, where in landing(before).items():
                places.setdefault(source, where)
            inputs |= set(before.inputs)
    copied: list[Changed] = []
    steering: list[Changed] = []
    kept_out: list[tuple[str, str]] = []
    for path, old, new in changed:
        inner = project.inside(path, project.folder)
        if inner is None:
            continue
        if GITLINK in ((old.mode if old else ""), (new.mode if new else "")) or inner in inputs:
            steering.append((inner, old, new))
        elif inner in places:
            copied.append((inner, old, new))
        elif inner in kept and new is not None and not beside_the_code(inner):
            kept_out.append((inner, kept[inner]))
    if copied or steering or kept_out:
        effect, because = Effect.SOME, ""
    else:
        names = listed([path for path, _, _ in changed])
        effect, because = Effect.NONE, f"by {dockerfile}, nothing of {names} reaches the image"
    return Footprint(
        effect=effect,
        because=because,
        all=changed,
        copied=tuple(copied),
        steering=tuple(steering),
        kept_out=tuple(kept_out),
        places={inner: places[inner] for inner, _, _ in copied},
    )


def _kept_out(project: Project, commit: str, plan: Plan) -> dict[str, str]:
    """The paths that a COPY would take if no ignore rule stood in its way, with that rule."""
    if not plan.left_out:
        return {}
    content = project.at(commit, project.folder)
    unhindered = plan_at(content, project.settings.dockerfile, ignoring=False)
    if isinstance(unhindered, Unseen):
        return {}
    taken = landing(unhindered)
    return {path: rule for path, rule in plan.left_out.items() if path in taken}
