"""Whether anybody calls an entry an error: its place, its logger, or the line itself."""

from __future__ import annotations

import re
from functools import lru_cache

_ERRORS = "ERROR|ERR|FATAL|CRITICAL|CRIT|SEVERE|PANIC|DPANIC|EMERGENCY|EMERG|ALERT|FAIL|FATAL_ERROR"
_OTHERS = "TRACE|VERBOSE|DEBUG|FINE|INFO|INFORMATION|NOTICE|WARN|WARNING"
_GRAVE = frozenset(_ERRORS.split("|"))
GRAVE_FROM, NO_LEVEL, PSR_FROM = 50, 100, 400
"""Levels as numbers: pino and bunyan say 50 and 60; Monolog and Cloud Logging 400 and more."""
SYSLOG = 3
"""Syslog counts the other way: what GELF sends is an error from 3 down."""
LONGEST_HEAD = 200
"""Characters of a line in which it says how grave it is."""

_HINTS = ("err", "fatal", "crit", "severe", "panic", "emerg", "alert", "fail", "exception")
# What a syslog daemon writes before a line.
_SYSLOG = re.compile(
    r"[A-Z][a-z]{2} [ \d]\d [\d:]{8} \S{1,60} \S{1,60}: "
    r"|\d{4}-\d\d-\d\dT\S{1,30} \S{1,60} \S{1,60}\[\d+\]: "
)
_KEYED = re.compile(r"(?:^|\s)(?i:level|lvl|severity|log\.level)=[\"']?(\w+)")
# The first word that is a level tells. What stands before it are times, names and numbers; plain
# words would make it a sentence.
_LEVEL = re.compile(rf"(?:^|(?<=[\s\[(|<:.]))(?:{_ERRORS}|{_OTHERS})(?=[\s\]):|>/,!-]|$)")
_WORD = re.compile(r"(?:^|(?<=\s))[A-Za-z][a-z]+(?=\s)(?!\s+[-|:])")
_NOTHING = r"\W*(?i:\d+|none|null|nil|no|false|ok)\W*$"
_SAID = re.compile(
    # programs for people, and servers
    r"(?:[\w.-]{1,40}: )?(?i:fatal error|error|fatal|panic)(?:\[\w+\])?:(?=\s)|npm ERR! "
    r"|(?:\[[A-Z][a-z]{2} [A-Z][a-z]{2} )?[^a-z]{0,60}\[(?:\w{1,40}:)?"
    r"(?:error|fatal|crit|emerg|alert)\]"
    # klog, Ruby's logger, what systemd reads
    r"|[EF]\d{4}(?:\d{4})? \d\d:\d\d:\d\d|[EF], \[\d{4}-|<[0-3]>"
    # the last line of a stack, alone
    r"|(?:Uncaught |Unhandled exception[.:] |Caused by: )?(?:[A-Za-z_]\w{0,60}(?:\.|::|\\)){0,12}"
    r"(?:[A-Z]\w{0,80})?(?:Error|Exception):(?=\s)"
    r"|Unhandled exception\b|\(node:\d+\) UnhandledPromiseRejection"
)


def grave(level: object, *, syslog: bool = False) -> bool:
    """Whether a logger's level is that of an error, as a word or as a number."""
    if isinstance(level, str):
        return _is_grave(level)
    if isinstance(level, bool) or not isinstance(level, int):
        return False
    return level <= SYSLOG if syslog else GRAVE_FROM <= level < NO_LEVEL or level >= PSR_FROM


@lru_cache(maxsize=64)
def _is_grave(level: str) -> bool:
    return level.strip().upper() in _GRAVE


def says_error(text: str) -> bool:
    """Whether a line that has no severity says of itself that it is an error."""
    head = text[:LONGEST_HEAD].partition("\n")[0]
    small = head.lower()
    if head[:1] not in ("E", "F", "<") and not any(hint in small for hint in _HINTS):
        return False
    keyed = _KEYED.search(head)
    if keyed:
        return grave(keyed[1])
    daemon = _SYSLOG.match(head)
    head = head[daemon.end() :] if daemon else head
    level = _LEVEL.search(head)
    found = level
    if level is None or _WORD.search(head[: level.start()]):
        found = _SAID.match(head)
    elif level[0] not in _GRAVE:
        return False
    # "errors: 0" and "Error: none" tell of none.
    return bool(found and not re.fullmatch(_NOTHING, head[found.end() :]))
