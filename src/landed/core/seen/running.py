"""What runs: deployments, executions and revisions, their entries, and the watch."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from landed.core.model import Absent, Evidence, Frozen, Presence, Unseen
from landed.core.seen.image import OtherCopy
from landed.core.seen.made import Made
from landed.core.seen.schema import Gap, Schema
from landed.core.seen.switches import Variable
from landed.core.watch import Watch


class Serving(Frozen):
    """A revision of a service that takes part of the traffic, in percent. `same_files` as in
    `Deployment`.
    """

    revision: str
    digest: str | None
    percent: int
    same_files: bool = False


class Earlier(Frozen):
    """What a deployment was on before, from when, and who said so."""

    digest: str | None
    since: datetime
    updated_by: str = ""


class Deployment(Frozen):
    """The job or service that takes the work.

    `image` is its spec, word for word; `digest` what that means now, or, for a service, what its
    newest revision took that to mean when it was made. `since` is when the present digest came
    into force: the spec's change, or the tag's move where a job names a tag. `same_files` is True
    where its digest differs from the build's and every file is equal. `updated_by` is who changed
    it last, empty where nobody recorded that; `earlier` is what it was on before, newest first.

    For a service `serving` are the revisions that take traffic and `latest` is the newest one.
    `not_ready` says why that one can never serve; `deploying` that this is not decided yet.
    """

    kind: str
    name: str
    image: str
    digest: str | None
    pinned: bool
    since: datetime
    same_files: bool = False
    updated_by: str = ""
    earlier: tuple[Earlier, ...] = ()
    serving: tuple[Serving, ...] = ()
    latest: str = ""
    not_ready: str = ""
    deploying: bool = False
    evidence: tuple[Evidence, ...] = ()

    def holds_on_to(self, digest: str) -> str:
        """How it is on a digest without the help of a name, as a sentence."""
        if self.pinned:
            return f"{self.name} names {digest} itself"
        return f"{self.name} serves {digest}: its revision keeps it, whatever {self.image} is now"


class ExecutionState(StrEnum):
    """Where an execution stands; `lost` is one whose end nobody recorded. A revision of a service
    is `serving` as long as it takes traffic and nothing says that it failed: nobody waits for its
    end. Another revision that could serve has `succeeded`, one that never could has `failed`.
    """

    RUNNING = "running"
    SERVING = "serving"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"


class Execution(Frozen):
    """One run of a deployment, with the digest that it really ran; a service's is a revision.

    `percent` is the share of the traffic that a revision takes. `mounts` are the folders of the
    image that a volume covers, and `hidden` the image's own files that lie below one of them.
    `overridden` is what of its start the place changed, so that other code may have run;
    `remarks` say what else of it is not the image's. `variables` are those that the place sets,
    None where they cannot be seen. `loaded` are the image's files that its code was loaded from;
    None where the place records no such thing.
    """

    id: str
    digest: str | None
    started_at: datetime
    finished_at: datetime | None
    state: ExecutionState
    exit_code: int | None = None
    foreign_modules: tuple[str, ...] = ()
    percent: int | None = None
    mounts: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    variables: tuple[Variable, ...] | None = None
    loaded: tuple[str, ...] | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def serves(self) -> bool:
        """Whether it is a revision that takes traffic: that is the present, however old it is."""
        return self.state is ExecutionState.SERVING or bool(self.percent)

    @property
    def called(self) -> str:
        """What people call it, with its share of the traffic."""
        if not self.percent:
            return f"execution {self.id}"
        return f"revision {self.id}, with {self.percent} % of the traffic,"


class SeenError(Frozen):
    """An error identity in some execution's log. `before` counts the earlier executions with it.

    `mixed` is one whose stack may hold lines of another: that some error is there is sure, which
    one is not. `gap` is what it says that a database lacks. `frames` are the places in the program
    that it went through.
    """

    family: str
    identity: str
    title: str
    count: int
    first_at: datetime
    last_at: datetime
    executions: tuple[str, ...]
    named: str | None = None
    before: int = 0
    exception: str = ""
    mixed: bool = False
    gap: Gap | None = None
    frames: tuple[str, ...] = ()


class Share(Frozen):
    """In how many executions without the change a named error was, of those from the first one
    that showed it on: what ran before could not show it, or had another error in its way.
    """

    name: str
    hits: int
    of: int


class Logs(Frozen):
    """What one execution logged, beside what earlier ones did.

    `work` counts the entries that match what is expected, None where nothing is configured.
    `errors` are those of this execution, `earlier` those of executions without the change,
    `with_change` those of earlier executions that had it already, and `on_unknown` those of earlier
    executions of which nobody could tell. `looked_back` counts the executions without the change
    that were read, and `shares` tells how often these showed a named error. `clean` counts the
    executions with the change that did some work, this one among them. `asked` is False for a
    service that works when it is asked, where nothing says that anybody did. `schema` is what the
    commits say of the gaps in `errors`, None where there are none.
    """

    execution: str
    entries: int
    work: int | None
    errors: tuple[SeenError, ...]
    earlier: tuple[SeenError, ...] = ()
    with_change: tuple[SeenError, ...] = ()
    on_unknown: tuple[SeenError, ...] = ()
    looked_back: int = 0
    shares: tuple[Share, ...] = ()
    clean: int = 1
    asked: bool = True
    schema: Schema | None = None
    evidence: tuple[Evidence, ...] = ()


class WatchRecord(Frozen):
    """The watch over the change, as it was recorded."""

    watch: Watch
    evidence: tuple[Evidence, ...] = ()


class Running(Frozen):
    """What runs, whoever built it: the change's effect in the running image, by content.

    Where the image has copies of its files without the change, `presence` is that in what was
    loaded: UNKNOWN where nobody could tell which that is.
    `variables` are those that the image sets, None where more may be set by a file in it.
    """

    digest: str
    presence: Presence
    because: str
    variables: tuple[Variable, ...] | None = None
    copies: tuple[OtherCopy, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class TriggerSeen(Frozen):
    """What starts builds by itself at a push.

    `watches` tells whether it takes the builder's ref, and `passes` whether its path filters let
    the change through; None where nobody could tell. `enable` is what turns it on.
    """

    name: str
    watches: bool | None
    passes: bool | None
    disabled: bool = False
    enable: str = ""
    filters: str = ""
    evidence: tuple[Evidence, ...] = ()


class Served(Frozen):
    """One more revision of a service that takes traffic, with what was seen of it. The fields are
    those of `Observations`.
    """

    execution: Execution | Absent | Unseen
    backward: Made
    running: Running | Absent | Unseen
    logs: Logs | Absent | Unseen
