"""What a commit's own `.gitattributes` say of its paths, as git itself reads them.

Git matches them, in a small repository of its own beside the scratch: an index with nothing but the
`.gitattributes` files of the commit. So neither the attributes of this clone or of its user count
(the builder had none of them), nor can anything that is configured run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from landed.content.git import process, scratch
from landed.content.git.process import need
from landed.content.git.room import Room
from landed.content.git.store import Store
from landed.core.errors import ProviderError
from landed.core.model import Frozen

NAME = ".gitattributes"
_ASKED = (
    "text",
    "crlf",
    "eol",
    "ident",
    "working-tree-encoding",
    "filter",
    "export-subst",
    "export-ignore",
)


class Attributes(Frozen):
    """What changes a file's bytes on the way out of git, in git's own words: `set`, `unset`, a
    value, or empty where it is unspecified.
    """

    text: str = ""
    eol: str = ""
    ident: bool = False
    encoding: str = ""
    lfs: bool = False
    subst: bool = False
    ignored: bool = False


UNSPECIFIED = Attributes()
Rules = Callable[[Iterable[str]], Mapping[str, Attributes]]
"""The attributes of some paths. Paths that have none may be left out."""


def no_rules(_: Iterable[str]) -> Mapping[str, Attributes]:
    """The rules of files that are of no commit: none."""
    return {}


def read(store: Store, commit: str, paths: Iterable[str]) -> dict[str, Attributes]:
    """The attributes of some paths of a commit, from its root. Raises ProviderError where
    a `.gitattributes` of the commit is not in this clone.
    """
    asked = list(dict.fromkeys(paths))
    files = {
        path: file
        for path, file in store.tree(commit).items()
        if path.rsplit("/", 1)[-1] == NAME and file.mode.startswith("100")
    }
    if not files or not asked:
        return {}
    if store.missing(file.blob for file in files.values()):
        raise ProviderError(
            f"a {NAME} of {commit[:10]} is not in this clone", "git fetch --refetch --no-filter"
        )
    with TemporaryDirectory(dir=store.folder) as name:
        room = Path(name)
        for part in ("objects", "refs"):
            (room / part).mkdir()
        (room / "HEAD").write_text("ref: refs/heads/none\n")
        shutil.copyfile(store.folder / "config", room / "config")
        lent = scratch.quoted(store.folder / "objects"), store.alternates
        env = {
            **store.env,
            "GIT_DIR": str(room),
            "GIT_INDEX_FILE": str(room / "index"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.pathsep.join(part for part in lent if part),
            "GIT_ATTR_NOSYSTEM": "1",
        }
        entries = (f"{file.mode} {file.blob}\t{path}\0" for path, file in files.items())
        done = process.run(
            "update-index", "-z", "--index-info", env=env, cwd=room, given=_bytes(entries)
        )
        need(done, f"the {NAME} of {commit[:10]} cannot be read")
        return _asked(asked, ["--cached"], env, room)


def of_folder(root: Path, paths: Iterable[str]) -> dict[str, Attributes]:
    """The same by the `.gitattributes` that lie in a folder, whose own repository, if it has one,
    has no say.
    """
    asked = list(dict.fromkeys(paths))
    if not asked:
        return {}
    with Room() as name:
        room = Path(name)
        for part in ("objects", "refs"):
            (room / part).mkdir()
        (room / "HEAD").write_text("ref: refs/heads/none\n")
        env = {
            **process.reading(),
            "GIT_DIR": str(room),
            "GIT_WORK_TREE": str(root),
            "GIT_ATTR_NOSYSTEM": "1",
        }
        return _asked(asked, [], env, root)


def _asked(
    paths: list[str], options: list[str], env: Mapping[str, str], cwd: Path
) -> dict[str, Attributes]:
    """Asks git. A path below a folder that `git archive` leaves out is `ignored` as well."""
    above = {path: list(folders(path)) for path in paths}
    answer = process.run(
        *("-c", f"core.attributesFile={os.devnull}", "check-attr", *options, "--stdin", "-z"),
        *_ASKED,
        env=env,
        cwd=cwd,
        given=_bytes(f"{path}\0" for path in {*paths, *chain(*above.values())}),
    )
    said = _parsed(need(answer, "attributes cannot be read"))
    out = {path for path, attributes in said.items() if attributes.ignored}
    return {
        path: said[path] if out.isdisjoint(above[path]) else replace(said[path], ignored=True)
        for path in paths
        if path in said
    }


def folders(path: str) -> Iterator[str]:
    """The folders above a path, nearest first, each with a `/` at its end."""
    while head := path.rstrip("/").rpartition("/")[0]:
        path = f"{head}/"
        yield path


def _bytes(parts: Iterable[str]) -> bytes:
    return os.fsencode("".join(parts))


def _parsed(printed: bytes) -> dict[str, Attributes]:
    """Reads the answer of `git check-attr -z`: path, attribute and value, one behind the other."""
    fields = printed.split(b"\0")
    values: dict[str, dict[str, str]] = {}
    for path, name, value in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
        said = value.decode("utf-8", "replace")
        values.setdefault(os.fsdecode(path), {})[name.decode()] = (
            "" if said == "unspecified" else said
        )
    return {path: _attributes(said) for path, said in values.items()}


def _attributes(said: Mapping[str, str]) -> Attributes:
    text, eol, encoding = said["text"], said["eol"], said["working-tree-encoding"]
    # `crlf` is what `text` was called first; git still reads it where `text` says nothing.
    if not text and said["crlf"] == "input":
        text, eol = "set", eol or "lf"
    return Attributes(
        text=text or said["crlf"],
        eol=eol,
        ident=said["ident"] == "set",
        encoding="" if encoding in ("set", "unset") else encoding,
        lfs=said["filter"] == "lfs",
        subst=said["export-subst"] == "set",
        ignored=said["export-ignore"] == "set",
    )
