from __future__ import annotations

from pathlib import Path

import pytest

from landed.content.ignore import DockerRules, UploadRules
from landed.core.errors import UsageError


def upload(folder: Path, **files: str) -> UploadRules:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f".{name}").write_text(text)
    return UploadRules.read(folder)


@pytest.mark.parametrize(
    ("lines", "path", "goes"),
    # Each row was asked of gcloud's own code.
    [
        ("*.log", "a/b.log", False),
        ("*.log\n!keep.log", "a/keep.log", True),
        ("!keep.log\n*.log", "keep.log", False),
        ("build/\n!build/keep", "build/keep", False),
        ("build/", "build", True),
        ("build", "build", False),
        ("/top", "sub/top", True),
        ("/top", "top", False),
        ("a/b", "x/a/b", False),
        ("/a/b", "x/a/b", True),
        ("**/b", "x/y/b", False),
        ("a/**/b", "a/b", False),
        ("a/**/b", "a/x/y/b", False),
        ("a/**/b", "x/a/b", True),
        ("a/**", "a/x", False),
        ("*/bar", "bar", False),
        ("*/bar", "long/x/bar", True),
        ("[!a]x", "bx", False),
        ("[!a]x", "ax", True),
        ("trailing  ", "trailing", False),
        ("kept\\ ", "kept ", False),
        ("\\#note", "#note", False),
        ("# note", "# note", True),
        ("odd\\", "odd\\", True),
        ("*\n!*.py", "a.py", True),
        ("*\n!*.py", "sub/a.py", False),
    ],
)
def test_gcloud_patterns(lines: str, path: str, tmp_path: Path, *, goes: bool) -> None:
    rules = upload(tmp_path / "x", gcloudignore=lines)
    assert (rules.rule(path) == "") is goes


def test_without_git_and_ignore_file_everything_goes(tmp_path: Path) -> None:
    rules = UploadRules.read(tmp_path)
    assert [rules.rule(p) for p in (".gitignore", "a.log", "x/.gitignore")] == ["", "", ""]


