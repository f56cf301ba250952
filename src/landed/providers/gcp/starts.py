"""How a container is started: by its image, by its deployment, or by one execution alone.

A command that is deployed is a part of the deployment, as its arguments are: it starts what the
image holds. Where it is a program itself (`sh -c …`), leads out of the image, or is one execution's
own, nobody saw which code it runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from landed.core.words import listed
from landed.providers.gcp.shapes.cloud_run import Container

# fmt: off
_LEAD_ELSEWHERE = frozenset([
    "PATH", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "NODE_PATH",
    "NODE_OPTIONS", "LD_PRELOAD", "LD_LIBRARY_PATH", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS", "CLASSPATH", "RUBYLIB", "RUBYOPT", "GEM_PATH", "PERL5LIB", "PERL5OPT",
    "BASH_ENV",
])
# fmt: on
"""Variables by which other code runs than the image would run by itself."""
_INTERPRETER = re.compile(
    r"(?:ba|da|a|z|k|c|tc|fi)?sh|busybox|python[\d.]*|pypy[\d.]*|node|nodejs|deno|bun|ruby|perl|php"
    r"|lua|Rscript"
)
_INLINE = re.compile(
    r"-|-[A-Za-z]*[ceErp][A-Za-z]*|--(?:eval|print|command|run)(?:=.*)?", re.DOTALL
)
"""Options of interpreters behind which code stands, or comes in over their input."""
_MODULE = "-m"


def overridden(own: Container | None, deployed: Container | None) -> tuple[str, ...]:
    """What of a start is not the image's, so that other code may have run."""
    if own is None:
        return ()
    same = deployed is not None and own.command == deployed.command
    found = {
        "command": bool(own.command) and not (same and _of_the_image(own)),
        "workingDir": bool(own.working_dir),
        "sourceCode": own.source_code is not None,
        "baseImageUri": bool(own.base_image_uri),
        "args": own.args != (deployed.args if deployed else ()),
    }
    led = (one.name for one in own.env if one.name in _LEAD_ELSEWHERE)
    return (*(name for name, other in found.items() if other), *led)


def remarks(own: Container | None, deployed: Container | None) -> Iterator[str]:
    """What of a start is worth knowing, and hides no code. No word of it is shown: it may hold a
    secret.
    """
    if own is None or deployed is None:
        return
    parts = [n for n in ("command", "args") if getattr(own, n)]
    if parts and (own.command, own.args) == (deployed.command, deployed.args):
        yield f"started with the deployment's own {listed(parts)}, which no commit has"
    differ = {one.name for one in own.env} ^ {one.name for one in deployed.env}
    if differ:
        yield f"its variables are not those deployed now: {listed(sorted(differ))}"


def _of_the_image(own: Container) -> bool:
    """Whether a command only names what the image holds, as far as its words tell."""
    words = (*own.command, *own.args)
    mounts = [mount.mount_path.rstrip("/") for mount in own.volume_mounts]
    elsewhere = any(path and path in word for word in words for path in mounts)
    return not elsewhere and not _writes_code(words)


def _writes_code(words: Iterable[str]) -> bool:
    """Whether code stands in the words themselves, or comes over their input."""
    interpreted = False
    for word in words:
        if interpreted and word == _MODULE:
            # What follows are the module's own words.
            return False
        if interpreted and _INLINE.fullmatch(word):
            return True
        interpreted = interpreted or bool(_INTERPRETER.fullmatch(word.rpartition("/")[2]))
    return False
