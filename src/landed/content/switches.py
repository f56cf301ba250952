"""Lines of code that ask an environment variable whether to take a path, read by their words.

Nothing is run or parsed as a language. What a line compares the variable with says what turns it
on: a word that means "on", or one that means "off". Bare truth is what Python and JavaScript make
of a text: all but the empty one is true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from landed.core.model import Frozen
from landed.core.redact import names_secret
from landed.core.seen.switches import WORDS, Switch

MAX_LINE = 500
"""Longer lines are not written by people."""
_ON = frozenset({"1", "true", "on"})
_OFF = frozenset(WORDS) - _ON

_READ = re.compile(
    r"""(?x)
    \b(?P<call>environ\.get|[gG]etenv|LookupEnv|ENV\.fetch|env\.(?:get|bool|str)|env::var
        |GetEnvironmentVariable)
        \(\s*["'](?P<called>[A-Za-z_]\w{0,80})["']\s*
        (?:,\s*(?:default\s*=\s*)?(?P<default>[^,)\n]{1,60}?)\s*)?\)
    |\b(?:environ|ENV|process\.env|import\.meta\.env)\[\s*["'](?P<indexed>[A-Za-z_]\w{0,80})["']
        \s*\]
    |\b(?:process|import\.meta)\.env\.(?P<dotted>[A-Za-z_]\w{0,80})"""
)
_CHAIN = r"(?:\??\.(?:lower|upper|strip|casefold|toLowerCase|toUpperCase|trim|downcase)(?:\(\))?)*"
_INSTEAD = re.compile(r"\s*(?:\|\||\?\?|\bor\b)\s*(?P<default>[\"'][^\"'\n]{0,40}[\"']|\w+)\s*\)?")
_COMPARES = re.compile(
    rf"\)?{_CHAIN}\)?\s*(?:[=!]==?|\bnot in\b|\bin\b|\.(?:equals|equalsIgnoreCase)\()"
    r"(?P<with>[^#\n]{1,100})"
)
_COMPARED = re.compile(
    r"[\"'](?P<word>[^\"'\n]{0,40})[\"']\s*(?:[=!]==?|\.equals\w*\()\s*(?:\w+\.)*\Z"
)
_PARSES = re.compile(
    r"\b(?:strtobool|str2bool|to_bool|parse_bool|as_bool|parseBoolean|ParseBool|bool\(int)\(\s*"
    r"(?:\w+\.)*\Z"
)
_QUOTED = re.compile(r"[\"']([^\"'\n]{0,40})[\"']")
_CONDITION = re.compile(r"\b(?:if|elif|unless|while|when)\b|\?|&&|\bbool\(|\bBoolean\(|!!")
_ASSIGNED = re.compile(
    r"^\s*(?:(?:export|const|let|var|final|static|self\.)\s*)*(?P<to>[A-Za-z_]\w{0,80})"
    r"\s*(?::\s*[\w\[\] |.]{1,40})?\s*:?=\s*(?:\w+\.)*\Z"
)
_AGAINST = re.compile(
    r"(?i)(?:^|_)(?:NO|NOT|DISABLED?|SKIP|OFF|WITHOUT|LEGACY|OLD|KILL|BYPASS|STOP)(?:_|$)"
)
_TYPED = re.compile(r"[\w.-]{1,20}")


class _Asked(Frozen):
    """With which of WORDS a line is on, and whether it is where the variable is not set."""

    on: frozenset[str]
    unset: bool | None
    wants: str = ""


def switches(path: str, added: Sequence[str]) -> Iterator[Switch]:
    """The switches in the lines that were added to a file."""
    lines = [line for line in added if len(line) <= MAX_LINE]
    for line in lines:
        for read in _READ.finditer(line):
            name = read["called"] or read["indexed"] or read["dotted"]
            before, after = line[: read.start()], line[read.end() :]
            asked = _asked(before, after) or _asked_later(before, lines)
            if asked is None:
                continue
            asked = _without_value(asked, read, after)
            against = _AGAINST.search(name)
            if against:
                # It turns the old way on: the change's path is taken where it is off.
                asked = _Asked(
                    on=frozenset(WORDS) - asked.on,
                    unset=None if asked.unset is None else not asked.unset,
                )
            likely = ("0", "false") if against else ("1", "true", "on")
            yield Switch(
                name=name,
                path=path,
                taken=tuple(word for word in WORDS if word in asked.on),
                unset=asked.unset,
                # A secret that a line compares with is written in the repository, and nowhere else.
                wants=("" if names_secret(name) else asked.wants)
                or next((w for w in likely if w in asked.on), ""),
            )


def _asked(before: str, after: str) -> _Asked | None:
    """What a line makes of the variable that it reads; None where it only takes its value."""
    instead = _INSTEAD.match(after)
    after = after[instead.end() :] if instead else after
    compares, compared = _COMPARES.match(after), _COMPARED.search(before)
    if compares or compared:
        words = _QUOTED.findall(compares["with"]) if compares else []
        return _by_words([*words, *([compared["word"]] if compared else [])])
    if _PARSES.search(before):
        return _Asked(on=_ON, unset=None)
    if _CONDITION.search(before) or _CONDITION.match(after.lstrip(") ")):
        return _Asked(on=frozenset(WORDS) - {""}, unset=False)
    return None


def _by_words(words: Sequence[str]) -> _Asked | None:
    """On with these words, where one of them means on or is a word of its own; else with all
    others, for then they say what turns it off. Which way round the line is put does not matter.
    None without words.
    """
    if not words:
        return None
    said = [word.lower() for word in words]
    known = frozenset(said) & frozenset(WORDS)
    if known and known <= _OFF:
        return _Asked(on=frozenset(WORDS) - known, unset="" not in known)
    typed = next((word for word in words if _TYPED.fullmatch(word)), "")
    return _Asked(on=known, unset=False, wants=typed)


def _asked_later(before: str, lines: Sequence[str]) -> _Asked | None:
    """What another line makes of it, where this one gives it a name of its own."""
    assigned = _ASSIGNED.match(before)
    if assigned is None:
        return None
    named = re.compile(rf"\b{re.escape(assigned['to'])}\b")
    for line in lines:
        found = named.search(line)
        # The line itself has nothing to say but the name.
        if found and not line.startswith(before):
            asked = _asked(line[: found.start()], line[found.end() :])
            if asked:
                return asked
    return None


def _without_value(asked: _Asked, read: re.Match[str], after: str) -> _Asked:
    """The same, with what the line itself gives where the variable is not set."""
    instead = _INSTEAD.match(after)
    default = read["default"] or (instead["default"] if instead else None)
    if default is None:
        fails = read["indexed"] and not read[0].startswith(("process", "import"))
        lost = fails or (read["call"] == "ENV.fetch")
        return _Asked(on=asked.on, unset=None if lost else asked.unset, wants=asked.wants)
    word = default.strip().strip("\"'").lower()
    word = {"none": "", "null": "", "undefined": "", "nil": ""}.get(word, word)
    unset = word in asked.on if word in WORDS else None
    return _Asked(on=asked.on, unset=unset, wants=asked.wants)
