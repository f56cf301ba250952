from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landed.content.dockerfile import Recipe, parse
from landed.core.errors import UsageError

HEAD = "FROM python:3.11-slim\n"


def read(text: str, **build_args: str) -> Recipe:
    return parse(text, build_args)


def test_the_usual_one() -> None:
    recipe = read(
        "# syntax=docker/dockerfile:1\nfrom python:3.11-slim as app\nworkdir /app\n"
        'copy . .\nrun pip install x\nuser 1000\ncmd ["python", "-m", "app"]\nexpose 80\n'
    )
    assert recipe.base == "python:3.11-slim"
    assert recipe.workdir == "/app"
    assert recipe.copies[0].sources == (".",)
    assert recipe.copies[0].target == "/app"
    assert recipe.run == ("pip install x",)
    assert recipe.cmd == ("python", "-m", "app")
    assert recipe.entrypoint is None
    assert recipe.user == "1000"


def test_continued_lines_with_comments_and_empty_lines_inside() -> None:
    recipe = read(HEAD + "ENV A=1 \\\n  # not this\n\n  B=2 \\\n  C=3\nLABEL x=y\n")
    assert recipe.env == {"A": "1", "B": "2", "C": "3"}
    assert recipe.labels == {"x": "y"}


def test_a_continued_last_line() -> None:
    assert read(HEAD + "ENV A=1 \\\n B=2 \\").env == {"A": "1", "B": "2"}


def test_crlf_and_bom() -> None:
    text = "\ufeffFROM x\r\nENV A=1 \\\r\n B=2\r\nCOPY a /b/\r\n"
    recipe = read(text)
    assert recipe.env == {"A": "1", "B": "2"}
    assert recipe.copies[0].target == "/b"
    assert recipe.copies[0].target_is_folder


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("ENV A=$X", "one"),
        ("ENV A=${X}", "one"),
        ("ENV A=${X}y", "oney"),
        ("ENV A=$Xy", ""),
        ("ENV A=\\$X", "$X"),
        ("ENV A='$X'", "$X"),
        ('ENV A="$X and"', "one and"),
        ('ENV A="\\$X"', "$X"),
        ('ENV A="a\\b"', "a\\b"),
        ('ENV A="say \\"x\\""', 'say "x"'),
        ("ENV A=a\\ b", "a b"),
        ("ENV A a  b", "a  b"),
        ('ENV A "a b"', "a b"),
        ("ENV A ${X}-b", "one-b"),
        ("ENV A=${X:-y}", "one"),
        ("ENV A=${N:-y}", "y"),
        ("ENV A=${E:-y}", "y"),
        ("ENV A=${E-y}", ""),
        ("ENV A=${N:-${X}}", "one"),
        ("ENV A=${X:+y}", "y"),
        ("ENV A=${N:+y}", ""),
        ("ENV A=${E:+y}", ""),
        ("ENV A=${N:-'a b'}", "a b"),
        ("ENV A=$", "$"),
        ("ENV A=5$", "5$"),
        ("ENV A=x=y", "x=y"),
        ("ENV A=", ""),
    ],
)
def test_values(line: str, value: str) -> None:
    assert read(f"{HEAD}ENV X=one E=\n{line}\n").env["A"] == value


def test_one_env_line_does_not_see_itself() -> None:
    assert read(HEAD + "ENV A=1\nENV A=2 B=$A\n").env == {"A": "2", "B": "1"}


def test_arguments() -> None:
    text = "ARG TAG=3.11\nFROM python:${TAG}\nARG TAG\nARG X=d\nARG Y\nENV A=$TAG-$X-$Y\n"
    assert read(text).base == "python:3.11"
    assert read(text).env["A"] == "3.11-d-"
    given = read(text, TAG="3.12", X="x", Y="y")
    assert (given.base, given.env["A"]) == ("python:3.12", "3.12-x-y")


def test_an_argument_of_above_is_unknown_below_until_it_is_named() -> None:
    assert read("ARG T=1\nFROM x\nENV A=$T\n").env["A"] == ""


def test_an_env_wins_over_an_argument() -> None:
    assert read(HEAD + "ENV A=env\nARG A=arg\nENV B=$A\n", A="given").env["B"] == "env"


def test_workdirs_are_a_chain() -> None:
    recipe = read(HEAD + "WORKDIR /a\nWORKDIR b\nCOPY x y\nWORKDIR ../c\nCOPY x .\nWORKDIR /\n")
    assert [copy.target for copy in recipe.copies] == ["/a/b/y", "/a/c"]
    assert recipe.workdir == "/"


