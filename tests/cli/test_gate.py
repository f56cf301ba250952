"""`landed gate` and `landed init --cloudbuild` as a builder and a person call them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from git_world import Repo, World, world
from scenarios.shop import Shop
from schemas import validate

__all__ = ["world"]

WHEEL = f"https://shop.example/landed.whl#sha256={'0' * 64}"
BUILD = """\
steps:
  - name: gcr.io/cloud-builders/docker
    args: [build, -t, app, .]  # ours
"""


@pytest.fixture
def here(world: World) -> Repo:
    repo = world.repo()
    repo.commit(a_py="1\n", Dockerfile="FROM scratch\nCOPY a.py /\n")
    return repo


def landed(at: Path, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "landed", *words],
        cwd=at, input=given, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def head(repo: Repo) -> str:
    return repo.git("rev-parse", "HEAD")


def test_the_first_line_is_the_answer(here: Repo, tmp_path: Path) -> None:
    commit = head(here)
    good = landed(tmp_path, "gate", str(here.root), f"--commit={commit}")
    assert good.stdout.startswith(f"✓ the folder is {commit[:10]}: 2 files equal\n")
    assert good.returncode == 0
    here.write("b.py", "2\n")
    bad = landed(here.root, "gate", ".", f"--commit={commit}")
    assert bad.stdout.startswith(f"✗ the folder is not {commit[:10]}: 1 file differs, b.py\n")
    assert "  not in the commit  b.py\n" in bad.stdout
    assert bad.returncode == 1


@pytest.mark.parametrize(
    ("commit", "code"), [("", 3), ("0" * 40, 3), ("abc1234", 2), ("main", 2), ("HEAD", 2)]
)
def test_no_other_claim_opens_it(here: Repo, commit: str, code: int) -> None:
    done = landed(here.root, "gate", f"--commit={commit}")
    assert done.returncode == code
    assert "hint: " in done.stdout + done.stderr


def test_a_folder_that_is_not_there_is_a_question_of_usage(tmp_path: Path) -> None:
    assert landed(tmp_path, "gate", "nowhere").returncode == 2
    assert landed(tmp_path, "gate", ".", "--proof", "nothing").returncode == 2


def test_an_upload_from_end_to_end(here: Repo, tmp_path: Path) -> None:
    wrote = landed(here.root, "gate", "--write-proof", ".landed-proof", "--json")
    assert validate(json.loads(wrote.stdout)) == "gate-proof-v1"
    checked = landed(here.root, "check", "--json")
    committed = json.loads(checked.stdout)["links"][0]
    assert committed["status"] == "holds", "the proof is landed's own, and no dirt"
    upload = tmp_path / "workspace"
    here.root.rename(upload)
    (upload / ".git").rename(tmp_path / "git")
    commit = json.loads(wrote.stdout)["commit"]
    done = landed(upload, "gate", f"--commit={commit}", "--json")
    found = json.loads(done.stdout)
    assert validate(found) == "gate-v1"
    assert (done.returncode, found["outcome"], found["source"]) == (0, "proved", "proof")
    (upload / "school.py").write_text("never committed\n")
    done = landed(upload, "gate", f"--commit={commit}", "--json")
    found = json.loads(done.stdout)
    validate(found)
    assert (done.returncode, found["differences"]) == (
        1,
        [{"path": "school.py", "kind": "never-committed", "rule": ""}],
    )


@pytest.mark.skipif(shutil.which("gcloud") is None, reason="gcloud is not installed; CI has it")
def test_what_the_real_gcloud_uploads_opens_the_gate(here: Repo, tmp_path: Path) -> None:
    here.write(".gitignore", "docs/\n*.pyc\n")
    here.write(".env", "SECRET=1\n")
    here.write("docs/page.txt", "x\n")
    here.git("add", "-f", "docs")
    here.git("add", ".gitignore", "a.py")
    here.git("commit", "-q", "-m", "all but .env")
    landed(here.root, "gate", "--write-proof", ".landed-proof")

    def upload(name: str) -> Path:
        listed = subprocess.run(
            ["gcloud", "meta", "list-files-for-upload"],
            cwd=here.root,
            env={**os.environ, "CLOUDSDK_CONFIG": str(tmp_path / "gcloud")},
            capture_output=True, text=True, timeout=60, check=True,
        ).stdout.split()  # fmt: skip
        for file in listed:
            place = tmp_path / name / file
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(here.root / file, place)
        return tmp_path / name

    words = ("gate", f"--commit={head(here)}", "--json")
    swept = json.loads(landed(upload("swept"), *words).stdout)
    assert [one["path"] for one in swept["differences"]] == [".env"]
    (here.root / ".env").unlink()
    clean = json.loads(landed(upload("clean"), *words).stdout)
    assert clean["outcome"] == "proved"
    assert [(one["path"], one["rule"]) for one in clean["left_out"]] == [
        (".gitignore", "gcloud's default: .gitignore"),
        ("docs/page.txt", ".gitignore:1: docs/"),
    ]


GOOGLE = """
[environments.prod]
provider = "gcp"
project = "shop-1234"
region = "europe-west1"
"""


def test_landeds_own_state_is_told_in_one_line(here: Repo) -> None:
    for name in ("ledger.db", "ledger.db-wal", "cloud/builds/1.json"):
        here.write(f".landed/{name}", "x\n")
    done = landed(here.root, "gate", "--json", "--commit", here.git("rev-parse", "HEAD").strip())
    found = json.loads(done.stdout)
    assert [one["path"] for one in found["differences"]] == [".landed/"]
    assert "1 file differs, .landed/" in found["because"]
    assert "holds the ledger" in found["hint"]


def test_check_warns_of_a_ledger_that_would_be_uploaded(here: Repo) -> None:
    """gcloud does not read the .gitignore inside .landed."""
    here.write("landed.toml", GOOGLE)
    here.write(".landed/.gitignore", "*\n")
    here.write(".landed/ledger.db", "x\n")

    def notes() -> list[str]:
        committed = json.loads(landed(here.root, "check", "--json").stdout)["links"][0]
        return [note for note in committed["notes"] if "ledger" in note]

    assert len(notes()) == 1
    assert notes()[0].startswith("an upload would take .landed/ along")
    here.write(".gcloudignore", ".landed\n")
    assert notes() == []
    (here.root / ".gcloudignore").unlink()
    here.write("landed.toml", f'[source]\nbuilder = "clone"\n{GOOGLE}')
    assert notes() == [], "a clone takes nothing along"
    here.write("landed.toml", "")
    assert notes() == [], "the local cloud leaves it out by itself"


def test_a_long_list_ends_and_says_so(here: Repo) -> None:
    for number in range(60):
        here.write(f"new/{number:02}", "x\n")
    done = landed(here.root, "gate")
    assert "and 10 files more; --json lists all" in done.stdout
    whole = json.loads(landed(here.root, "gate", "--json").stdout)
    assert len(whole["differences"]) == 60


def test_init_cloudbuild_shows_then_writes_then_rests(here: Repo) -> None:
    file = here.write("cloudbuild.yaml", BUILD)
    nobody = landed(here.root, "init", "--cloudbuild", "--landed", WHEEL, given="")
    assert "+  - id: gate\n" in nobody.stdout
    assert nobody.returncode == 2
    assert "--yes" in nobody.stderr
    would = landed(here.root, "init", "--cloudbuild", "--json", "--landed", WHEEL)
    told = json.loads(would.stdout)
    validate(told)
    assert (told["written"], told["lacked"]) == (False, ["gate", "label", "images"])
    assert file.read_text() == BUILD
    done = landed(here.root, "init", "--cloudbuild", "--yes", "--landed", WHEEL)
    assert done.returncode == 0
    assert f"{WHEEL}'\n" in file.read_text()
    assert "# ours" in file.read_text()
    again = landed(here.root, "init", "--cloudbuild", "--yes")
    assert "nothing to do" in again.stdout
    told = json.loads(landed(here.root, "init", "--cloudbuild", "--json").stdout)
    assert (told["written"], told["lacked"], told["diff"]) == (False, [], "")


def test_init_cloudbuild_asks_where_landed_comes_from(here: Repo) -> None:
    """Nobody owns that name on any index: a command that installs it by name is never written."""
    for more in ([], ["--landed", "landed==0.1.0"]):
        done = landed(here.root, "init", "--cloudbuild", "--yes", *more)
        assert done.returncode == 2
        assert "--landed IMAGE@sha256:" in done.stderr
    assert not (here.root / "cloudbuild.yaml").exists()


def test_init_cloudbuild_takes_one_of_several_deployables(here: Repo) -> None:
    settings = """
