"""`landed init` on repositories as people have them: it works, or says what is lacking."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.test_main import failed, git, landed
from landed.config import load


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "place"
    folder.mkdir()
    git("init", "-q", "-b", "master", at=folder)
    return folder


def holds(place: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)
    git("add", "-A", at=place)
    git("commit", "-q", "-m", "files", at=place)


def test_a_rehearsal_comes_after_plain_settings_too(place: Path) -> None:
    holds(place, {"Dockerfile": "FROM python\n"})
    assert landed("init", at=place).returncode == 0
    before = (place / "landed.toml").read_text()
    done = landed("init", "--local", "greeter", at=place)
    assert (done.returncode, done.stderr) == (0, "")
    assert (place / "landed.toml").read_text().startswith(before)
    settings = load(None, place).settings
    assert settings.environments["dev"].jobs == {"place": "greeter"}
    again = landed("init", "--local", "greeter", at=place)
    assert (again.returncode, "nothing was changed" in again.stdout) == (0, True)
    failed(landed("init", "--local", "other", at=place), 2, "names no job `other`")


@pytest.mark.parametrize("job", ["Greeter", "a job", "../up", ""])
def test_a_name_that_no_job_can_have_is_refused_before_it_is_written(job: str, place: Path) -> None:
    failed(landed("init", "--local", job, at=place), 2, "is no job's name")
    assert not (place / "landed.toml").exists()


@pytest.mark.parametrize(
    ("files", "words", "said"),
    [
        ({"main.py": ""}, [], "there is no Dockerfile here"),
        ({"api/Dockerfile": "FROM a\n", "worker/Dockerfile": "FROM a\n"}, [], "worker/Dockerfile"),
        ({"Dockerfile": "FROM a AS b\nFROM c\n"}, ["--local", "w"], "several stages"),
    ],
)
def test_what_will_not_work_as_it_is_written_is_said(
    files: dict[str, str], words: list[str], said: str, place: Path
) -> None:
    holds(place, files)
    done = landed("init", *words, at=place)
    assert done.returncode == 0
    assert said in done.stderr


def test_an_ordinary_repository_is_told_nothing_but_what_comes_next(place: Path) -> None:
    holds(place, {"Dockerfile": "FROM python AS one\nCOPY . .\n# FROM before\n"})
    done = landed("init", "--local", "w", at=place)
    assert (done.returncode, done.stderr) == (0, "")
