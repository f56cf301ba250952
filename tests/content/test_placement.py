from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landed.content.placement import Plan, plan_image
from landed.core.errors import UsageError

PATHS = [
    "Dockerfile", ".dockerignore", "a.py", "b.py", "app/__init__.py", "app/job.py",
    "app/data/x.json", "apple/pie.txt", "with space.txt", "odd[1].txt",
]  # fmt: skip


def plan(lines: str, paths: list[str] = PATHS, *, base: str = "python:3", ignore: str = "") -> Plan:
    return plan_image(f"FROM {base}\n{lines}\n", paths, dockerignore=ignore)


def placed(lines: str, paths: list[str] = PATHS, *, ignore: str = "") -> dict[str, str]:
    return {to: one.source for to, one in plan(lines, paths, ignore=ignore).files.items()}


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("COPY a.py /x", {"x": "a.py"}),
        ("COPY a.py /x/", {"x/a.py": "a.py"}),
        ("COPY a.py /x/.", {"x/a.py": "a.py"}),
        ("COPY a.py .", {"a.py": "a.py"}),
        ("COPY a.py /opt", {"opt/a.py": "a.py"}),
        ("WORKDIR /w\nCOPY a.py /w", {"w/a.py": "a.py"}),
        ("WORKDIR /w\nCOPY a.py ./", {"w/a.py": "a.py"}),
        ("COPY apple /x\nCOPY a.py /x", {"x/pie.txt": "apple/pie.txt", "x/a.py": "a.py"}),
        ("COPY app/data /d", {"d/x.json": "app/data/x.json"}),
        ("COPY app/data/ /d/", {"d/x.json": "app/data/x.json"}),
        ("COPY app/data/. /d", {"d/x.json": "app/data/x.json"}),
        ("COPY ./app/../apple /d", {"d/pie.txt": "apple/pie.txt"}),
        ("COPY /apple /d", {"d/pie.txt": "apple/pie.txt"}),
        ("COPY *.py /p/", {"p/a.py": "a.py", "p/b.py": "b.py"}),
        ("COPY [ab].py /p/", {"p/a.py": "a.py", "p/b.py": "b.py"}),
        ("COPY a?py /p", {"p": "a.py"}),
        ("COPY odd[[]1].txt /p", {"p": "odd[1].txt"}),
        ('COPY ["with space.txt", "/p/"]', {"p/with space.txt": "with space.txt"}),
        ("COPY a.py b.py /p/", {"p/a.py": "a.py", "p/b.py": "b.py"}),
        ("COPY app/*/x.json /p/", {"p/x.json": "app/data/x.json"}),
        ("COPY a.py ../../../etc/x", {"etc/x": "a.py"}),
        ("COPY ../../a.py /x", {"x": "a.py"}),
        ("COPY a.py /x\nCOPY b.py /x", {"x": "b.py"}),
    ],
)
def test_where_files_land(line: str, files: dict[str, str]) -> None:
    assert placed(line) == files


def test_folders_that_a_glob_names_are_merged() -> None:
    assert placed("COPY app* /x/") == {
        "x/__init__.py": "app/__init__.py",
        "x/data/x.json": "app/data/x.json",
        "x/job.py": "app/job.py",
        "x/pie.txt": "apple/pie.txt",
    }


def test_files_and_folders_of_one_glob() -> None:
    files = placed("COPY a* /x/")
    assert files["x/a.py"] == "a.py"
    assert files["x/pie.txt"] == "apple/pie.txt"


def test_the_whole_context() -> None:
    assert set(placed("COPY . /x")) == {f"x/{path}" for path in PATHS}


def test_the_later_copy_wins_and_its_step_is_kept() -> None:
    made = plan("COPY app /x\nCOPY --chown=7 b.py /x/job.py")
    assert (made.files["x/job.py"].step, made.files["x/job.py"].owner) == (1, "7")
    assert made.files["x/__init__.py"].step == 0


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("COPY nosuch /x", "line 2: COPY finds nothing at `nosuch`"),
        ("COPY ap /x", "line 2: COPY finds nothing"),
        ("COPY *.nosuch /x/", "line 2: COPY finds nothing"),
        ("COPY *.py /x", "line 2: several files match"),
        ("COPY a[ /x", "line 2"),
        ("COPY a.py /x\nCOPY app /x", "line 3: COPY finds a file and a folder"),
        ("COPY app /x\nCOPY apple /x/data/x.json/", "line 3: COPY finds a file and a folder"),
    ],
)
def test_what_no_builder_can_do(lines: str, words: str) -> None:
    with pytest.raises(UsageError) as error:
        plan(lines)
    assert words in error.value.message
    assert error.value.hint


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tgz", "x.TAR.XZ"])
def test_an_archive_is_not_unpacked(name: str) -> None:
    with pytest.raises(UsageError, match="ADD of an archive"):
        placed("ADD x* /x/", [name])
    assert placed("COPY x* /x/", [name]) == {f"x/{name}": name}
    assert placed("ADD d /x/", [f"d/{name}"]) == {f"x/{name}": f"d/{name}"}


