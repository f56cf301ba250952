"""What is asked about: a deployable in an environment, and what the user chose to be judged."""

from __future__ import annotations

from collections.abc import Callable

from landed.core.model import (
    Absent,
    Frozen,
    NamedError,
    Unseen,
)
from landed.core.probe import Workload
from landed.core.seen import (
    Remote,
    WatchRecord,
    WorkTree,
)


class Choice(Frozen):
    """What the user chose to be judged, instead of what landed would choose."""

    build: str | None = None
    digest: str | None = None
    execution: str | None = None


class Target(Frozen):
    """One deployable in one environment; `workload` is None where that names nothing for it."""

    environment: str
    workload: Workload | None
    named_errors: tuple[NamedError, ...] = ()


def _no_watch() -> Absent:
    return Absent(reason="no watch was opened over it")


class Probes(Frozen):
    """The questions to the repository, and to the watch, bound to their providers by the wiring."""

    work_tree: Callable[[], WorkTree | Absent | Unseen]
    remote: Callable[[], Remote | Absent | Unseen]
    watch: Callable[[], WatchRecord | Absent | Unseen] = _no_watch
