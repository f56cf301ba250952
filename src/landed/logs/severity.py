"""Whether anybody calls an entry an error: its place, its logger, or the line itself."""

from __future__ import annotations

import re
from functools import lru_cache

_ERRORS = "ERROR|ERR|FATAL|CRITICAL|CRIT|SEVERE|PANIC|DPANIC|EMERGENCY|EMERG|ALERT|FAIL|FATAL_ERROR"
_OTHERS = "TRACE|VERBOSE|DEBUG|FINE|INFO|INFORMATION|NOTICE|WARN|WARNING"
_GRAVE = frozenset((*_ERRORS.split("|"), "EROR"))  # log15 spells all levels in four letters
GRAVE_FROM, NO_LEVEL, PSR_FROM, PSR_TO = 50, 100, 400, 800
"""Levels as numbers, and full tens: pino and bunyan say 50 and 60; Monolog and Cloud Logging 400
and more. A battery has other levels.
"""
SYSLOG = 3
"""Syslog counts the other way: what GELF sends is an error from 3 down."""
LONGEST_HEAD = 200
"""Characters of a line in which it says how grave it is."""

_HINTS = ("err", "fatal", "crit", "severe", "panic", "emerg", "alert", "fail", "exception",
          "unhandled", "fata[")  # fmt: skip
_FIRST = ("E", "F", "<", "[E", "** (")
"""What begins lines that are errors without any of these words."""

# What a syslog daemon or PHP's writes before a line.
_SYSLOG = re.compile(
    r"[A-Z][a-z]{2} [ \d]\d [\d:]{8} \S{1,60} \S{1,60}: "
    r"|\d{4}-\d\d-\d\dT\S{1,30} \S{1,60} \S{1,60}\[\d+\]: "
    r"|(?:\[[\w: -]{1,40}\] WARNING: \[pool \S{1,60}\] child \d+ said into std(?:err|out): \")?"
    r"NOTICE: PHP message: "
)
_KEYED = re.compile(r"(?:^|\s)(?i:level|lvl|severity|log\.level)=[\"']?(\w+)")
_SAYS = re.compile(r"\b(?:msg|message|event|err|error)=")
# The first word that is a level tells. What stands before it are times, names and numbers; plain
# words would make it a sentence.
_LEVEL = re.compile(rf"(?:^|(?<=[\s\[(|<:.]))(?:{_ERRORS}|{_OTHERS})(?=[\s\]):|>/,!-]|$)")
_DATES = "Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_WORD = re.compile(rf"(?:^|(?<=\s))(?!(?:{_DATES})\s)[A-Za-z][a-z]+(?=\s)(?!\s+[-|:])")
# A time, and the one name of a logger. An article does not name one.
_NAME = re.compile(
    rf"\W{{0,3}}(?=[^a-z]*\d)(?:(?:{_DATES})\b|[^a-z]){{1,60}}(?<=\s)"
    r"(?!(?i:an?|the|no|this|last)\s)[\w.-]{1,60}\s+$"
)
# A setting: the level from which on something is told.
_SETTING = re.compile(r"(?i:level|severity|threshold)\W{1,3}$")
# "errors: 0", "Error: none" and "FAIL: 0, OK: 3" tell of none; "Error: 0.03" is a measure.
_NOTHING = re.compile(
    r"[^\w.]*(?:(?<=\s)(?:\[\]|\{\}|\"\"|'')|(?i:0+|\d+[.,]\d+(?:e[-+]?\d+)?|none|null|nil|no|false|off|ok"
    r"|no errors?)(?![\w.]))\s?%?(?=\W*$|[\s,;|/)-]+(?:of\s+)?(?:\w+\W{1,3})?\d)"
)
_SAID = re.compile(
    rf"(?:(?=[\d\[A-Z]|[^\x00-\x7f])(?:(?:{_DATES})\b|[^a-z]){{1,60}}(?<![\w.-]))?(?:"
    # programs for people, and servers
    rf"(?:(?!(?i:{_OTHERS}|note|retry|ignored|subject|title)\b)[\w.-]{{1,40}}: )?"
    r"(?i:fatal error|error|fatal|panic)(?:\[\w+\])?:(?=\s)|npm (?:ERR!|error) "
    r"|\[(?:\w{1,40}:)?(?:error|err|fatal|crit|critical|panic|emerg|alert) *\]"
    r"|PHP (?:Fatal|Parse|Recoverable fatal) error: "
    # klog, Ruby's logger, what systemd reads, Tornado, logrus, .NET, Elixir
    r"|[EF]\d{4}(?:\d{4})? \d\d:\d\d:\d\d|[EF], \[\d{4}-|^<[0-3]>|\[E \d{6} |(?:ERRO|FATA|PANI)\[\d"
    r"|(?:fail|crit): \S{1,200}\[\d+\]|\*\* \(\w"
    # the last line of a stack, alone
    r"|(?:Uncaught |Unhandled exception[.:] |Caused by: )?(?:[A-Za-z_]\w{0,60}(?:\.|::|\\)){0,12}"
    r"(?:(?:[A-Z]\w{0,80})?(?:Error|Exception)(?: \[\w+\])?|(?<=errors\.)[A-Z]\w{0,80}"
    r"|(?<=exceptions\.)[A-Z]\w{0,80}):(?=\s)"
    r"|Unhandled exception\b|(?i:unhandled ?(?:promise ?)?rejection|uncaught ?exception)\b"
    r"|\(node:\d+\) UnhandledPromiseRejection"
    r")"
)


def grave(level: object, *, syslog: bool = False) -> bool:
    """Whether a logger's level is that of an error, as a word or as a number."""
    if isinstance(level, str):
        return _is_grave(level)
    if isinstance(level, bool) or not isinstance(level, int):
        return False
    if syslog:
        return level <= SYSLOG
    return level % 10 == 0 and (GRAVE_FROM <= level < NO_LEVEL or PSR_FROM <= level <= PSR_TO)


@lru_cache(maxsize=64)
def _is_grave(level: str) -> bool:
    return level.strip().upper() in _GRAVE


def says_error(text: str) -> bool:
    """Whether a line that has no severity says of itself that it is an error."""
    head = text[:LONGEST_HEAD].partition("\n")[0]
    small = head.lower()
    if not head.startswith(_FIRST) and not any(hint in small for hint in _HINTS):
        return False
    keyed = _KEYED.search(head)
    if keyed and (_SAYS.search(head) or not _WORD.search(head[: keyed.end()])):
        return grave(keyed[1])
    daemon = _SYSLOG.match(head)
    head = head[daemon.end() :] if daemon else head
    level = _LEVEL.search(head)
    found = level
    if level is None or not _is_apart(head[: level.start()]):
        found = _SAID.match(head)
    elif level[0] not in _GRAVE or (
        head.endswith(level[0]) and _SETTING.search(head, 0, level.start())
    ):
        return False
    return bool(found and not _NOTHING.match(head, found.end()))


def _is_apart(before: str) -> bool:
    """Whether a level behind this stands where a logger puts it, and not within a sentence."""
    return not _WORD.search(before) or bool(_NAME.match(before))
