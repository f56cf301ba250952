"""From files and a Dockerfile to an image in a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from landed.content.commit import plan_of
from landed.content.image.manifest import MANIFEST, document
from landed.content.image.reference import LATEST
from landed.content.placement import Plan
from landed.core.clock import now
from landed.core.model import Frozen
from landed.core.probe import Content, Lent
from landed.localcloud.images import Base, Images, Name
from landed.localcloud.packing import pack
from landed.localcloud.records import BuildRecord

UNNAMED = "unnamed"


class Order(Frozen):
    """What to build: the Dockerfile in the source, names for the image, and arguments.

    Substitutions reach the build as arguments, unchecked, where the Dockerfile asks for them.
    Labels are the image's, over those of the Dockerfile. A `key` asks for one build: a second order
    by it gets the first one's, and goes on with it where its builder died.
    """

    dockerfile: str = "Dockerfile"
    tags: tuple[str, ...] = ()
    build_args: dict[str, str] = {}
    substitutions: dict[str, str] = {}
    labels: dict[str, str] = {}
    key: str = ""


class Made(Frozen):
    """An image that was made, and of what. Without a name it is not kept: it has no digest."""

    digest: str | None
    base: str
    base_fetched: bool
    lent: Lent
    not_run: tuple[str, ...]
    unpinned: tuple[str, ...]
    warnings: tuple[str, ...]

    def on(self, record: BuildRecord, **changes: Any) -> BuildRecord:
        """The record of a build that made this."""
        own = {name: getattr(self, name) for name in self.__struct_fields__}
        return msgspec.structs.replace(record, **own, **changes)


class Imaging:
    """Makes images in the store `into`; bases come from there, else from the store `bases`."""

    def __init__(self, into: Images, bases: Images, say: Callable[[str], None]) -> None:
        self._into = into
        self._bases = bases
        self._say = say

    def make(self, content: Content, order: Order, names: Sequence[Name]) -> Made:
        """Makes the image under all its names. Raises LandedError where that cannot be."""
        repository = names[0].repository if names else UNNAMED
        bases = cache(lambda name: self._base(repository, name))
        plan = plan_of(
            content,
            order.dockerfile,
            {**order.substitutions, **order.build_args},
            lent=lambda name: base.lent if (base := bases(name)) else Lent(),
        )
        base = bases(plan.recipe.base)
        self._say(f"packing {len(plan.files)} files")
        layers = [_layer(content, plan, step) for step in range(len(plan.recipe.copies))]
        digest: str | None = None
        if names:
            config = _config(plan, base.config if base else {}, order.labels)
            tag = names[0].tag or LATEST
            digest = self._into.push(repository, tag, layers, config, base)
            for name in names[1:]:
                spread(self._into, repository, digest, self._into, name)
        fetched = base is not None or plan.recipe.base == "scratch"
        standing_in = f"base {plan.recipe.base} not fetched: the execution's own runtime stands in"
        return Made(
            digest=digest,
            base=plan.recipe.base,
            base_fetched=fetched,
            lent=plan.recipe.lent,
            not_run=plan.not_run,
            unpinned=plan.unpinned,
            warnings=() if fetched else (standing_in,),
        )

    def _base(self, repository: str, name: str) -> Base | None:
        here = self._into.base(name, self._into, repository)
        return here or self._bases.base(name, self._into, repository)


def spread(source: Images, repository: str, digest: str, target: Images, name: Name) -> None:
    """Brings an image under another name, in the same store or in another one."""
    layout = source.layout(repository)
    place = layout.blob_path(digest)
    descriptor = {"mediaType": MANIFEST, "digest": digest, "size": place.stat().st_size}
    if (source, repository) != (target, name.repository):
        manifest = document(layout.manifest(digest), digest)
        for blob in [manifest["config"], *manifest["layers"], descriptor]:
            target.copy(name.repository, blob, layout)
    target.tag(name.repository, name.tag or LATEST, descriptor)


def _layer(content: Content, plan: Plan, step: int) -> tuple[bytes, str, str]:
    files = {
        path: (placed.source, placed.owner, placed.mode)
        for path, placed in plan.files.items()
        if placed.step == step
    }
    data, diff = pack(content, files)
    copy = plan.recipe.copies[step]
    return data, diff, f"COPY {' '.join(copy.sources)} {copy.target}"


def _config(plan: Plan, base: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    """The image's configuration: the base's, with what the Dockerfile adds."""
    recipe = plan.recipe
    env = {**recipe.lent.env, **recipe.env}
    settings: dict[str, Any] = {
        **base,
        "Env": [f"{name}={value}" for name, value in env.items()],
        "Labels": {**(base.get("Labels") or {}), **recipe.labels, **labels},
        "WorkingDir": recipe.workdir,
        "User": recipe.user or base.get("User") or "",
        "Cmd": _command(recipe.cmd, None if recipe.entrypoint is not None else base.get("Cmd")),
        "Entrypoint": _command(recipe.entrypoint, base.get("Entrypoint")),
    }
    import platform  # noqa: PLC0415 - slow to load, and only builds need it

    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    created = now().isoformat().replace("+00:00", "Z")
    return {"created": created, "architecture": machine, "os": "linux", "config": settings}


def _command(own: tuple[str, ...] | None, inherited: list[str] | None) -> list[str] | None:
    """The Dockerfile's own command, an empty one as well; the base's where it says none."""
    return inherited if own is None else list(own)
