"""Requirements, projects, locks and records of Python: real ones, odd ones, hostile ones."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from landed.content.packages import python


def read(files: dict[str, str]) -> python.Read:
    return lambda path: files[path].encode() if path in files else None


def test_requirements_with_all_that_may_stand_there() -> None:
    files = {
        "a/requirements.txt": (
            "# a word\nOne==1.0 \\\n    --hash=sha256:00 # why\nTwo[extra] >=2 , <3\n-r more.txt\n"
            "--index-url https://example.invalid\n-e .\n./here\ngit+https://example.invalid/x\n"
            "three==1; python_version < '3'\nfour @ https://example.invalid/four.whl\n-r ../b.txt\n"
        ),
        "a/more.txt": "five\n-r requirements.txt\n",
        "b.txt": "six==6\n",
    }
    asked = python.requirements("a/requirements.txt", read(files))
    assert asked.wanted == {"one": "==1.0", "two": "<3,>=2", "five": "", "six": "==6"}
    assert asked.open == {"three", "four"}


def test_a_project_and_its_conditions() -> None:
    text = (
        '[project]\nname = "My_Worker"\ndependencies = ["one>=1", "two; os_name == \'nt\'"]\n'
        '[tool.poetry.dependencies]\npython = "^3.11"\nthree = "^3"\nfour = {path = "four"}\n'
        '[tool.uv]\noverride-dependencies = ["one==2"]\n[tool.uv.sources]\nfive = {git = "x"}\n'
    )
    asked, name = python.project(text.encode())
    assert name == "my-worker"
    assert asked.wanted == {"one": ">=1", "three": ""}
    assert asked.open == {"one", "two", "four", "five"}


def test_a_lock_with_forks_and_sources() -> None:
    text = (
        '[[package]]\nname = "One"\nversion = "1"\nsource = { registry = "x" }\n'
        '[[package]]\nname = "one"\nversion = "2"\nsource = { registry = "x" }\n'
        '[[package]]\nname = "two"\nversion = "1"\nsource = { editable = "." }\n'
        '[[package]]\nname = "three"\nversion = 3\n[[package]]\nversion = "4"\n'
    )
    assert python.locked(text.encode()) == {
        "one": frozenset({"1", "2"}), "two": frozenset({""}), "three": frozenset({""})
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [b"", b"\0", b"\xff\xfe", b"package = 1", b"[project", b"a = " + b"[" * 3000,
     b"[project]\nname = 1\ndependencies = 'x'\n[tool]\nuv = 1\npoetry = []\n"],
)  # fmt: skip
def test_damaged_files_say_nothing(text: bytes) -> None:
    assert python.locked(text) == {}
    asked, _ = python.project(text)
    assert asked.wanted == {}


def test_what_names_itself_is_read_once() -> None:
    calls: list[str] = []

    def every(path: str) -> bytes:
        calls.append(path)
        return f"-r {path}.1\n-r {path}.2\n".encode()

    python.requirements("x", every)
    assert len(calls) == python.MAX_FILES


@pytest.mark.parametrize(
    ("version", "wanted", "answer"),
    [
        ("2.0", "==2.0.0", True),
        ("2.0.0+cpu", "==2.0.0", True),
        ("2.1rc1", ">=2", True),
        ("1.9", ">=2", False),
        ("anything", ">=2", None),
        ("1", "^2", None),
        ("1", "", True),
    ],
)
def test_versions(version: str, wanted: str, answer: bool | None) -> None:  # noqa: FBT001
    assert python.fits(version, wanted) is answer


def test_what_pip_really_leaves_behind(tmp_path: Path) -> None:
    record = "Metadata-Version: 2.1\nName: School.Books\nVersion: 2\n"
    kind = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    about = "school_books-2.0.0.dist-info"
    wheel = tmp_path / "school_books-2.0.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr("school_books.py", "NAME = 1\n")
        packed.writestr(f"{about}/METADATA", record)
        packed.writestr(f"{about}/WHEEL", kind)
        packed.writestr(f"{about}/RECORD", "")
    site = tmp_path / "site"
    command = (sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target")
    subprocess.run([*command, str(site), str(wheel)], check=True, capture_output=True, timeout=120)
    paths = [path.relative_to(tmp_path).as_posix() for path in site.rglob("*")]
    (found,) = python.installed(paths)["school-books"]
    assert (found.version, found.site) == ("2.0.0", "site/")
    assert python.says((tmp_path / found.path).read_bytes()) == ("school-books", "2")
