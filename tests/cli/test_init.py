"""`landed init` on repositories as people have them: it works, or says what is lacking."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.test_main import failed, git, landed
from landed.config import load
from landed.trace.nowhere import NOWHERE


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


MANY = {"api/Dockerfile": "FROM a\n", "jobs/worker/Dockerfile": "FROM a\n"}


def test_each_dockerfile_is_a_deployable_named_after_its_folder(place: Path) -> None:
    holds(place, MANY)
    done = landed("init", at=place)
    assert (done.returncode, done.stderr) == (0, "")
    known = load(None, place).settings.deployables
    assert {name: one.folder for name, one in known.items()} == {
        "api": "api", "worker": "jobs/worker"
    }  # fmt: skip


def test_folders_of_one_name_and_the_top_are_told_apart(place: Path) -> None:
    paths = ("Dockerfile", "a/worker/Dockerfile", "b/worker/Dockerfile")
    holds(place, dict.fromkeys(paths, "FROM a\n"))
    assert landed("init", at=place).returncode == 0
    known = load(None, place).settings.deployables
    assert {name: one.folder for name, one in known.items()} == {
        "place": ".", "a-worker": "a/worker", "b-worker": "b/worker"
    }  # fmt: skip


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    ("words", "runs"),
    [
        (["worker"], {"worker": "worker"}),
        (["nightly", "--deployable", "worker"], {"worker": "nightly"}),
        (["nightly"], None),
        (["worker", "--deployable", "none"], None),
    ],
)
def test_a_job_runs_the_deployable_of_its_name_or_the_one_that_is_said(
    place: Path, words: list[str], runs: dict[str, str] | None, *, before: bool
) -> None:
    holds(place, MANY)
    if before:
        assert landed("init", at=place).returncode == 0
    done = landed("init", "--local", *words, at=place)
    if runs is None:
        assert (done.returncode, "api, worker" in done.stderr) == (2, True), done
        assert before or not (place / "landed.toml").exists()
        return
    assert (done.returncode, done.stderr) == (0, "")
    assert load(None, place).settings.environments["dev"].jobs == runs
    assert "landed ship --deployable worker" in done.stdout


def test_a_hint_is_a_command_that_can_be_pasted(place: Path) -> None:
    holds(place, {"Dockerfile": "FROM a\n"})
    words = NOWHERE.hint.rpartition(": landed ")[2].split()
    assert landed(*words, at=place).returncode == 0
    other = landed("init", "--local", "other", at=place)
    assert other.stderr.splitlines()[1].endswith('jobs = { "worker" = "other" }')


def test_of_several_build_files_one_is_named_as_it_can_be_asked_for(place: Path) -> None:
    files = dict.fromkeys(("cloudbuild.yaml", "cloudbuild.dev.yaml"), "steps: []\n")
    holds(place, {"Dockerfile": "FROM a\n", **files})
    said = landed("init", "--cloudbuild", at=place).stderr.splitlines()
    assert said[1:] == ["  hint: landed init --cloudbuild cloudbuild.dev.yaml"]
