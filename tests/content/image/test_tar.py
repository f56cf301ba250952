"""The own reader against Python's tarfile, which wrote what it reads, and against GNU tar."""

from __future__ import annotations

import gzip
import hashlib
import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from landed.content.image.layer import Entry, entries
from landed.content.image.manifest import Descriptor
from landed.core.errors import DataError


class One:
    """A single blob."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.layer = Descriptor(digest=f"sha256:{hashlib.sha256(data).hexdigest()}", size=len(data))

    def manifest(self, digest: str) -> bytes:
        raise AssertionError(digest)

    @contextmanager
    def blob(self, digest: str) -> Iterator[IO[bytes]]:
        assert digest == self.layer.digest
        yield io.BytesIO(self._data)


def read(data: bytes, object_format: str = "sha1") -> list[Entry]:
    one = One(data)
    return entries(one, one.layer, object_format)


def blob(data: bytes) -> bytes:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).digest()


_PART = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=60
).filter(lambda part: part not in {".", ".."})
_PATHS = st.lists(_PART, min_size=1, max_size=6).map("/".join)
_FILES = st.dictionaries(_PATHS, st.binary(max_size=3000), max_size=12)
_FORMATS = st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
_PACKERS = st.sampled_from(
    [
        bytes,
        gzip.compress,
        zstandard.compress,
        lambda d: gzip.compress(d[:700]) + gzip.compress(d[700:]),
    ]
)


@given(
    files=_FILES, links=st.dictionaries(_PATHS, _PATHS, max_size=4), form=_FORMATS, pack=_PACKERS
)
@settings(max_examples=150, deadline=None)
def test_what_tarfile_wrote_is_read(
    files: dict[str, bytes], links: dict[str, str], form: int, pack: Any
) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as tar:
        for number, (path, data) in enumerate(files.items()):
            info = tarfile.TarInfo(path)
            info.size, info.mode = len(data), 0o755 if number % 2 else 0o644
            info.uid, info.gid = number * 10**6, 10**7 * number
            tar.addfile(info, io.BytesIO(data))
        for path, target in links.items():
            info = tarfile.TarInfo(path)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    found = read(pack(made.getvalue()))
    wanted = [
        (path.encode(), "f", blob(data), len(data), bool(number % 2), number * 10**6)
        for number, (path, data) in enumerate(files.items())
    ] + [
        (path.encode(), "l", blob(to.encode()), len(to.encode()), False, 0)
        for path, to in links.items()
    ]
    seen = [(e.path, e.kind, e.content, e.size, e.runs and e.kind == "f", e.owner) for e in found]
    assert seen == [(p.rstrip(b"/"), *rest) for p, *rest in wanted]


@pytest.mark.parametrize(
    "options",
    [["--format=gnu"], ["--format=posix"]]
    + [["--format=posix", f"--sparse-version={version}"] for version in ("0.0", "0.1", "1.0")],
)
def test_sparse_files_are_read_with_their_holes(tmp_path: Path, options: list[str]) -> None:
    place = tmp_path / ("long" * 40)
    with place.open("wb") as file:
        for number in range(40):
            file.seek(number * 300_000)
            file.write(b"%d" % number * 2000)
        file.truncate(40 * 300_000)
    done = subprocess.run(
        ["tar", "--sparse", *options, "-cC", tmp_path, place.name], check=True, capture_output=True
    )
    assert len(done.stdout) < place.stat().st_size // 4, "it was not written as a sparse file"
    found = read(done.stdout)
    assert [(e.path, e.content) for e in found] == [(place.name.encode(), blob(place.read_bytes()))]


@pytest.mark.parametrize("form", ["v7", "oldgnu", "gnu", "ustar", "posix"])
def test_what_gnu_tar_wrote_is_what_git_hashes(tmp_path: Path, form: str) -> None:
    for path in ("a/b.py", "a/c d", "e" * 90, "x/y/z"):
        place = tmp_path / "t" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(path * 99)
    (tmp_path / "t/link").symlink_to("a/b.py")
    (tmp_path / "t/hard").hardlink_to(tmp_path / "t/x/y/z")
    done = subprocess.run(
        ["tar", f"--format={form}", "-cC", tmp_path / "t", "."], check=True, capture_output=True
    )
    found = {e.path.decode(): e for e in read(done.stdout)}
    for path in ("a/b.py", "a/c d", "e" * 90):
        asked = subprocess.run(
            ["git", "hash-object", tmp_path / "t" / path],
            check=True,
            capture_output=True,
            text=True,
        )
        assert found[path].content.hex() == asked.stdout.strip()
    assert {found["hard"].kind, found["x/y/z"].kind} == {"f", "h"}
    assert (found["link"].kind, found["link"].content) == ("l", blob(b"a/b.py"))


def _header(**fields: bytes) -> bytes:
    """A file's header; its sum is made right unless it is given."""
    at = {
        "name": 0,
        "size": 124,
        "sum": 148,
        "kind": 156,
        "link": 157,
        "magic": 257,
        "sparse": 386,
        "real": 483,
    }
    data = bytearray(512)
    data[100:108] = b"0000644\0"
    data[124:136] = b"00000000000\0"
    data[156:157] = b"0"
    data[0:1] = b"a"
    for name, value in fields.items():
        data[at[name] : at[name] + len(value)] = value
    if "sum" not in fields:
        data[148:156] = b" " * 8
        data[148:156] = b"%06o\0 " % sum(data)
    return bytes(data)