[deployables.api]
folder = "api"
image = "us-docker.pkg.dev/p/shop/api"
[deployables.mail]
folder = "mail"
"""
    for name, text in (("landed.toml", settings), ("api/a.py", ""), ("mail/a.py", "")):
        here.write(name, text)
    more = ["--yes", "--landed", WHEEL]
    done = landed(here.root, "init", "--cloudbuild", *more)
    assert done.returncode == 2
    assert "landed init --cloudbuild --deployable api" in done.stderr
    assert landed(here.root, "init", "--cloudbuild", "--deployable", "mail", *more).returncode == 0
    text = (here.root / "mail" / "cloudbuild.yaml").read_text()
    assert "_REGION: us\n" in text
    assert "_REPOSITORY: shop\n" in text


def test_init_cloudbuild_offers_a_fresh_file(here: Repo) -> None:
    done = landed(here.root, "init", "--cloudbuild", "--yes", "--landed", WHEEL)
    assert "/dev/null" in done.stdout
    assert (here.root / "cloudbuild.yaml").exists()
    assert "nothing to do" in landed(here.root, "init", "--cloudbuild").stdout


def test_init_cloudbuild_does_not_choose_among_several(here: Repo) -> None:
    for name in ("cloudbuild.yaml", "cloudbuild.api.yaml"):
        here.write(name, BUILD)
    done = landed(here.root, "init", "--cloudbuild", "--yes")
    assert done.returncode == 2
    assert "cloudbuild.api.yaml, cloudbuild.yaml" in done.stderr
    file = "cloudbuild.api.yaml"
    named = landed(here.root, "init", "--cloudbuild", file, "--yes", "--landed", WHEEL)
    assert named.returncode == 0
    assert (here.root / "cloudbuild.yaml").read_text() == BUILD


@pytest.mark.parametrize("bad", [b"steps: {}\n", b"\xff\xfe", b"a: [\n"])
def test_init_cloudbuild_leaves_what_it_does_not_understand(here: Repo, bad: bytes) -> None:
    file = here.write("cloudbuild.yaml", bad)
    done = landed(here.root, "init", "--cloudbuild", "--yes")
    assert done.returncode == 2
    assert "hint: " in done.stderr
    assert file.read_bytes() == bad


def test_check_tells_what_a_build_file_lacks(here: Repo) -> None:
    here.write("cloudbuild.yaml", BUILD)
    here.write("cloudbuild.odd.yaml", "a: [\n")
    here.commit()

    def notes() -> list[str]:
        document = json.loads(landed(here.root, "check", "--json").stdout)
        validate(document)
        committed = document["links"][0]
        assert committed["status"] == "holds"
        found: list[str] = committed["notes"]
        return found

    odd, lacking = notes()
    assert odd.startswith("cloudbuild.odd.yaml could not be read")
    for words in ("landed gate", "revision label", "images:", "landed init --cloudbuild"):
        assert words in lacking
    (here.root / "cloudbuild.odd.yaml").unlink()
    landed(here.root, "init", "--cloudbuild", "--yes", "--landed", WHEEL)
    here.commit()
    assert notes() == []


def test_the_step_that_is_written_opens_and_shuts(here: Repo, tmp_path: Path) -> None:
    """The script of the step in a real shell, but for the line that installs landed."""
    landed(here.root, "init", "--cloudbuild", "--yes", "--landed", WHEEL)
    here.commit()
    landed(here.root, "gate", "--write-proof", ".landed-proof")
    step = YAML(typ="safe", pure=True).load(here.root / "cloudbuild.yaml")["steps"][0]
    install, *script = step["args"][1].split("\n")
    assert install.startswith("pip install ")
    tool = tmp_path / "bin" / "landed"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nexec {sys.executable} -m landed "$@"\n')
    tool.chmod(0o755)
    (here.root / ".git").rename(tmp_path / "git")

    def run(commit: str) -> int:
        words = "\n".join(script).replace("$COMMIT_SHA", commit)
        return subprocess.run(
            [step["entrypoint"], step["args"][0], words],
            cwd=here.root,
            env={**os.environ, "PATH": f"{tool.parent}:{os.environ['PATH']}"},
            capture_output=True,
            timeout=60,
            check=False,
        ).returncode

    commit = (tmp_path / "git/refs/heads/main").read_text().strip()
    stray = here.write("stray.py", "swept in\n")
    assert run(commit) == 1
    assert (here.root / ".landed-proof").exists(), "the shell went on after the gate"
    stray.unlink()
    assert run("") == 3
    assert run(commit) == 0
    assert not (here.root / ".landed-proof").exists()


def _at_home(shop: Shop, ignored: str = ".landed\n.git\n") -> None:
    """A project with a local cloud, whose image does not get landed's own state."""
    shop.write("Dockerfile", "FROM python:3.11-slim\nCOPY . /app\n")
    shop.write(".dockerignore", ignored)
    shop.commit("What the build leaves out")
    shop.push()
    shop.release()
    assert (shop.work / ".landed" / "cloud").is_dir()


