"""What proves a commit's files where its repository is not: the commit, its trees and its ignore
files, as `git cat-file --batch` prints them.

Git names an object by the hash of its bytes. So the id of a commit pins its tree, and that pins
every path, mode and blob: whoever wrote a proof, or keeps a repository, cannot lie about them.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator

from landed.content.git.process import need
from landed.content.git.store import Store
from landed.content.git.submodules import DEPTH, store_of
from landed.content.names import is_ignore_file
from landed.core.errors import DataError
from landed.core.probe import GITLINK, SYMLINK, File

NAME = ".landed-proof"
"""How a proof is called that lies at the top of an upload."""

LARGEST = 64 << 20
MOST_FILES = 1_000_000
"""A tree may name another many times over: a small proof could stand for endless files."""

_TREE = "40000"
_HEAD = re.compile(
    rb"([0-9a-f]{40}|[0-9a-f]{64}) (?:(commit|tree|blob) (0|[1-9]\d{0,9})|missing)\n"
)
_FORMATS = {20: "sha1", 32: "sha256"}
_NO_NAMES = {"", ".", "..", ".git"}


def write(store: Store, commit: str) -> bytes:
    """The proof of a commit, with those of its submodules whose objects are at hand. Raises
    ProviderError where the commit or one of its trees is not.
    """
    asked = ("rev-list", "-1", "--objects", "--no-object-names", "--filter=blob:none", commit, "--")
    ids = need(store.git(*asked), f"the trees of {commit[:10]} cannot be listed").split()
    tree = store.tree(commit)
    ids += [file.blob.encode() for path, file in tree.items() if _is_carried(path, file)]
    given = b"\n".join(dict.fromkeys(ids)) + b"\n"
    printed = need(
        store.git("cat-file", "--batch", given=given), f"{commit[:10]} cannot be read from git"
    )
    for path, file in tree.items():
        inner = store_of(store, commit, path, file.blob) if file.mode == GITLINK else None
        printed += write(inner, file.blob) if inner else b""
    return printed


class Proof:
    """A proof, read. Raises DataError for what is none, or holds bytes under another's id."""

    def __init__(self, data: bytes) -> None:
        self._objects: dict[str, tuple[str, bytes]] = {}
        self._used: set[str] = set()
        for id_, kind, content in _parsed(data):
            if kind or id_ not in self._objects:
                self._objects[id_] = kind, content

    @property
    def commits(self) -> list[str]:
        """The commits, in the order in which they were written: those of submodules come last."""
        return [id_ for id_ in self._objects if self.kind(id_) == "commit"]

    def kind(self, id_: str) -> str:
        """What an object is: `commit`, `tree` or `blob`; empty where it is not here."""
        return self._objects.get(id_, ("", b""))[0]

    def blob(self, id_: str) -> bytes | None:
        """The bytes of a file that the proof carries along."""
        kind, content = self._objects.get(id_, ("", b""))
        return content if kind == "blob" else None

    def tree(self, commit: str) -> str:
        """The id of a commit's tree."""
        found = re.match(rb"tree ([0-9a-f]+)\n", self._object(commit, "commit"))
        if found is None:
            raise DataError(f"the commit {commit} names no tree", "git fsck tells more")
        return found[1].decode()

    def files(self, commit: str) -> dict[str, File]:
        """Every file of a commit by its path. A submodule stands there as the link that it is."""
        files: dict[str, File] = {}
        open_ = [("", self.tree(commit))]
        while open_:
            folder, tree = open_.pop()
            for mode, name, id_ in _entries(self._object(tree, "tree"), len(commit) // 2):
                path = folder + name
                if mode == _TREE:
                    open_.append((f"{path}/", id_))
                    continue
                if path in files or len(files) + len(open_) > MOST_FILES:
                    raise DataError(
                        f"the tree of {commit} has one path twice, or no end of them",
                        "git fsck tells more",
                    )
                files[path] = File(mode=_plain(mode), blob=id_)
                self._used |= {id_} if _is_carried(path, files[path]) else set()
        return files

    def whole(self, commit: str, depth: int = 0) -> tuple[dict[str, File], list[str]]:
        """The files of a commit and of those submodules whose commits are here as well, and where
        these submodules lie.
        """
        files = self.files(commit)
        roots: list[str] = []
        for path, file in list(files.items()):
            if file.mode == GITLINK and self.kind(file.blob) == "commit" and depth < DEPTH:
                inner, below = self.whole(file.blob, depth + 1)
                del files[path]
                files |= {f"{path}/{name}": one for name, one in inner.items()}
                roots += [path, *(f"{path}/{name}" for name in below)]
        return files, roots

    def unused(self) -> list[str]:
        """The objects that none of the questions asked so far led to."""
        return [id_ for id_ in self._objects if id_ not in self._used]

    def _object(self, id_: str, kind: str) -> bytes:
        found, content = self._objects.get(id_, ("", b""))
        if found != kind:
            what = f"is a {found}" if found else "is missing"
            raise DataError(f"{kind} {id_} {what}", "a clone without trees does not have them all")
        self._used.add(id_)
        return content


def is_proof(data: bytes | None) -> bool:
    """Whether this is the proof of some commit and nothing else, so that every byte follows from a
    commit's id.
    """
    try:
        proof = Proof(data or b"")
        for commit in proof.commits[:1]:
            proof.whole(commit)
        return bool(proof.commits) and not proof.unused()
    except DataError:
        return False


def _parsed(data: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Each object's id, kind and bytes, once the bytes were found to be those of the id.
    The kind is empty where git had it not.
    """
    at = 0
    while at < len(data):
        head = _HEAD.match(data, at)
        if head is None:
            raise DataError("this is not what `git cat-file --batch` prints", "write it again")
        at, id_ = head.end(), head[1].decode()
        if head[2] is None:
            # Git has not that object. Only an id that the commit leads to may stand here.
            yield id_, "", b""
            continue
        end = at + int(head[3])
        content, at = data[at:end], end + 1
        if data[end:at] != b"\n":
            raise DataError("it ends in the middle of an object", "write it again")
        digest = hashlib.new(_FORMATS[len(id_) // 2], usedforsecurity=False)
        digest.update(b"%s %d\0" % (head[2], len(content)))
        digest.update(content)
        if digest.hexdigest() != id_:
            raise DataError(f"the bytes of {id_} are not those of that id", "somebody changed them")
        yield id_, head[2].decode(), content


def _entries(tree: bytes, size: int) -> Iterator[tuple[str, str, str]]:
    """The entries of a tree: mode, name, id. `size` is that of an id in bytes."""
    at = 0
    while at < len(tree):
        end = tree.find(b"\0", at)
        mode, _, name = tree[at:end].partition(b" ")
        at = end + 1 + size
        text = os.fsdecode(name)
        if end < 0 or at > len(tree) or text.lower() in _NO_NAMES or "/" in text:
            raise DataError("a tree has an entry that no folder can hold", "git fsck tells more")
        yield mode.decode("ascii", "replace").lstrip("0"), text, tree[end + 1 : at].hex()


def _plain(mode: str) -> str:
    """A mode as git has them today; old trees hold others, and git reads them so."""
    if mode.startswith("10"):
        return "100755" if mode[-3:] in ("755", "775") else "100644"
    return mode


def _is_carried(path: str, file: File) -> bool:
    return is_ignore_file(path) and file.mode not in (GITLINK, SYMLINK)
