"""Files that nobody wrote, and files that only look like it."""

from __future__ import annotations

import py_compile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from landed.content.generated import generated
from landed.core.probe import File


class Given:
    """Some files by their bytes."""

    def __init__(self, data: dict[str, bytes]) -> None:
        self.data = data

    @property
    def files(self) -> Mapping[str, File]:
        return {path: File(mode="100644", blob="") for path in self.data}

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        return {path: self.data.get(path) for path in paths}


def made(paths: Iterable[str], *expected: str) -> set[str]:
    given = Given(dict.fromkeys(paths, b""))
    return generated(given.data, given, expected)


@pytest.mark.parametrize("mode", list(py_compile.PycInvalidationMode))
def test_only_byte_code_that_is_checked_against_its_source(
    tmp_path: Path, mode: py_compile.PycInvalidationMode
) -> None:
    (tmp_path / "a.py").write_text("a = 1\n")
    path = "__pycache__/a.cpython-311.pyc"
    compiled = tmp_path / path
    py_compile.compile(str(tmp_path / "a.py"), cfile=str(compiled), invalidation_mode=mode)
    given = Given({path: compiled.read_bytes(), "a.py": b"a = 1\n"})
    checked = mode is not py_compile.PycInvalidationMode.UNCHECKED_HASH
    assert generated([path], given, []) == ({path} if checked else set())
    del given.data["a.py"]
    assert generated([path], given, []) == set()


def test_byte_code_beside_its_source_is_none() -> None:
    assert made(["a.pyc", "a.py", "__pycache__/a.pyc", "x/__pycache__/a.cpython-311.pyc"]) == set()


def test_what_an_installation_notes() -> None:
    notes = {"a/w.egg-info/PKG-INFO", "w.egg-info/top_level.txt", "w-1.dist-info/RECORD"}
    code = {"w.egg-info/run.py", "a/w.egg-info/deep/PKG-INFO", "egg-info/PKG-INFO", ".egg-info/x"}
    assert made(notes | code) == notes


def test_metadata_that_is_committed_is_the_commit_s() -> None:
    paths = ["w.egg-info/PKG-INFO", "a/w.egg-info/RECORD", "v.egg-info/RECORD"]
    assert made(paths, "w.egg-info/SOURCES.txt", "a/w.egg-info/deep/x.py") == {"v.egg-info/RECORD"}
