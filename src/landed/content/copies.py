"""Other places of an image from which a file may be taken in its stead: copies, found by content.

A program that imports `app.job` gets the first that its search path leads to, and an image may have
several: one that was installed, one that came with the base, one that was bundled. A file is such a
copy where its content is a state that the file once had, or where it lies where programs look for
the same name and has many of its lines. The same name alone is none: every image is full of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property

from landed.content.archives import archives_of, opened
from landed.content.candidates import EMPTY, Sought, There, Wanted
from landed.content.having import history
from landed.content.names import beside_the_code, prefix_of
from landed.content.repo import Repository
from landed.content.search_path import (
    SearchPath,
    Stands,
    above,
    installed,
    known_as,
    node_name,
    shared,
)
from landed.core.model import Frozen
from landed.core.probe import SYMLINK, File, ImageContent

_TELLING = 3
"""Lines. A shorter file may be equal to another by chance."""
_MOST = 20
"""How many files that no repository has are read of an image."""
_LEFTOVERS = re.compile(
    r"(?:^|/)(?:build/(?:lib|bdist)[^/]*|__pycache__|\.git|\.cache|\.eggs|\.tox|\.nox"
    r"|[^/]+\.(?:egg|dist)-info)/"
)
"""What tools leave behind, and nothing runs from."""
_BUNDLES = frozenset({"vendor", "vendored", "_vendor", "third_party", "bundled", "_bundled"})


class Found(Frozen):
    """A copy of a file, beside the one at `place`. `file` is None where the package is there and
    lacks it. `commits` are those that brought this very content, newest first; none for content
    that this file has in no commit.
    """

    sought: Sought
    place: Stands
    other: Stands
    file: File | None
    commits: tuple[str, ...] = ()

    @property
    def installed(self) -> bool:
        """Whether it lies where packages are installed."""
        return installed(self.other.root)


class _Look(Frozen):
    """A file of the same name. `named` tells that programs may know it by the same path, `found`
    that they look for it there.
    """

    copy: Found
    blob: str
    named: bool
    found: bool


class Copies:
    """Looks for copies in one image. `planned` are the files of it that the build copied from some
    path of its source: it is asked only where that matters. `loaded` are files of the image that
    its code is known to have been loaded from, members of archives as well.
    """

    def __init__(
        self,
        repository: Repository,
        image: ImageContent,
        planned: Callable[[], Collection[str]],
        loaded: Collection[str] = (),
    ) -> None:
        self._repository, self._ask, self._loaded = repository, planned, set(loaded)
        self._search = SearchPath(image.start)
        self._names: dict[str, str] = {}
        archives = {*self._search.archives(image.files), *archives_of(loaded, image.files)}
        self.image = opened(image, sorted(archives), repository.object_format)

    @cached_property
    def _planned(self) -> Collection[str]:
        return self._ask()

    def of(self, sought: Iterable[Sought]) -> list[Found]:
        """All copies of these files that are not equal to them."""
        wanted = [
            Wanted(sought=one, known_as=list(known_as(one.places[0], one.origin, self.image.files)))
            for one in sought
            if one.places and not beside_the_code(one.path)
        ]
        if not wanted:
            return []
        there = There(self.image.files, wanted, self._search.folders)
        looks = list(self._looks(wanted, there))
        blobs = {look.blob for look in looks}
        known = blobs - self._repository.missing(blobs)
        names = {name for look in looks if look.blob in known for name in look.copy.sought.names}
        states = history(self._repository, sorted(names))
        found = [
            copy for look in looks if look.blob in known and (copy := self._by_state(look, states))
        ]
        taken = {copy.other.path for copy in found}
        rest = [
            look
            for look in looks
            if look.found and (path := look.copy.other.path) not in taken
            if path.endswith(".pyc") or path not in self._planned
        ]
        found += [*self._alike(rest, known), *self._without(wanted, there)]
        return list({(one.sought.path, one.other.path): one for one in found}.values())

    def _looks(self, wanted: list[Wanted], there: There) -> Iterator[_Look]:
        """The files that have the name of one of these and another content."""
        for one in wanted:
            places = one.sought.places
            equal = {file.blob for path in places if (file := self.image.files.get(path))}
            for path in there.named(places[0]):
                file = self.image.files[path]
                if path in places or file.mode == SYMLINK or file.blob in (*EMPTY, *equal):
                    continue
                look = self._look(one, path, file)
                if look and self._counts(look):
                    yield look
            yield from self._compiled(one)

    def _compiled(self, one: Wanted) -> Iterator[_Look]:
        """What was or would be loaded as the module that the file is, and is no text: nobody can
        compare it.
        """
        for stands, usual in one.known_as:
            module = usual.removesuffix(".py")
            for other in self._sourceless(stands, usual):
                code = self.image.files[other.path]
                copy = Found(sought=one.sought, place=stands, other=other, file=code)
                yield _Look(copy=copy, blob=code.blob, named=True, found=True)
            for path in sorted(self._loaded) if module != usual else ():
                folder, _, name = path.rpartition("/")
                tail = f"{folder}/{name.partition('.')[0]}"
                file = self.image.files.get(path)
                if file and not name.endswith(".py") and f"/{tail}".endswith(f"/{module}"):
                    root = tail[: -len(module)].rstrip("/")
                    other = Stands(root=root, tail=path[len(root) :].lstrip("/"))
                    copy = Found(sought=one.sought, place=stands, other=other, file=file)
                    yield _Look(copy=copy, blob=file.blob, named=True, found=True)

    def _look(self, one: Wanted, path: str, file: File) -> _Look | None:
        for stands, tail in one.known_as:
            if path == tail or path.endswith(f"/{tail}"):
                other = Stands(root=path[: -len(tail)].rstrip("/"), tail=tail)
                found = self._found(path, stands, other)
                # A single name says little: there are many of it.
                named = found or "/" in tail
                copy = Found(sought=one.sought, place=stands, other=other, file=file)
                return _Look(copy=copy, blob=file.blob, named=named, found=found)
        if installed(path):
            # It is a file of another package.
            return None
        place = one.sought.places[0]
        tail = shared(place, path)
        mine, its = (Stands(root=p[: -len(tail)].rstrip("/"), tail=tail) for p in (place, path))
        copy = Found(sought=one.sought, place=mine, other=its, file=file)
        return _Look(copy=copy, blob=file.blob, named=False, found=False)

    def _sourceless(self, stands: Stands, tail: str) -> Iterator[Stands]:
        """Byte code where programs look for the module, and no text of it there."""
        for root in self._search.folders:
            text = Stands(root=root, tail=tail)
            its = Stands(root=root, tail=f"{tail}c")
            there = its.path in self.image.files and text.path not in self.image.files
            if tail.endswith(".py") and root != stands.root and there:
                yield its

    def _found(self, path: str, stands: Stands, other: Stands) -> bool:
        """Whether programs look for the file of that place here: not where the whole folder is a
        package, or another package of Node's, with files of its own.
        """
        python = path.endswith(".py")
        if not python and self._is_node(other.root) and self._is_node(stands.root):
            mine, its = self._name(stands.root), self._name(other.root)
            if mine != its:
                return False
        if self._search.leads_to(other.root, self._name(stands.root)):
            return True
        return self._taken(other) and not (python and self._has(other.root, "__init__.py"))

    def _is_node(self, root: str) -> bool:
        return self._has(root, "package.json")

    def _has(self, root: str, name: str) -> bool:
        return (f"{root}/{name}" if root else name) in self.image.files

    def _taken(self, other: Stands) -> bool:
        """Whether it was loaded, or its package was."""
        whole = f"{other.package}/__init__.py"
        return other.path in self._loaded or ("/" in other.tail and whole in self._loaded)

    def _name(self, root: str) -> str:
        """The name of our own Node package: only what is called so is a copy of it."""
        if root not in self._names:
            file = self.image.files.get(f"{root}/package.json" if root else "package.json")
            data = self._repository.read([file.blob])[file.blob] if file else None
            self._names[root] = node_name(data)
        return self._names[root]

    def _counts(self, look: _Look) -> bool:
        """Whether it could run at all. What tools leave behind, tests and documents do not, unless
        programs look there. And a file that the source has at a path of its own is one of its own,
        unless they do, or it is bundled.
        """
        path = look.copy.other.path
        if look.found:
            return True
        if _LEFTOVERS.search(path) or beside_the_code(path):
            return False
        bundled = look.named and not _BUNDLES.isdisjoint(path.split("/"))
        return bundled or path not in self._planned

    def _by_state(self, look: _Look, states: Mapping[str, Mapping[str, list[str]]]) -> Found | None:
        """The copy, where the file once had this very content."""
        commits = [c for name in look.copy.sought.names for c in states[name].get(look.blob, [])]
        if not commits:
            return None
        if not look.named:
            text = self._repository.read([look.blob])[look.blob]
            if text is None or len(_lines(text)) < _TELLING:
                return None
        return _with(look.copy, commits)

    def _alike(self, looks: list[_Look], known: Collection[str]) -> Iterator[Found]:
        """The copies by many lines, of content that this file has in no commit."""
        wanted = {look.copy.sought.like.blob for look in looks}
        ours = self._repository.read({*wanted, *(k.blob for k in looks if k.blob in known)})
        strange = [look.copy.other.path for look in looks if look.blob not in known][:_MOST]
        theirs = self.image.read(strange) if strange else {}
        for look in looks:
            path = look.copy.other.path
            its, mine = (
                ours.get(look.blob) or theirs.get(path),
                ours.get(look.copy.sought.like.blob),
            )
            # What was loaded under its name was taken in its stead, whatever it is.
            compiled = path.endswith(".pyc")
            if compiled or self._taken(look.copy.other) or _similar(mine, its):
                yield look.copy

    def _without(self, wanted: list[Wanted], there: There) -> list[Found]:
        """Copies of a file's package that do not have the file: it was added, or renamed."""
        changed = {place for one in wanted for place in one.sought.places}
        # What the change removed is not missed.
        kept = [one for one in wanted if not self.image.files.keys().isdisjoint(one.sought.places)]
        likely = [found for one in kept for found in self._packages(one, there, changed)]
        known = {blob for _, blobs, _ in likely for blob in blobs}
        known -= self._repository.missing(known)
        return [
            copy
            for copy, blobs, siblings in likely
            if self._taken(copy.other) or 2 * len(known.intersection(blobs)) >= siblings
        ]

    def _packages(
        self, one: Wanted, there: There, changed: Collection[str]
    ) -> Iterator[tuple[Found, set[str], int]]:
        """Folders that may be the file's package and lack it, each with the contents of those files
        that both have, and how many there should be.
        """
        stands, _ = one.known_as[0]
        for folder in above(stands):
            start = prefix_of(folder)
            siblings = [
                name
                for name in there.folders.get(folder, ())
                # A stub of a package has that one as well.
                if start + name not in changed and name != "__init__.py"
            ]
            if siblings:
                break
        else:
            return
        inner = folder[len(stands.root) :].lstrip("/")
        for other in there.likely(inner, folder):
            root = other[: -len(inner)].rstrip("/") if inner else other
            its = Stands(root=root, tail=stands.tail)
            both = [name for name in siblings if name in there.folders[other]]
            blobs = {there.folders[other][name] for name in both}
            if its.path in self.image.files or not (blobs or self._taken(its)):
                continue
            copy = Found(sought=one.sought, place=stands, other=its, file=None)
            found = self._taken(its) or self._search.leads_to(root, self._name(stands.root))
            bundled = not _BUNDLES.isdisjoint(other.split("/"))
            # A folder that the source has at a path of its own is a package of its own.
            if not found and not bundled and any(f"{other}/{n}" in self._planned for n in both):
                continue
            if self._counts(_Look(copy=copy, blob="", named=bool(inner), found=found)):
                yield copy, blobs, len(siblings)


def _with(copy: Found, commits: list[str]) -> Found:
    return Found(
        sought=copy.sought,
        place=copy.place,
        other=copy.other,
        file=copy.file,
        commits=tuple(dict.fromkeys(commits)),
    )


def _lines(text: bytes) -> list[bytes]:
    """The lines that say something."""
    return [line for raw in text.splitlines() if (line := raw.strip())]


def _similar(one: bytes | None, other: bytes | None) -> bool:
    """Whether half of the lines are the same, or nobody can tell."""
    if one is None or other is None:
        return True
    mine, its = Counter(_lines(one)), Counter(_lines(other))
    same = (mine & its).total()
    return same > 0 and 2 * same >= max(mine.total(), its.total())
