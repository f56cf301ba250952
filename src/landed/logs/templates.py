"""Messages that one line of a program wrote, put together: a template for each.

This is for reading many messages at once. It is no fingerprint: a template hides which name was
missing, and what it is depends on the other messages that were looked at.

Most of the speed is that little is left to do. Equal messages are looked at once, then all digits
are made alike, and of the lines that are equal now, and later of the words, each is looked at once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

WILD = "<*>"
ENOUGH = 6
"""So many different words at one place, with all else equal, are values and no words of the
program's. Below that, `started`, `paused` and `stopped` would become one."""
LONGEST = 256
"""Words. A longer line is a dump of data: no single word of it is looked for as a value, which
would cost a table entry for each."""

_DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
_UNIT = r"(?:[KMGT]?i?B|secs?|seconds?|ms|mins?|minutes?|hours?)\b"
_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:0+ )?"
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* [0: ]*0(?: [A-Z]{3,4} 0+)?"
)
# Each is for one word between blanks, and all digits in it are 0. A hostile word must not cost
# quadratic time: each begins where its characters begin.
_WORDS = (
    (re.compile(r"(?<![\w+.-])[A-Za-z][\w+.-]{0,30}://[^\s,;'\")\]]+"), WILD),
    # a path
    (re.compile(r"(?<![\w.])(?:[A-Za-z]:)?(?:[\\/][^\s,;:'\"()\[\]{}=|<>]+)+[\\/]?"), WILD),
    # a host, a package or a file with a number in it, with its port
    (re.compile(r"(?<![\w.-])(?=[\w.-]*0)[\w-]+(?:\.[\w-]+){2,}(?:/[\w.]+)?(?:[:@$]\w+)*"), WILD),
    # whatever else has a number in it
    (re.compile(r"(?<![\w-])[\w-]*0(?:[\w.-]*[\w-])?"), WILD),
    # numbers that belong together: a time, an address
    (re.compile(r"[-+]?<\*>(?:[.:,/@_+-]<\*>)+"), WILD),
    # the value of a setting, unless it is one plain word
    (re.compile(r"=(?!<\*>)[\w/$@-]+(?:[./$@-][\w/$@-]*)+"), f"={WILD}"),
)
_PHRASES = (
    (re.compile(rf" ?\(<\*> {_UNIT}\)"), ""),
    (re.compile(rf"<?<\*> {_UNIT}"), WILD),
    (re.compile(r"<\*>(?:,? <\*>)+"), WILD),
)
_ROUNDS = 3


def templates(messages: Sequence[str]) -> list[str]:
    """The template of each message's first line, with `<*>` for what varies."""
    if not messages:
        return []
    distinct = dict.fromkeys(messages)
    lines = _digits_alike(list(distinct))
    alike = dict.fromkeys(lines)
    shapes = _masked(alike)
    template = _merged(dict.fromkeys(shapes))
    of_line = {line: template[shape] for line, shape in zip(alike, shapes, strict=True)}
    of_message = dict(zip(distinct, map(of_line.__getitem__, lines), strict=True))
    return list(map(of_message.__getitem__, messages))


def _digits_alike(messages: Sequence[str]) -> list[bytes]:
    text = "\n".join(messages)
    if text.count("\n") != len(messages) - 1:
        text = "\n".join([message.split("\n", 1)[0] for message in messages])
    return text.encode("utf-8", "surrogatepass").translate(_DIGITS).split(b"\n")


def _masked(lines: Iterable[bytes]) -> list[str]:
    """The lines with every value masked that is one by its looks."""
    text = b"\n".join(lines)
    while b"00" in text:
        text = text.replace(b"00", b"0")
    shown = _DATE.sub(WILD, text.decode("utf-8", "replace")).split("\n")
    words = list({word for line in shown for word in line.split(" ")})
    calm = "\n".join(words)
    for pattern, mask in _WORDS:
        calm = pattern.sub(mask, calm)
    known = dict(zip(words, calm.split("\n"), strict=True))
    text_again = "\n".join([" ".join([known[w] for w in line.split(" ")]) for line in shown])
    for pattern, mask in _PHRASES:
        text_again = pattern.sub(mask, text_again)
    return text_again.split("\n")


def _merged(shapes: Iterable[str]) -> dict[str, str]:
    """Shapes that differ in a single word, where that word varies enough to be a value."""
    now = {shape: tuple(shape.split()) for shape in shapes}
    for _ in range(_ROUNDS):
        wild = _varying(dict.fromkeys(now.values()))
        if not wild:
            break
        for shape, words in now.items():
            if words in wild:
                places = wild[words]
                now[shape] = tuple(WILD if i in places else w for i, w in enumerate(words))
    return {shape: " ".join(words) for shape, words in now.items()}


def _varying(lines: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], set[int]]:
    """For each line the places of words that vary while all other words of it stay."""
    alike: dict[tuple[int, int, int], list[tuple[str, ...]]] = defaultdict(list)
    for words in lines:
        if len(words) > LONGEST:
            continue
        parts = [hash((i, word)) for i, word in enumerate(words)]
        whole = sum(parts)
        for i, part in enumerate(parts):
            alike[len(words), i, whole - part].append(words)
    found: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for (_, place, _), group in alike.items():
        if len(group) < 2:
            continue
        fixed = sum(WILD not in word for i, word in enumerate(group[0]) if i != place)
        masked = any(WILD in words[place] for words in group)
        # The first word is what a message is about.
        if fixed >= 2 and (masked or (len(group) >= ENOUGH and place)):
            for words in group:
                if words[place] != WILD:
                    found[words].add(place)
    return found
