"""What a Cloud Build file lacks, and how that is put in without touching anything else."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from landed.cloudbuild.mend import fresh, gate_step, mended
from landed.cloudbuild.recipe import LABEL, LARGEST, lacks, look, parse
from landed.cloudbuild.supply import Supply, supply
from landed.core.errors import UsageError
from landed.core.seen import Lack

URL = f"https://shop.example/l.whl#sha256={'0' * 64}"
TOOL = f"europe-west1-docker.pkg.dev/shop/tools/landed@sha256:{'0' * 64}"
ALL = (Lack.GATE, Lack.LABEL, Lack.IMAGES)
REVISION = f"{LABEL}=$COMMIT_SHA"
BUILD = "- name: gcr.io/cloud-builders/docker\n  args: [build, -t, shop/app, .]\n"
ODD = """\
# How we build.
steps:   # in this order

    # The image.
    - name: "gcr.io/cloud-builders/docker"   # their builder
      id:   'build'
      args: ['build', '-t', 'eu-docker/${PROJECT_ID}/app:$SHORT_SHA',
             '--cache-from', "x", '.']
    -   name: docker
        args:
          - build   # the second
          - "--tag=second"

          - second/

# Long enough.
timeout: 1200s
options: {logging: CLOUD_LOGGING_ONLY, machineType: 'E2_HIGHCPU_8'}
tags: [ a,b ]
"""


def WHEEL() -> Supply:  # noqa: N802 - it stands for one
    return Supply(requirement=URL)


def plain(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def changed(before: str, after: str) -> list[str]:
    return [line[2:] for line in difflib.ndiff(before.split("\n"), after.split("\n"))
            if line.startswith("- ")]  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_all_of_it_is_put_in_and_nothing_else_changes(end: str) -> None:
    before = ODD.replace("\n", end)
    after = mended(before, WHEEL)
    assert lacks(parse(before)) == ALL
    assert lacks(parse(after)) == ()
    assert changed(before, after) == [
        f"      args: ['build', '-t', 'eu-docker/${{PROJECT_ID}}/app:$SHORT_SHA',{end[:-1]}"
    ]
    assert after.count(end) == after.count("\n")
    found = plain(after)
    gate, first, second = found["steps"]
    assert gate["id"] == "gate"
    assert "landed gate ." in gate["args"][1]
    assert (
        "pip install --quiet --disable-pip-version-check 'https://shop.example/l.whl#sha256="
        in gate["args"][1]
    )
    assert first["args"][:3] == ["build", "--label", REVISION]
    assert second["args"] == ["build", "--label", REVISION, "--tag=second", "second/"]
    assert found["images"] == ["eu-docker/${PROJECT_ID}/app:$SHORT_SHA", "second"]
    assert mended(after, WHEEL) == after


@pytest.mark.parametrize(
    "text",
    [
        f"steps:\n{BUILD}",
        f"steps:\n{BUILD.rstrip()}",
        f"---\n\nsteps:\n\n\n{BUILD}\n\n",
        f"images: [shop/app]\nsteps:\n{BUILD}",
        f"artifacts: {{images: [shop/app]}}\nsteps:\n{BUILD}",
        "steps:\n- args: [buildx, build, -t=a, .]\n  name: docker@sha256:0\n",
        f"steps:\n- name: gcr.io/cloud-builders/git\n  args: [fetch]\n{BUILD}",
        f"substitutions: &x {{_A: b}}\nsteps:\n{BUILD}options: {{env: [A=b]}}\n",
        "steps:\n  - name: docker\n    args:\n    - build\n    - -t\n    - 'a: b'\n    - .\n",
    ],
)
def test_other_ways_to_write_it(text: str) -> None:
    after = mended(text, WHEEL)
    assert lacks(parse(after)) == ()
    assert mended(after, WHEEL) == after


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no list of `steps`"),
        ("steps: []\n", "no list of `steps`"),
        ("- a\n", "no list of `steps`"),
        ("steps: [1]\n", "no list of `steps`"),
        ("a: b: c\n", "line 1"),
        (f"steps:\n{BUILD}---\na: b\n", "one document"),
        (f"steps:\n{BUILD}steps:\n{BUILD}", "one document"),
        (f"steps:\n{BUILD}...\n", "does not understand"),
        ("steps: [{name: docker, args: [build, -t, x, .]}]\n", "brackets"),
        ("steps:\n- name: docker\n  args: [build, .]\n", "no step tags"),
        (f"steps:\n{BUILD}images: []\n", "there and empty"),
        (f"steps:\n{BUILD}- name: x\n  waitFor: ['-']\n", "step 2 has waitFor"),
        (f"steps:\n{BUILD}- name: x\n  script: landed gate .\n", "before the build"),
        (f"a: {'x' * LARGEST}\nsteps:\n{BUILD}", "KiB"),
    ],
)
def test_what_is_not_understood_is_left_alone(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as raised:
        mended(text, WHEEL)
    assert raised.value.hint


STRICT = "entrypoint: bash\n  args: [-ce, {}]\n"


@pytest.mark.parametrize(
    ("step", "gates"),
    [
        ("script: landed gate .\n", True),
        ("args: [gate, .]\n  entrypoint: landed\n", True),
        ('entrypoint: bash\n  args: [-ec, "landed gate .\\nrm -f x"]\n', True),
        ('entrypoint: bash\n  args: [-c, "set -eu\\nlanded gate .\\nrm -f x"]\n', True),
        ('entrypoint: bash\n  args: [-c, "pip install landed && landed gate ."]\n', True),
        ('entrypoint: bash\n  args: [-c, "landed gate .\\nrm -f x"]\n', False),
        ('script: "# landed gate ."\n', False),
        ("script: echo landed gate\n", False),
        ("script: landed gate . || true\n", False),
        ("script: landed gate . ; true\n", False),
        ("script: landed gate . | tee log\n", False),
        ("script: landed gate . &\n", False),
        ("script: landed gate .\n  allowFailure: true\n", False),
        ("script: landed gate .\n  allowExitCodes: [1]\n", False),
        ("script: landed gates\n", False),
    ],
)  # fmt: skip
def test_a_gate_is_one_only_where_it_stops_the_build(step: str, *, gates: bool) -> None:
    text = f"steps:\n- name: python\n  {step}{BUILD}"
    assert (Lack.GATE not in lacks(parse(text))) is gates


def test_a_step_that_does_not_wait_for_the_gate_is_told() -> None:
    gate = "- name: python\n  script: landed gate .\n"
    assert Lack.GATE not in lacks(parse(f"steps:\n{gate}{BUILD}"))
    assert Lack.GATE in lacks(parse(f"steps:\n{gate}{BUILD}  waitFor: ['-']\n"))
    assert Lack.GATE in lacks(parse(f"steps:\n{BUILD}{gate}"))


def test_of_a_build_without_docker_only_the_gate_is_told() -> None:
    assert lacks(parse("steps:\n- name: gcr.io/k8s-skaffold/pack\n  args: [build, x]\n")) == (
        Lack.GATE,
    )


def test_a_fresh_one_lacks_nothing() -> None:
    for image in ("app:1", "${_REGION}-docker/$PROJECT_ID/${_REPOSITORY}/app:$COMMIT_SHA"):
        values = {"_REGION": "europe-west1", "_REPOSITORY": "it's"} if "_REGION" in image else {}
        text = fresh(image, "Dockerfile", WHEEL(), values)
        assert lacks(parse(text)) == ()
        assert plain(text)["images"] == [image]
        assert plain(text).get("substitutions", {}) == values
    other = plain(fresh("app:1", "docker/Dockerfile", WHEEL(), {}))
    assert other["steps"][1]["args"][3:5] == ["--file", "docker/Dockerfile"]
    assert "--dockerfile=docker/Dockerfile" in other["steps"][0]["args"][1]
    assert f"'{URL}'" in other["steps"][0]["args"][1]


def test_an_image_that_has_landed_needs_no_pip() -> None:
    step = plain(fresh("app:1", "Dockerfile", supply(TOOL), {}))["steps"][0]
    assert (step["name"], step["entrypoint"]) == (TOOL, "sh")
    assert step["args"][1].startswith("landed gate . ")
    assert lacks(parse(fresh("app:1", "Dockerfile", supply(TOOL), {}))) == ()


@pytest.mark.parametrize(
    "said", [URL, f"landed @ {URL}", f"git+https://git.example/landed@{'a' * 40}", TOOL]
)
def test_what_is_what_it_is_whoever_serves_it(said: str) -> None:
    assert said in (supply(said).image, supply(said).requirement)


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "landed",
        "landed==0.1.0",
        "landed[gcp]==0.1.0",
        "landed @ https://shop.example/l.whl",
        "https://shop.example/l.whl",
        "http" + URL.removeprefix("https"),
        f"git+https://git.example/landed@{'main'}",
        "europe-west1-docker.pkg.dev/shop/tools/landed:1",
        f"{URL} evil==1",
        f"https://shop.example/$HOME/l.whl#sha256={'0' * 64}",
        "./landed.whl",
        "--index-url=https://evil.example landed",
    ],
)
def test_what_may_be_somebody_elses_tomorrow_is_refused(said: str | None) -> None:
    with pytest.raises(UsageError) as raised:
        supply(said)
    assert "--landed IMAGE@sha256:" in raised.value.hint


def test_the_files_of_a_folder_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "cloudbuild.yaml").write_text(f"steps:\n{BUILD}")
    (tmp_path / "cloudbuild.bad.yml").write_text("a: b: c\n")
    (tmp_path / "Dockerfile").write_text(f"FROM scratch\nLABEL {LABEL}=$X\n")
    bad, good = look(tmp_path, "Dockerfile", "part")
    assert (bad.path, bool(bad.problem), bad.lacks) == ("part/cloudbuild.bad.yml", True, ())
    assert (good.path, good.lacks) == ("part/cloudbuild.yaml", (Lack.GATE, Lack.IMAGES))


def test_the_step_that_the_page_shows_is_the_one_that_is_written() -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "verify-inside-the-build.md"
    shown = page.read_text().partition("```yaml\n")[2].partition("```")[0]
    found = plain(shown)[0]
    assert plain(shown) == plain(gate_step(supply(found["name"])))
