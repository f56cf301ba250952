"""What names, maps and words tell of committed outputs: hostile ones as well."""

from __future__ import annotations

import base64
import json

import pytest

from landed.content.outputs import (
    embedded,
    group,
    makes,
    may_be_among,
    same_code,
    same_text,
    telling,
    was_made_before,
)

FILES = {"web/app.js", "web/app.js.map", "web/other.js"}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("app/dist/js/app.js", "app/dist"),
        ("Build/index.html", "Build"),
        ("web/app.js", "web/app.js"),
        ("web/other.js", None),
        ("static/site.min.css", "static/site.min.css"),
        ("school_pb2.py", "school_pb2.py"),
        ("api/school.pb.go", "api/school.pb.go"),
        ("app/distance.py", None),
        ("app/builder/job.py", None),
        ("dist", None),
    ],
)
def test_outputs_by_name(path: str, found: str | None) -> None:
    assert group(path, FILES) == found
    beside = [f"{path}.map"] if path == "web/app.js" else []
    assert may_be_among(["x.py", path, *beside]) is (found is not None)


def test_a_map_names_its_sources_with_their_text() -> None:
    sources = ["a.ts", None, "c.ts", "d.ts"]
    data = json.dumps({"sources": sources, "sourcesContent": ["A", "B", ""]}).encode()
    assert list(embedded(None, data)) == [("a.ts", "A")]
    end = b"//# sourceMappingURL=data:application/json;base64," + base64.b64encode(data) + b"\n"
    assert list(embedded(b"x=1\n" + end, None)) == [("a.ts", "A")]
    assert list(embedded(b"x=1\n" + end + b"y=1\n", None)) == []


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"[]", b"null", b'{"sources": 1}', b'{"sources": ["a"]}', b"[" * 9_999,
     b'{"sources": ["a"], "sourcesContent": [1]}', b'{"sourcesContent": ["a"]}'],
)  # fmt: skip
def test_a_damaged_map_says_nothing(data: bytes) -> None:
    assert list(embedded(None, data)) == []


@pytest.mark.parametrize("end", [b"", b"base64,====", b"base64,AAA", b"base64,AAAA", b"http://x"])
def test_a_damaged_end_says_nothing(end: bytes) -> None:
    output = b"//# sourceMappingURL=data:application/json;" + end
    assert list(embedded(output, None)) == []


def test_texts_are_alike_but_for_line_ends() -> None:
    assert same_text("a\r\nb", b"a\nb\n")
    assert not same_text("a", b"b")
    assert not same_text("a", None)
    assert not same_text(" \n", b" \n")


def test_words_tell_an_output_of_before() -> None:
    before = b'a = "the old words"; k = "kept in both"'
    gone, put_in = telling(before, before.replace(b"old", b"new"))
    assert (gone, put_in) == ({"the old words"}, {"the new words"})
    assert was_made_before(b"x('the old words')", gone, put_in)
    assert not was_made_before(b"x('the old words', 'the new words')", gone, put_in)
    assert not was_made_before(b"x()", gone, put_in)
    assert not was_made_before(b"x('the old words')", gone, set())
    assert not was_made_before(None, gone, put_in)


def test_what_makes_outputs() -> None:
    for line in ("npm run build", "cd web && yarn build", "make all", "protoc -I. x.proto", "tsc"):
        assert makes([line]), line
    for line in ("npm ci", "pip install makeup", "apt-get install protobuf", "true"):
        assert not makes([line]), line


@pytest.mark.parametrize(
    ("path", "old", "new", "same"),
    [
        ("a.ts", 'const a = "x"; f([1, 2,]);\n', "const a = 'x'\nf([\n  1,\n  2\n])\n", True),
        ("a.jsx", "f(x => x)", "f((x) => x);", True),
        ("a.js", "f(x, y => x)", "f((x, y) => x)", False),
        ("a.js", "a = `one two`", "a = `one  two`", False),
        ("a.js", 'a = "x"', 'a = "y"', False),
        ("a.js", "const ab = 1", "const a = 1", False),
        ("a.js", "// one\nf()", "// two\nf()", False),
        ("a.css", "a .b { x: 1 }", "a.b { x: 1 }", False),
        ("a.py", "if x:\n  a\nb", "if x:\n  a\n  b", False),
    ],
)
def test_the_same_code_written_otherwise(path: str, old: str, new: str, same: bool) -> None:  # noqa: FBT001 - of a table
    assert same_code(path, old.encode(), new.encode()) is same
    assert not same_code(path, None, new.encode())


@pytest.mark.parametrize(
    "text", [b'"' * 200_000, b"'\\" * 200_000, b"/*" * 200_000, b"(" * 500_000]
)
def test_a_hostile_script_costs_little(text: bytes) -> None:
    assert same_code("a.js", text, text)