def test_copy_forms() -> None:
    copies = read(
        HEAD + 'COPY ["a b", "c d/"]\nCOPY --chown=1000:2 --chmod=0755 --link a b /x/\n'
        "ADD a /y\nCOPY $0a /z\n"
    ).copies
    assert copies[0].sources == ("a b",)
    assert copies[0].target == "/c d"
    assert (copies[1].owner, copies[1].mode, copies[1].sources) == ("1000:2", 0o755, ("a", "b"))
    assert [copy.unpacks for copy in copies] == [False, False, True, False]


def test_shell_forms() -> None:
    recipe = read(HEAD + 'SHELL ["/bin/bash", "-c"]\nCMD echo $HOME\nENTRYPOINT []\n')
    assert recipe.cmd == ("/bin/bash", "-c", "echo $HOME")
    assert recipe.entrypoint == ()
    assert read(HEAD + "CMD ['python']\n").cmd == ("/bin/sh", "-c", "['python']")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no FROM"),
        ("# only\n", "no FROM"),
        ("COPY a b\nFROM x\n", "line 1: `COPY` stands before FROM"),
        ("FROM a\nFROM b\n", "line 2: several FROM"),
        ("FROM a b\n", "line 1"),
        ("FROM $X\n", "line 1"),
        ("FROM\n", "line 1"),
        (HEAD + "\n\nFETCH x\n", "line 4: `FETCH` is no instruction"),
        (HEAD + "RUN a \\\n  b\nNOSUCH\n", "line 4"),
        (HEAD + "RUN <<EOF\necho\nEOF\n", "line 2: landed reads no here-documents"),
        (HEAD + "RUN cat <<-'EOF' > x\nEOF\n", "line 2: landed reads no here-documents"),
        (HEAD + "COPY <<EOF /x\nEOF\n", "line 2: landed reads no here-documents"),
        (HEAD + "COPY --from=build a b\n", "line 2: COPY --from"),
        (HEAD + "COPY --exclude=x a b\n", "--exclude=x is not known"),
        (HEAD + "COPY --chmod=u+x a b\n", "--chmod=u\\+x is not known"),
        (HEAD + "COPY a\n", "line 2: COPY needs a source and a target"),
        (HEAD + "COPY a b c\n", "line 2: the target of several sources"),
        (HEAD + "ADD https://example.invalid/x /x\n", "line 2: ADD of an address"),
        (HEAD + "ENV U=https://example.invalid/x\nADD $U /x\n", "line 3: ADD of an address"),
        (HEAD + "ONBUILD RUN x\n", "line 2"),
        (HEAD + "ENV A\n", "line 2"),
        (HEAD + "ENV A=1 B\n", "line 2"),
        (HEAD + 'ENV A="x\n', "line 2"),
        (HEAD + "ENV A=${X\n", "line 2"),
        (HEAD + "ENV A=${X%y}\n", "line 2"),
        (HEAD + "ENV A=${X:?say}\n", "line 2: X is not set: say"),
        (HEAD + "WORKDIR\n", "line 2"),
        (HEAD + "ENV A=\0\n", "line 2"),
        ("# escape=`\nFROM x\n", "line 1"),
        (HEAD + "ENV A=" + "${A:-" * 40 + "}" * 40, "line 2: the variables are nested"),
    ],
)
def test_what_cannot_be_built_is_said_with_its_line(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as error:
        read(text)
    assert error.value.hint


def test_arithmetic_is_no_here_document() -> None:
    assert read(HEAD + "RUN echo $((1<<2))\n").run == ("echo $((1<<2))",)


LINES = st.lists(
    st.builds(
        "{} {}".format,
        st.sampled_from(["FROM", "ARG", "ENV", "COPY", "add", "WORKDIR", "CMD", "LABEL", "#", ""]),
        st.text(st.sampled_from("aB1 ./\\\"'${}:-+=[],<>#*?\n\r\0é"), max_size=25),
    ),
    max_size=6,
)


@given(LINES)
def test_no_text_brings_anything_but_a_usage_error(lines: list[str]) -> None:
    try:
        recipe = read(HEAD + "\n".join(lines), a="1")
    except UsageError as refused:
        hint = refused.hint
        assert hint
    else:
        assert all(copy.target.startswith("/") for copy in recipe.copies)


@given(st.text(max_size=200))
def test_neither_does_any_other_text(text: str) -> None:
    try:
        read(text)
    except UsageError as refused:
        message = refused.message
        assert message
