"""Where the gate's step gets landed from: it runs in the build, so it has to be what was meant.

Never by name from an index: nobody owns `landed` there, and whoever claims that name would run in
every build that asks for it. An image by its digest, a file by its hash and a commit by its id are
what they are, whoever serves them.
"""

from __future__ import annotations

import re

from landed.core.errors import UsageError
from landed.core.model import Frozen
from landed.core.words import printable

_IMAGE = re.compile(r"[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}")
# No `$`: Cloud Build would take it for a substitution.
_FILE = re.compile(r"(?:landed(?:\[\w+\])? @ )?https://[A-Za-z0-9._~:/@%+-]+#sha256=[0-9a-f]{64}")
_COMMIT = re.compile(
    r"(?:landed(?:\[\w+\])? @ )?git\+(?:https|ssh)://[A-Za-z0-9._~:/@%+-]+@[0-9a-f]{40}"
)
_HINT = (
    "--landed IMAGE@sha256:… (an image of yours with landed in it), or "
    "--landed https://…/landed.whl#sha256=… (see docs/how-to/verify-inside-the-build.md)"
)


class Supply(Frozen):
    """An image that has landed, or what pip installs into python's own."""

    image: str = ""
    requirement: str = ""


def supply(said: str | None) -> Supply:
    """What somebody named. Raises UsageError for nothing, and for what may be another tomorrow."""
    if not said:
        raise UsageError("nothing says where the build gets landed from", _HINT)
    if _IMAGE.fullmatch(said):
        return Supply(image=said)
    if _FILE.fullmatch(said) or _COMMIT.fullmatch(said):
        return Supply(requirement=said)
    raise UsageError(
        f"`{printable(said[:100])}` may be another's tomorrow, and it would run in your build",
        _HINT,
    )
