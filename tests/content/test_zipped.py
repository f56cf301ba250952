"""Zip archives: the same files as any other archive's, and nothing that is hostile."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from landed.content.blob import blob_id
from landed.content.zipped import Zipped
from landed.core.errors import DataError


def packed(folder: Path, *members: tuple[str, bytes, int]) -> Path:
    """A zip archive with members of these modes."""
    place = folder / "one.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, mode in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            # Without a mode: what a system that has none leaves behind.
            info.external_attr = mode << 16 or 0x20
            archive.writestr(info, data)
    return place


def test_files_links_and_modes(tmp_path: Path) -> None:
    place = packed(
        tmp_path,
        ("app/", b"", stat.S_IFDIR | 0o755),
        ("./app/job.py", b"print()\n", stat.S_IFREG | 0o644),
        ("run.sh", b"#!/bin/sh\n", stat.S_IFREG | 0o755),
        ("link", b"app/job.py", stat.S_IFLNK | 0o777),
        ("from-windows", b"x", 0),
    )
    found = Zipped(place, "sha1")
    assert {path: file.mode for path, file in found.files.items()} == {
        "app/job.py": "100644",
        "run.sh": "100755",
        "link": "120000",
        "from-windows": "",
    }
    assert found.files["app/job.py"].blob == blob_id([b"print()\n"], 8, "sha1")
    assert found.read(["run.sh", "none"]) == {"run.sh": b"#!/bin/sh\n", "none": None}


@pytest.mark.parametrize("name", ["../outside", "app/../../outside", "a\\..\\b"])
def test_a_name_that_leaves_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="has a member"):
        Zipped(packed(tmp_path, (name, b"x", 0)), "sha1")


def test_a_bomb(tmp_path: Path) -> None:
    place = packed(tmp_path, *((f"{n}", bytes(8 << 20), 0) for n in range(40)))
    with pytest.raises(DataError, match="more than a real one"):
        Zipped(place, "sha1")


def test_a_member_that_is_altered(tmp_path: Path) -> None:
    place = packed(tmp_path, ("a", b"content that is long enough " * 9, 0))
    data = bytearray(place.read_bytes())
    data[35] ^= 0xFF
    place.write_bytes(data)
    with pytest.raises(DataError, match="cannot be read"):
        Zipped(place, "sha1")


def test_no_archive(tmp_path: Path) -> None:
    place = tmp_path / "one.zip"
    place.write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(DataError, match="cannot be read"):
        Zipped(place, "sha1")


def test_half_of_one(tmp_path: Path) -> None:
    place = packed(tmp_path, ("a", b"x" * 1000, 0))
    place.write_bytes(place.read_bytes()[:-10])
    with pytest.raises(DataError, match="cannot be read"):
        Zipped(place, "sha1")