END = bytes(1024)
PAX = _header(kind=b"x", size=b"00000000020\0")
LYING: dict[str, bytes] = {
    "a size beyond the end": _header(size=b"00000007777\0"),
    "a size that is negative": _header(size=b"\xff" * 12),
    "a size beyond all disks": _header(size=b"\x80" + b"\x7f" * 11),
    "a size that is no number": _header(size=b"0000zz\0"),
    "a sum that is wrong": _header(sum=b"000001\0 "),
    "an unknown kind": _header(kind=b"Q"),
    "a name that never ends": _header(kind=b"L", size=b"77777777777\0") + bytes(2048),
    "a record longer than its header": PAX + b"99 path=x\n".ljust(512, b"\0") + END,
    "a record without a length": PAX + b"path=x\n".ljust(512, b"\0") + END,
    "a record of length zero": PAX + b"0 path=x\n".ljust(512, b"\0") + END,
    "a second record without a length": _header(kind=b"x", size=b"00000000040\0")
    + b"11 path=x\n=xxxxxxxxxxxxxxxxxxxxxxxxxx".ljust(512, b"\0")
    + END,
    "a record without a line end": PAX + b"16 path=aaaaaaaa".ljust(512, b"\0") + END,
    "half a header": _header()[:300],
    "a path out of it": _header(name=b"../x") + END,
    "an absolute path": _header(name=b"/etc/x") + END,
    "holes beyond the file": _header(kind=b"S", sparse=b"00000009999\0" * 8) + END,
    "holes in disorder": _header(
        kind=b"S", size=b"00000000002\0", real=b"00000000100\0",
        sparse=b"00000000050\00000000000001\00000000000010\00000000000001\0",
    ) + END,
    "holes larger than any disk": _header(kind=b"S", real=b"77777777777\0") + END,
}  # fmt: skip


@pytest.mark.parametrize("name", LYING)
def test_what_lies_is_refused(name: str) -> None:
    with pytest.raises(DataError) as caught:
        read(LYING[name])
    assert caught.value.hint


def test_a_name_that_only_looks_like_a_whiteout_of_the_parent_stays_inside() -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("a/..b/...c"))
    assert [e.path for e in read(made.getvalue())] == [b"a/..b/...c"]


def test_a_reader_that_gives_up_leaves_no_thread() -> None:
    import threading

    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        info = tarfile.TarInfo("a")
        info.size = 40 << 20
        tar.addfile(info, io.BytesIO(bytes(40 << 20)))
        bad = tarfile.TarInfo("../b")
        tar.addfile(bad)
        info = tarfile.TarInfo("c")
        info.size = 40 << 20
        tar.addfile(info, io.BytesIO(bytes(40 << 20)))
    with pytest.raises(DataError):
        read(gzip.compress(made.getvalue(), 1))
    assert not [t for t in threading.enumerate() if t.name == "landed-unpacking"]
