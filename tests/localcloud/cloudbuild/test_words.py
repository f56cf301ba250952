"""What is read from a step: commands that the local cloud can do, the gate, and everything else."""

from __future__ import annotations

from typing import Any

import pytest

from landed.core.errors import UsageError
from landed.localcloud.cloudbuild.config import Step, parse, substituted
from landed.localcloud.cloudbuild.words import Command, commands, gate
from landed.localcloud.cloudbuild.workspace import inside

GIT = "gcr.io/cloud-builders/git"
SCRIPT = """\
pip install --quiet 'landed>=0.1'
landed gate . --commit="$COMMIT" \\
  --dockerfile='my file'
rm -f .landed-proof
"""


@pytest.mark.parametrize(
    "step",
    [
        Step(name="python:3.12", entrypoint="bash", args=["-ceu", SCRIPT]),
        Step(name="python:3.12", script=f"#!/usr/bin/env bash\n# a comment: it's fine\n{SCRIPT}"),
    ],
)
def test_the_gate_in_a_script(step: Step) -> None:
    found = gate(step, {"COMMIT": "abc"})
    assert found
    assert found.words == (".", "--commit=abc", "--dockerfile=my file")
    assert found.removes == (".landed-proof",)


@pytest.mark.parametrize(
    ("entrypoint", "args", "words"),
    [
        ("landed", ["gate", "--commit", "x"], ("--commit", "x")),
        ("python3", ["-m", "landed", "gate"], ()),
        ("sh", ["-c", "/opt/bin/landed gate && touch x"], ()),
    ],
)
def test_the_gate_in_other_forms(entrypoint: str, args: list[str], words: tuple[str, ...]) -> None:
    found = gate(Step(name="x", entrypoint=entrypoint, args=args), {})
    assert found
    assert found.words == words


@pytest.mark.parametrize(
    "step",
    [
        Step(name="x", entrypoint="landed", args=["trace"]),
        Step(name="x", entrypoint="sh", args=["-c", "echo landed; gate"]),
        Step(name="x", args=["gate"]),
    ],
)
def test_what_is_no_gate(step: Step) -> None:
    assert gate(step, {}) is None


@pytest.mark.parametrize("text", ["landed gate || true", "landed gate | tee log", "landed gate &"])
def test_a_gate_whose_answer_is_thrown_away_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="throws its answer away"):
        gate(Step(name="x", entrypoint="bash", args=["-c", text]), {})


def test_a_script_of_simple_commands() -> None:
    text = "set -e\ngit clone $URL src && cd src; git checkout 'a b' # a remark\necho done"
    found = commands(Step(name=GIT, script=text), {"URL": "https://x.example/y.git"})
    assert found == [
        Command(words=("git", "clone", "https://x.example/y.git", "src")),
        Command(words=("git", "checkout", "a b"), folder="src"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "git clone x | tee log",
        "git clone x > log",
        "git clone x || true",
        "git clone $(cat url)",
        "git clone `cat url`",
        "(git clone x)",
        "git clone x & git clone y",
        "git clone 'x",
    ],
)
def test_what_only_a_shell_can_do_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        commands(Step(name=GIT, script=text), {})


@pytest.mark.parametrize("name", ["ubuntu", "gcr.io/cloud-builders/npm", "docker.io/git", ""])
def test_another_image_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        commands(Step(name=name, args=["x"]), {})


@pytest.mark.parametrize(
    ("folder", "path", "where"),
    [("", "", ""), ("", ".", ""), ("a", "b", "a/b"), ("a", "../c", "c"), ("/workspace/x", "", "x")],
)
def test_paths_of_the_workspace(folder: str, path: str, where: str) -> None:
    assert inside(folder, path) == where


@pytest.mark.parametrize(("folder", "path"), [("..", ""), ("a", "../.."), ("/etc", ""), ("", "/")])
def test_paths_outside_are_refused(folder: str, path: str) -> None:
    with pytest.raises(UsageError):
        inside(folder, path)


def _asked(text: str, **more: Any) -> str:
    asked = parse({"steps": [{"name": "x", "args": [text]}], **more})
    return substituted(asked, {"PROJECT_ID": "p", "BUILD_ID": "b"}).steps[0].args[0]


def test_substitutions_are_made_as_cloud_build_makes_them() -> None:
    own = {"_A": "1"}
    assert _asked("${_A}-$_A-$PROJECT_ID", substitutions=own) == "1-1-p"
    assert _asked("$$HOME $${X}") == "$HOME ${X}"
    assert _asked("[$COMMIT_SHA]") == "[]"
    assert _asked("$COMMIT_SHA", substitutions={"COMMIT_SHA": "anything"}) == "anything"
    loose = {"options": {"substitutionOption": "ALLOW_LOOSE"}}
    assert _asked("[$_B]", substitutions=own, **loose) == "[]"
    for text in ("$_B", "$MY_NAME"):
        with pytest.raises(UsageError):
            _asked(text)