def test_git_alone_drops_its_own_files_at_any_depth(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    rules = UploadRules.read(tmp_path)
    assert rules.rule("sub/.gitignore") == "gcloud's default: .gitignore"
    assert rules.rule(".git/config") == "gcloud's default: .git"
    assert rules.rule("sub/a.py") == ""


def test_a_gitignore_counts_and_names_its_line(tmp_path: Path) -> None:
    rules = upload(tmp_path, gitignore="# first\n\n*.env\n")
    assert rules.rule("conf/x.env") == ".gitignore:3: *.env"


def test_nested_and_private_ignore_files_do_not_count(tmp_path: Path) -> None:
    (tmp_path / ".git" / "info").mkdir(parents=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("*.txt\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / ".gitignore").write_text("*.py\n")
    rules = UploadRules.read(tmp_path)
    assert rules.rule("sub/a.py") == ""
    assert rules.rule("a.txt") == ""


def test_a_gcloudignore_decides_alone(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    rules = upload(tmp_path, gcloudignore="*.md\n", gitignore="*.env\n")
    assert rules.rule("a.env") == ""
    assert rules.rule(".git/config") == ""
    assert rules.rule("a.md") == ".gcloudignore:1: *.md"


def test_an_included_file_stands_in_its_line(tmp_path: Path) -> None:
    rules = upload(
        tmp_path, gcloudignore="*.py\n#!include:.gitignore\n!b.env\n", gitignore="*.env\n!a.py\n"
    )
    assert rules.rule("a.py") == ""
    assert rules.rule("b.env") == ""
    assert rules.rule("c.env") == ".gitignore:1: *.env"
    assert rules.problems == ()


def test_an_included_file_includes_no_other(tmp_path: Path) -> None:
    rules = upload(tmp_path, gcloudignore="a\n#!include:.gcloudignore\n")
    assert rules.rule("a")


@pytest.mark.parametrize("name", [".nosuch", "sub/.gitignore", "../.gitignore"])
def test_an_include_that_gcloud_refuses_is_a_problem(name: str, tmp_path: Path) -> None:
    rules = upload(tmp_path, gcloudignore=f"a\n# !include:{name}\n")
    assert ".gcloudignore:2" in rules.problems[0]


def test_the_rules_of_a_commit_are_those_of_its_checkout() -> None:
    texts = {".gitignore": b"*.env\n"}
    rules = UploadRules.of(texts, lambda names: {name: texts.get(name) for name in names})
    assert rules.rule("a.env") == ".gitignore:1: *.env"
    assert rules.rule(".gitignore") == "gcloud's default: .gitignore"


def dropped(lines: str, path: str) -> bool:
    return DockerRules(lines).rule(path) != ""


@pytest.mark.parametrize(
    ("lines", "path", "drops"),
    [
        ("foo", "foo", True),
        ("foo", "foo/a/b", True),
        ("foo", "sub/foo", False),
        ("/foo", "foo/a", True),
        ("foo/", "foo", True),
        ("./foo", "foo", True),
        ("*/temp*", "a/temporary", True),
        ("*/temp*", "a/b/temp", False),
        ("*/temp*", "temp", False),
        ("*/*/temp*", "a/b/temp.txt", True),
        ("temp?", "tempa", True),
        ("temp?", "temp", False),
        ("*", "a/b", True),
        ("*.go", "a/b.go", False),
        ("**/*.go", "a/b/c.go", True),
        ("**/*.go", "c.go", True),
        ("**/foo", "foo", True),
        ("**/foo", "a/foo/b", True),
        ("**/foo", "a/xfoo", False),
        ("**foo", "a/xfoo", True),
        ("**", "a/b", True),
        ("a/**", "a/b/c", True),
        ("a/**", "a", False),
        ("a/**/c", "a/c", True),
        ("a/**/c", "a/b/b/c", True),
        ("a/**/c", "a/bc", False),
        ("a*/**", "ab/c", True),
        ("foo\n!foo/keep", "foo/keep", False),
        ("foo\n!foo/keep", "foo/keep/below", False),
        ("foo\n!foo/keep", "foo/other", True),
        ("foo\n!foo/keep\nfoo/keep/x", "foo/keep/x", True),
        ("*\n!src\n!README.md", "src/a.py", False),
        ("*\n!src\n!README.md", "other", True),
        ("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", True),
        ("!a\n*", "a", True),
        ("# *\n #b", "b", False),
        (" #b", "#b", True),
        ("  a  ", "a", True),
        ("a/../b", "b", True),
        (".", "a", False),
        ("/", "a", False),
        ("[a-c]x", "bx", True),
        ("[^a-c]x", "bx", False),
        ("[^a-c]x", "zx", True),
        ("[z-a]x", "bx", False),
        ("a\\*", "a*", True),
        ("a\\*", "ab", False),
        ("a.b", "axb", False),
        ("a+(b)|$", "a+(b)|$", True),
        ("\ufeffa", "a", True),
        ("a\r\nb\r\n", "a", True),
        ("a\x0bb", "b", False),
        ("*\n", "line\nbreak", True),
    ],
)
def test_docker_patterns(lines: str, path: str, *, drops: bool) -> None:
    assert dropped(lines, path) is drops


def test_a_docker_rule_names_file_line_and_pattern() -> None:
    rules = DockerRules("# x\n\nfoo/\n", "app.Dockerfile.dockerignore")
    assert rules.rule("foo/a") == "app.Dockerfile.dockerignore:3: foo/"


@pytest.mark.parametrize("pattern", ["!", "[", "[]", "a[", "[a-]", "x\\"])
def test_a_pattern_that_docker_refuses_is_refused_with_its_line(pattern: str) -> None:
    with pytest.raises(UsageError, match=r"\.dockerignore:2") as error:
        DockerRules(f"ok\n{pattern}\n")
    assert error.value.hint
