"""Files that a build made of others and that are committed: how they are told, and of what they
were made.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterator, Sequence

import msgspec

from landed.core.model import Frozen, learned

LARGEST = 16 << 20
"""Bytes of an output or of its map: more is not read."""
_WRITTEN = 1 << 20
"""Bytes of a script."""
_FOLDERS = ["dist", "build", "out", "bundle", "bundles", "generated", "gen", "compiled", "target"]
_FOLDER = re.compile(rf"(?:^|/)(?:{'|'.join(_FOLDERS)})(?=/)", re.IGNORECASE)
_MARKS = (
    *(f"/{folder}/" for folder in _FOLDERS),
    *(".min.", ".bundle.", "generated.", "_pb2", ".pb.", ".map\n"),
    *(f".{suffix}\n" for suffix in ("wasm", "jar", "so", "dll", "exe")),
)
_NAME = re.compile(
    r"(?i:[._](?:min|bundle|generated)\.\w+|_pb2(?:_grpc)?\.pyi?|\.pb\.(?:go|cc|h)"
    r"|\.(?:wasm|jar|so|dll|exe))\Z"
)
_WEB = re.compile(
    r".*\.(?:[cm]?jsx?|[cm]?tsx?|vue|svelte|css|s[ac]ss|less|styl|coffee)", re.IGNORECASE
)
_INLINE = re.compile(
    rb"sourceMappingURL=data:application/json[^,\s]{0,60};base64,([A-Za-z0-9+/=]+)\s*(?:\*/)?\s*\Z"
)
_LITERAL = re.compile(r"""(["'`])((?:(?!\1)[^\\\n]){8,200})\1""")
_SCRIPT = re.compile(r".*\.[cm]?[jt]sx?", re.IGNORECASE)
_TOKEN = re.compile(
    r"""(["'`])((?:(?!\1)[^\\]|\\.?)*+)(?:\1|\Z)"""
    r"""|//[^\n]*|/\*.*?(?:\*/|\Z)|[\w$]+|[^\w$\s]""",
    re.DOTALL,
)
_ARROW = re.compile(r"\(\s*([\w$]+)\s*\)(?=\s*=>)")
_MAKES = re.compile(
    r"\b(?:npm|pnpm|yarn|bun)\s+(?:run|build)\b|\b(?:make|webpack|vite|rollup|esbuild|tsc|protoc|buf"
    r"|gulp|grunt|cargo\s+build|go\s+(?:build|generate)|mvn|gradle)\b"
)


class _Map(Frozen, rename="camel"):
    sources: list[str | None] = []
    sources_content: list[str | None] | None = None


learned(_Map)


def may_be_among(paths: Collection[str]) -> bool:
    """Whether there can be any output among these: many files are told at once."""
    text = "".join(f"/{path}\n" for path in paths).lower()
    return any(mark in text for mark in _MARKS)


def group(path: str, files: Collection[str]) -> str | None:
    """What an output was made together with: the folder of outputs that it lies in, else its own
    path. None for a file that is no output, as far as names tell: a folder or a name that tools
    use, or a source map beside it.
    """
    folder = _FOLDER.search(path)
    if folder:
        return path[: folder.end()]
    return path if f"{path}.map" in files or _NAME.search(path) else None


def is_web(path: str) -> bool:
    """Whether a source map may name this file as what it was made of, or of which it is the map."""
    return _WEB.fullmatch(path) is not None


def embedded(output: bytes | None, beside: bytes | None) -> Iterator[tuple[str, str]]:
    """The sources that an output was made of, with the text that they had then: from the map
    `beside` it, or from the one at its end. Nothing where a map does not hold them.
    """
    if beside is None:
        inline = _INLINE.search(output[-LARGEST:]) if output else None
        try:
            beside = base64.b64decode(inline[1]) if inline else None
        except binascii.Error:
            return
    try:
        found = msgspec.json.decode((beside or b"")[:LARGEST], type=_Map)
    except (msgspec.DecodeError, RecursionError):
        return
    for name, text in zip(found.sources, found.sources_content or (), strict=False):
        if name and text:
            yield name, text


def same_text(one: str, other: bytes | None) -> bool:
    """Whether two texts are alike but for their line ends, and say anything at all."""
    if other is None or not one.strip():
        return False
    return _plain(one) == _plain(other.decode("utf-8", "replace"))


def same_code(path: str, old: bytes | None, new: bytes | None) -> bool:
    """Whether two texts of a script are the same program, written otherwise: another layout, other
    quotes, with or without a `;` or a last comma.
    """
    if old is None or new is None or max(len(old), len(new)) > _WRITTEN:
        return False
    return _SCRIPT.fullmatch(path) is not None and _code(old) == _code(new)


def _code(text: bytes) -> list[str]:
    found: list[str] = []
    for token in _TOKEN.finditer(_ARROW.sub(r"\1", text.decode("utf-8", "replace"))):
        quote = token[1]
        word = f'"{token[2]}"' if quote in ("'", '"') else token[0]
        if word in (")", "]", "}") and found[-1:] == [","]:
            found.pop()
        if word != ";":
            found.append(word)
    return found


def telling(old: bytes | None, new: bytes | None) -> tuple[set[str], set[str]]:
    """The string literals that a change took out of a text, and those that it put in. Tools that
    make code smaller keep them.
    """
    before, after = (
        {found[2] for found in _LITERAL.finditer((text or b"").decode("utf-8", "replace"))}
        for text in (old, new)
    )
    return before - after, after - before


def was_made_before(output: bytes | None, gone: set[str], new: set[str]) -> bool:
    """Whether an output has something that a change took out, and nothing of what it put in."""
    if output is None or len(output) > LARGEST:
        return False
    text = output.decode("utf-8", "replace")
    return any(one in text for one in gone) and bool(new) and not any(one in text for one in new)


def makes(lines: Sequence[str]) -> bool:
    """Whether a RUN line may make outputs in the image itself."""
    return any(_MAKES.search(line) for line in lines)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").removeprefix("\ufeff").rstrip("\n")