def test_a_source_that_a_rule_drops_names_the_rule() -> None:
    with pytest.raises(UsageError) as error:
        plan("COPY app /x", ignore="# keep\napp\n")
    assert error.value.hint == "an ignore rule drops it: .dockerignore:2: app"


def test_the_builder_reads_what_the_image_does_not_get() -> None:
    made = plan("COPY . /x", ignore="Dockerfile\n.dockerignore\n**/*.json\n")
    assert made.inputs == ("Dockerfile", ".dockerignore")
    assert not {"x/Dockerfile", "x/.dockerignore", "x/app/data/x.json"} & made.files.keys()
    assert made.left_out["app/data/x.json"] == ".dockerignore:3: **/*.json"


def test_a_dockerfile_s_own_ignore_file_stands_for_the_other() -> None:
    made = plan_image(
        "FROM x\nCOPY . /x\n",
        ["d/My", "d/My.dockerignore", ".dockerignore", "a", "b"],
        dockerignore="a\n",
        dockerfile_path="d/My",
    )
    assert made.left_out == {"a": "d/My.dockerignore:1: a"}
    assert made.inputs == ("d/My", "d/My.dockerignore")


def test_what_is_not_pinned() -> None:
    assert plan("RUN x").unpinned == ("FROM python:3", "RUN x")
    assert plan("", base=f"x@sha256:{'0' * 64}").unpinned == ()
    assert plan("", base="scratch").unpinned == ()


NAMES = st.lists(
    st.sampled_from(["a", "b", "ab", "..", ".", "*", "?", "[a]", "$X", ""]), max_size=4
)


@given(st.lists(st.tuples(NAMES, NAMES), max_size=4), st.lists(NAMES, max_size=4))
def test_no_file_is_placed_outside(
    pairs: list[tuple[list[str], list[str]]], ig: list[list[str]]
) -> None:
    lines = "\n".join(f"COPY {'/'.join(s) or '.'} {'/'.join(t) or '.'}" for s, t in pairs)
    try:
        made = plan(lines, ["a", "b/a", "ab/b/a"], ignore="\n".join("/".join(n) for n in ig))
    except UsageError:
        return
    for path, one in made.files.items():
        assert path
        assert not {"", ".", ".."} & set(path.split("/"))
        assert one.source in {"a", "b/a", "ab/b/a"}
        assert one.source not in made.left_out


@pytest.mark.parametrize(
    ("mount", "read"),
    [
        ("type=bind,source=app/data,target=/d", {"app/data/x.json"}),
        ("src=/app/data/,target=/d", {"app/data/x.json"}),
        ("source=$WHERE,target=/d", {"b.py"}),
        ("source=b.py,target=/d,from=", {"b.py"}),
        ("source=.,target=/d", set(PATHS)),
        ("target=/d", set(PATHS)),
        ("source=$NONE,target=/d", set(PATHS)),
        ('"source=b.py,target=/d"', set(PATHS)),
        ("from=other:1,source=app,target=/d", set()),
        ("type=cache,target=/d", set()),
        ("type=tmpfs,target=/d", set()),
        ("type=secret,id=x", set()),
        ("type=ssh", set()),
        ("type=cache,target=/c --network=none --mount=source=a.py,target=/d", {"a.py"}),
    ],
)
def test_what_a_mount_binds_is_read(mount: str, read: set[str]) -> None:
    found = plan(f"ARG WHERE=b.py\nRUN --mount={mount} cp -r /d /app")
    own = {"Dockerfile", ".dockerignore"}
    assert set(found.inputs) == read | own
    assert not found.files


def test_a_mount_has_neither_what_is_ignored_nor_counts_twice_what_is_copied() -> None:
    found = plan("COPY a.py /\nRUN --mount=target=/d true", ignore="app\n")
    assert {"a.py", "app/job.py"}.isdisjoint(found.inputs)
    assert "b.py" in found.inputs
    with pytest.raises(UsageError, match="RUN --mount finds nothing at `app`"):
        plan("RUN --mount=source=app,target=/d true", ignore="app\n")


@pytest.mark.parametrize(
    "top",
    ["# syntax=evil/front:1", "#Syntax = evil/front", "#!/bin/x\n# syntax=evil/front",
     "# words\n\n# syntax=docker/dockerfile.evil:1", "# syntax=evil/docker/dockerfile:1"],
)  # fmt: skip
def test_nobody_can_tell_what_a_foreign_frontend_reads(top: str) -> None:
    with pytest.raises(UsageError, match="what the frontend"):
        plan_image(f"{top}\nFROM scratch\n", PATHS)
    with pytest.raises(UsageError, match="what the frontend"):
        plan_image("FROM scratch\n", PATHS, build_args={"BUILDKIT_SYNTAX": "evil/front"})


@pytest.mark.parametrize(
    "name",
    ["docker/dockerfile", "docker/dockerfile:1.7-labs",
     f"docker.io/docker/dockerfile:1@sha256:{'a' * 64}"],
)  # fmt: skip
def test_docker_s_own_frontend_is_known(name: str) -> None:
    assert plan_image(f"# syntax={name}\nFROM scratch\n", PATHS).files == {}