def test_landeds_own_state_at_home_is_no_difference(shop: Shop) -> None:
    _at_home(shop)
    answer = shop.landed("gate", ".")
    assert (answer.code, answer.data["outcome"]) == (0, "proved"), answer.data
    assert any(".landed/ is landed's own" in note for note in answer.data["notes"])


def test_a_builder_that_claims_a_commit_spares_nothing(shop: Shop) -> None:
    _at_home(shop)
    head = shop.git("rev-parse", "HEAD")
    answer = shop.landed("gate", ".", "--commit", head)
    assert answer.code == 1
    assert [one["path"] for one in answer.data["differences"]] == [".landed/"]
    shop.landed("gate", ".", "--write-proof", ".landed-proof")
    (shop.work / ".git").rename(shop.folder / "git")
    assert shop.landed("gate", ".").code == 1


@pytest.mark.parametrize("ignored", ["nothing\n", ".landed/cloud\n", ".landed\n!.landed/code.py\n"])
def test_code_does_not_hide_in_landeds_own_state(shop: Shop, ignored: str) -> None:
    _at_home(shop, ignored)
    (shop.work / ".landed" / "code.py").write_text("CODE = 1\n")
    answer = shop.landed("gate", ".")
    assert answer.code == 1
    assert ".landed/" in [one["path"] for one in answer.data["differences"]]


@pytest.mark.parametrize("kind", ["link", "repository", "pipe"])
def test_what_is_no_file_of_landeds_own_state_is_not_spared(shop: Shop, kind: str) -> None:
    _at_home(shop)
    state = shop.work / ".landed"
    if kind == "link":
        state.rename(shop.folder / "state")
        state.symlink_to(shop.folder / "state")
    elif kind == "repository":
        (state / "cloud" / "x" / ".git").mkdir(parents=True)
    else:
        os.mkfifo(state / "pipe")
    assert shop.landed("gate", ".").code == 1
