"""Manifests and configurations, kept by digest."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from landed.content.image import cache
from landed.content.image.cache import load_document, save_document
from landed.core.errors import DataError

DATA = b'{"schemaVersion": 2}'


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    assert load_document(tmp_path, digest_of(DATA)) is None
    save_document(tmp_path, digest_of(DATA), DATA)
    assert load_document(tmp_path, digest_of(DATA)) == DATA
    assert [one.name for one in (tmp_path / "documents").iterdir()] == [digest_of(DATA)[7:]]


def test_what_is_not_what_its_digest_says_is_neither_kept_nor_believed(tmp_path: Path) -> None:
    save_document(tmp_path, digest_of(DATA), DATA + b" ")
    assert not (tmp_path / "documents").exists()
    save_document(tmp_path, digest_of(DATA), DATA)
    (tmp_path / "documents" / digest_of(DATA)[7:]).write_bytes(DATA[:-1])
    assert load_document(tmp_path, digest_of(DATA)) is None


def test_a_digest_is_no_path(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(DATA)
    with pytest.raises(DataError):
        load_document(tmp_path, "sha256:../outside")


def test_the_oldest_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_DOCUMENTS", 3)
    for number in range(5):
        save_document(tmp_path, digest_of(b"%d" % number), b"%d" % number)
        kept = tmp_path / "documents" / digest_of(b"%d" % number)[7:]
        os.utime(kept, (number, number))
    assert len(list((tmp_path / "documents").iterdir())) == 3
    assert load_document(tmp_path, digest_of(b"4")) == b"4"


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "documents").write_bytes(b"a file")
    save_document(tmp_path, digest_of(DATA), DATA)
    assert load_document(tmp_path, digest_of(DATA)) is None
