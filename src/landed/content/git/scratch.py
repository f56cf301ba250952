"""A scratch repository that sees another one's objects and refs, under a configuration of ours.

Nothing in it leads back: refs are copied, objects are borrowed as alternates, so that no command
in the scratch can write to the repository it looks at. It is made of few folders, because on
some disks every folder that is made and removed costs as much as starting git.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from landed.content.git.place import Place
from landed.content.git.settings import Setting, Settings, render
from landed.core.model import Frozen

_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_OURS = {
    "repositoryformatversion": "1",
    "bare": "true",
    "hookspath": os.devnull,
    "fsmonitor": "false",
    "untrackedcache": "false",
    "quotepath": "false",
    "logallrefupdates": "false",
}


class Refs(Frozen):
    """The refs as they stood when the repository was opened; `loose` overrules `packed`.

    `table` says that they are kept in a form that only git reads.
    """

    loose: dict[str, str]
    packed: bytes
    table: bool = False

    def id(self, name: str) -> str | None:
        """What a ref points to."""
        if name in self.loose:
            return self.loose[name]
        wanted = rb"(?m)^([0-9a-f]+) " + re.escape(os.fsencode(name)) + rb"\n"
        found = re.search(wanted, self.packed)
        return found[1].decode() if found else None


def make(folder: Path, place: Place, settings: Settings) -> Refs:
    """Makes the scratch repository in an empty folder, and returns the refs it was given."""
    for name in ("objects", "refs"):
        (folder / name).mkdir()
    ours = [
        Setting(scope="", section="core", subsection=None, name=name, value=value)
        for name, value in _OURS.items()
    ]
    config = render([*settings.taken_over(), *ours])
    (folder / "config").write_bytes(config.encode("utf-8", "surrogateescape"))
    _copy(place.common_dir / "shallow", folder / "shallow")
    for name in ("info/attributes", "info/exclude"):
        _copy_rules(place.common_dir / name, folder / name)
    _copy_heads(place.git_dir, folder)
    if (settings.last("extensions.refstorage") or "files") != "files":
        shutil.copytree(place.common_dir / "reftable", folder / "reftable")
        return Refs(loose={}, packed=b"", table=True)
    return _copy_refs(place.common_dir, folder)


def head_branch(folder: Path) -> str | None:
    """The ref that HEAD names, None where it names a commit."""
    text = (folder / "HEAD").read_text("utf-8", "surrogateescape").strip()
    return text.removeprefix("ref:").strip() if text.startswith("ref:") else None


def copy_logs(place: Place, folder: Path) -> None:
    """Adds the reflogs, for revisions such as `main@{yesterday}`."""
    for source in (place.common_dir / "logs", place.git_dir / "logs"):
        if source.is_dir():
            shutil.copytree(source, folder / "logs", dirs_exist_ok=True)


def alternates(place: Place) -> str:
    """The environment's value that lends the repository's objects to the scratch."""
    return quoted(place.common_dir / "objects")


def quoted(folder: Path) -> str:
    """A folder as git reads it in a list of folders."""
    path = str(folder)
    if os.pathsep in path or path.startswith('"'):
        path = '"' + re.sub(r'([\\"])', r"\\\1", path) + '"'
    return path


def _copy(source: Path, target: Path) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        shutil.copyfile(source, target)


def _copy_rules(source: Path, target: Path) -> None:
    """Copies a file of patterns, unless it has only comments, as git makes them."""
    with suppress(FileNotFoundError, NotADirectoryError):
        text = source.read_bytes()
        if re.search(rb"(?m)^[^#\s]", text):
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(text)


def _copy_heads(git_dir: Path, folder: Path) -> None:
    for entry in os.scandir(git_dir):
        if entry.name == "HEAD" and entry.is_symlink():
            (folder / "HEAD").write_text(f"ref: {Path(entry).readlink()}\n")
        elif re.fullmatch(r"([A-Z]+_)*HEAD|sharedindex\.\w+", entry.name) and entry.is_file():
            _copy(Path(entry), folder / entry.name)


def _copy_refs(common: Path, folder: Path) -> Refs:
    loose: dict[str, str] = {}
    symbolic: dict[str, str] = {}
    for path in _files(common / "refs"):
        text = os.fsdecode(path.read_bytes()).strip()
        name = os.fsdecode(path.relative_to(common))
        if text.startswith("ref:"):
            symbolic[name] = text.removeprefix("ref:").strip()
        elif _ID.fullmatch(text):
            loose[name] = text
    packed = b""
    with suppress(FileNotFoundError):
        packed = (common / "packed-refs").read_bytes()
    refs = Refs(loose=loose, packed=packed)
    loose.update({name: id_ for name, to in symbolic.items() if (id_ := refs.id(to))})
    (folder / "packed-refs").write_bytes(_merged(packed, loose) if loose else packed)
    return refs


def _files(folder: Path) -> list[Path]:
    return [Path(place, name) for place, _, names in os.walk(folder) for name in names]


def _merged(packed: bytes, loose: dict[str, str]) -> bytes:
    own = {os.fsencode(name): value.encode() for name, value in loose.items()}
    lines = [value + b" " + name for name, value in own.items()]
    lines += [
        line
        for line in packed.splitlines()
        if line[:1] not in (b"#", b"^") and line.partition(b" ")[2] not in own
    ]
    return b"\n".join(lines) + b"\n"
