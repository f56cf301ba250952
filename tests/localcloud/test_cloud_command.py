from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from git_world import World, world

__all__ = ["world"]
DOCKERFILE = 'FROM x\nCOPY a.py /app/a.py\nWORKDIR /app\nCMD ["python", "a.py"]\n'


def landed(*arguments: str, at: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "landed", "cloud", *arguments],
        cwd=at, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one document on stdout; nothing else stands there."""
    assert "Traceback" not in done.stderr, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def here(world: World) -> Path:
    repo, _ = world.pushed(Dockerfile=DOCKERFILE, a_py="print('hello')\n")
    return repo.root


def test_without_settings_the_cloud_lies_at_the_repository_s_top(here: Path) -> None:
    (here / "sub").mkdir()
    done = landed("build", "--source", "upload", "--tag", "w", "--json", at=here / "sub")
    assert (done.returncode, document(done)["status"]) == (0, "SUCCESS")
    assert (here / ".landed" / "cloud" / "builds").is_dir()
    assert not (here / "sub" / ".landed").exists()


@pytest.mark.parametrize("words", [("build", "--source", "upload"), ("logs", "w"), ("execute", "w"),
                                   ("deploy", "w", "--image", "w:latest")])  # fmt: skip
def test_outside_of_a_repository(words: tuple[str, ...], tmp_path: Path) -> None:
    done = landed(*words, "--json", at=tmp_path)
    found = document(done)
    assert (done.returncode, found["schema"], found["exit_code"]) == (2, "landed/error/v1", 2)
    assert "repository" in found["error"]
    assert found["hint"]
    assert not (tmp_path / ".landed").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("build", "sub"), "a clone takes no folder"),
        (("build", "sub", "--source", "upload", "--ref", "main"), "an upload takes no --ref"),
        (("build", "--source", "upload", "--commit", "HEAD"), "an upload takes no --commit"),
        (("logs", "nosuch"), "no job `nosuch`"),
        (("logs", "A/B"), "no job's name"),
        (("execute", "nosuch"), "no job `nosuch`"),
        (("deploy", "w", "--image", "nosuch:v1"), "not in the store"),
        (("deploy", "w", "--image", "w:latest", "--env", "x"), "not in the store"),
    ],
)
def test_usage_errors_are_documents_too(words: tuple[str, ...], said: str, here: Path) -> None:
    if "--env" in words:
        landed("build", "--source", "upload", "--tag", "w", at=here)
        said = "no NAME=VALUE"
    done = landed(*words, "--json", at=here)
    found = document(done)
    assert (done.returncode, found["schema"]) == (2, "landed/error/v1")
    assert said in found["error"]
    assert found["hint"]


def test_a_build_that_fails(here: Path) -> None:
    (here / "Dockerfile").write_text("FROM x\nCOPY nosuch /\n")
    words = ("build", "--source", "upload", "--tag", "w")
    done = landed(*words, at=here)
    assert done.returncode == 1
    first = done.stdout.splitlines()[0]
    assert "failed: Dockerfile: line 2: COPY finds nothing at `nosuch`" in first
    found = document(landed(*words, "--json", at=here))
    assert (found["status"], found["digest"]) == ("FAILURE", None)
    assert "line 2" in found["failure"]


def test_an_execution_that_fails(here: Path) -> None:
    (here / "a.py").write_text("print('so far', flush=True)\nraise SystemExit(3)\n")
    landed("build", "--source", "upload", "--tag", "w", at=here)
    landed("deploy", "w", "--image", "w:latest", at=here)
    done = landed("execute", "w", "--wait", at=here)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0].endswith("failed with exit code 3")
    assert "so far" in done.stderr
    found = landed("execute", "w", "--wait", "--json", at=here)
    assert (found.returncode, document(found)["exit_code"], found.stderr) == (1, 3, "")
    entries = document(landed("logs", "w", "--json", at=here))["entries"]
    assert [entry["textPayload"] for entry in entries] == ["so far"] * 2


def test_a_damaged_record_is_one_line_and_one_document(here: Path) -> None:
    landed("build", "--source", "upload", "--tag", "w", at=here)
    landed("deploy", "w", "--image", "w:latest", at=here)
    (here / ".landed/cloud/jobs/w/job.json").write_text("{")
    done = landed("execute", "w", "--wait", "--json", at=here)
    assert (done.returncode, document(done)["schema"]) == (4, "landed/error/v1")


def test_not_isolated_is_said(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDED_ISOLATION", "none")
    landed("build", "--source", "upload", "--tag", "w", at=here)
    landed("deploy", "w", "--image", "w:latest", at=here)
    for more in ((), ("--wait",)):
        done = landed("execute", "w", *more, at=here)
        assert done.returncode == 0, done.stderr
        assert "not isolated" in done.stdout


def test_a_link_does_not_lead_the_cloud_out_of_the_repository(here: Path, tmp_path: Path) -> None:
    (here / ".landed").symlink_to(tmp_path / "elsewhere")
    done = landed("build", "--source", "upload", "--tag", "w", "--json", at=here)
    assert done.returncode == 2
    assert not (tmp_path / "elsewhere").exists()
