from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from git_world import Repo, World, world
from landed.localcloud.cloud import LocalCloud
from localcloud.yard import Yard

__all__ = ["world"]
RECIPE = 'FROM x\nRUN pip install y\nCOPY main.py /\nCMD ["python", "/main.py"]\n'


class Desk:
    """A repository with a worker, its remote, and the command line at its top."""

    def __init__(self, yard: Yard, here: Repo) -> None:
        self.yard, self.here = yard, here

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of a command."""
        process = self.yard.landed(*arguments, cwd=self.here.root)
        out, err = process.communicate(timeout=60)
        assert b"Traceback" not in err, err
        return process.returncode, out.decode(), err.decode()

    def json(self, *arguments: str) -> dict[str, Any]:
        """The document of a command that succeeds."""
        code, out, err = self.run(*arguments, "--json")
        assert code == 0, (out, err)
        found: dict[str, Any] = json.loads(out)
        return found


@pytest.fixture
def desk(yard: Yard, world: World) -> Desk:
    here, _ = world.pushed(Dockerfile=RECIPE, main_py="print('one')\n")
    return Desk(yard, here)


def test_from_the_commit_to_the_log(desk: Desk) -> None:
    built = desk.json("cloud", "build", "--source", "remote", "--ref", "main", "--tag", "w:latest")
    assert built["schema"] == "landed/cloud-build/v1"
    assert built["status"] == "SUCCESS"
    assert built["images"] == [{"name": "w:latest", "digest": built["digest"]}]
    assert built["source"]["resolved_commit"] == desk.here.git("rev-parse", "HEAD")
    assert built["source"]["ref"] == "refs/heads/main"
    deployed = desk.json("cloud", "deploy", "w", "--image", f"w@{built['digest']}")
    assert deployed["digest"] == built["digest"]
    done = desk.json("cloud", "execute", "w", "--wait")
    assert (done["status"], done["exit_code"], done["digest"]) == ("SUCCEEDED", 0, built["digest"])
    logs = desk.json("cloud", "logs", "w", "--execution", done["id"])
    assert [e["textPayload"] for e in logs["entries"]] == ["one"]
    assert (desk.here.root / ".landed" / "cloud").is_dir()
    assert desk.here.git("status", "--porcelain") == ""


def test_the_text_begins_with_the_result(desk: Desk) -> None:
    code, out, err = desk.run("cloud", "build", "--source", "upload", "--tag", "w:latest")
    assert code == 0
    first = out.splitlines()[0]
    digest = LocalCloud(desk.here.root / ".landed/cloud").builds()[0].digest
    assert "build-" in first
    assert f"w:latest is {digest}" in first
    assert "RUN is not run here: pip install y" in err
    desk.run("cloud", "deploy", "w", "--image", "w:latest")
    code, out, err = desk.run("cloud", "execute", "w", "--wait")
    assert code == 0
    assert "succeeded" in out.splitlines()[0]
    assert "one" in err
    assert "one" in desk.run("cloud", "logs", "w")[1]


def test_quiet_says_the_result_and_no_remarks(desk: Desk) -> None:
    code, out, err = desk.run("cloud", "build", "--source", "upload", "--tag", "w:1", "--quiet")
    assert (code, err) == (0, "")
    assert "w:1 is sha256:" in out


def test_an_execution_that_fails_exits_with_1_only_where_it_is_waited_for(desk: Desk) -> None:
    desk.here.write("main.py", "raise SystemExit(9)\n")
    desk.run("cloud", "build", "--source", "upload", "--tag", "w:latest")
    desk.run("cloud", "deploy", "w", "--image", "w:latest")
    assert desk.run("cloud", "execute", "w", "--wait")[0] == 1
    assert desk.run("cloud", "execute", "w")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("build", "--source", "upload", "--dockerfile", "None", "--tag", "w:1"), 1),
        (("build", "--ref", "none", "--tag", "w:1"), 1),
        (("build", "--source", "upload", "--tag", "NOT A NAME"), 2),
        (("build", "--source", "upload", "--build-arg", "x"), 2),
        (("build", "--source", "elsewhere"), 2),
        (("build", "--remote", "nobody"), 2),
        (("deploy", "w", "--image", "none"), 2),
        (("deploy", "../w", "--image", "none"), 2),
        (("execute", "none"), 2),
        (("logs", "w", "--execution", "../../x"), 2),
    ],
)
def test_bad_input_is_a_line_with_a_hint(desk: Desk, arguments: tuple[str, ...], code: int) -> None:
    found, out, err = desk.run("cloud", *arguments)
    assert found == code, (out, err)
    assert out.strip() or "hint:" in err or "help" in err


def test_the_settings_name_the_cloud_the_folder_and_the_dockerfile(desk: Desk) -> None:
    desk.here.write("back/Recipe", "FROM scratch\nCOPY x /x\n")
    desk.here.write("back/x", "")
    desk.here.write(
        "landed.toml",
        '[deployables.back]\nfolder = "back"\ndockerfile = "Recipe"\n'
        '[deployables.front]\nfolder = "front"\n[environments.dev]\ncloud = "mine/cloud"\n',
    )
    code, _, err = desk.run("cloud", "build", "--source", "upload", "--tag", "w:1")
    assert (code, "--deployable" in err) == (2, True)
    build = ("cloud", "build", "--source", "upload", "--tag", "w:1", "--deployable", "back")
    assert desk.json(*build)["status"] == "SUCCESS"
    (built,) = LocalCloud(desk.here.root / "mine/cloud").builds()
    assert built.dockerfile == "Recipe"


def test_the_cloud_can_be_named(desk: Desk, tmp_path: Path) -> None:
    place = tmp_path / "named"
    desk.json("cloud", "build", "--source", "upload", "--tag", "w:1", "--cloud", str(place))
    assert len(LocalCloud(place).builds()) == 1
    assert not (desk.here.root / ".landed").exists()


def test_substitutions_are_recorded_unchecked(desk: Desk) -> None:
    desk.json(
        "cloud", "build", "--source", "upload", "--tag", "w:1",
        "--substitutions", "COMMIT_SHA=anything,B=2", "--build-arg", "C=a,b=c",
    )  # fmt: skip
    (built,) = LocalCloud(desk.here.root / ".landed/cloud").builds()
    assert built.substitutions == {"COMMIT_SHA": "anything", "B": "2"}
    assert built.build_args == {"C": "a,b=c"}
