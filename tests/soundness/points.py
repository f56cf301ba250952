"""Single points of the rules that the simulated worlds do not reach, each with its status."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from landed.core.judge import judge
from landed.core.model import (
    Absent,
    Effect,
    Presence,
    Unseen,
)
from landed.core.seen import (
    Build,
    BuildState,
    Deployment,
    Difference,
    DifferenceKind,
    Execution,
    ExecutionState,
    Image,
    Logs,
    Made,
    Misfit,
    MisfitKind,
    Observations,
    OtherCopy,
    OutputProof,
    Registry,
    Remote,
    Running,
    SeenError,
    Serving,
    Source,
    StaleOutput,
    WatchRecord,
    WorkTree,
)
from landed.core.watch import Baseline, Checkpoint, Fix, Watch, Watched
from landed.diagnoses import DIAGNOSES
from soundness.truth_table import HEALTHY, SERVES
from soundness.world import COMMIT, OTHER, Ran, World, at, digest, observe

NONE, DARK = Absent(reason="there is none"), Unseen(reason="nobody could look")
Point = tuple[str, Observations, str, str]


def _with(world: World = HEALTHY, **changes: Any) -> Observations:
    return msgspec.structs.replace(observe(world), **changes)


def _of(kind: type[Any], station: Any, **changes: Any) -> Any:
    assert isinstance(station, kind)
    return msgspec.structs.replace(station, **changes)


def _forward(seen: Observations, **changes: Any) -> Observations:
    return msgspec.structs.replace(seen, forward=msgspec.structs.replace(seen.forward, **changes))


BASE = observe(HEALTHY)
INSTALLED = Misfit(
    name="schools",
    kind=MisfitKind.OTHER_INSTALLED,
    file="requirements.txt",
    wanted="==2",
    lock="requirements.txt",
    found="1",
)
LOCKED = msgspec.structs.replace(INSTALLED, kind=MisfitKind.OTHER_LOCKED)
BEFORE_CHANGE = StaleOutput(
    path="app/dist/app.js", output="dist/app.js", source="src/app.ts", proof=OutputProof.MAP
)
DOUBTED = msgspec.structs.replace(BEFORE_CHANGE, proof=OutputProof.HISTORY)
MIXED = SeenError(
    family="f",
    identity="i",
    title="School",
    count=1,
    first_at=at(1),
    last_at=at(2),
    executions=(),
    mixed=True,
)


def _error(name: str, minute: int, *, named: str | None = None, mixed: bool = False) -> SeenError:
    return msgspec.structs.replace(
        MIXED, identity=name, named=named, mixed=mixed, first_at=at(minute), last_at=at(minute)
    )


def _shown(name: str, *, mixed: bool = False) -> Observations:
    """An execution shows `Overflow`, and one on an unknown image showed another before."""
    logs = _of(Logs, BASE.logs, errors=(_error("Overflow", 300),))
    before = (_error(name, 5, mixed=mixed),)
    return _with(logs=_of(Logs, logs, on_unknown=before))


def _remote(**changes: Any) -> Observations:
    return _with(remote=_of(Remote, BASE.remote, **changes))


def _source(seen: Observations = BASE, **changes: Any) -> Observations:
    return _forward(seen, source=_of(Source, seen.forward.source, **changes))


def _image(**changes: Any) -> Observations:
    return _forward(BASE, image=_of(Image, BASE.forward.image, **changes))


def _build(**changes: Any) -> Observations:
    return _forward(BASE, build=_of(Build, BASE.forward.build, **changes))


def _deployment(**changes: Any) -> Observations:
    return _with(deployment=_of(Deployment, BASE.deployment, **changes))


def _execution(**changes: Any) -> Observations:
    return _with(execution=_of(Execution, BASE.execution, **changes))


def _copies(station: str, *, ran: bool | None, lacks: bool = True, installed: bool = False) -> Any:
    """A second copy of a file of the change, as the image shows it, or what ran."""
    one = OtherCopy(path="old/job.py", place="app/job.py", package="old", own="app", lacks=lacks,
               installed=installed, ran=ran)  # fmt: skip
    if station == "image":
        return _image(copies=(one,))
    return _with(running=_of(Running, BASE.running, copies=(one,)))


def _service(*serving: tuple[str, str | None], **changes: Any) -> Observations:
    """A service whose revision `e1` has the change, with other traffic than that."""
    base = observe(SERVES)
    said = tuple(Serving(revision=name, digest=on, percent=50) for name, on in serving)
    mine = _of(Deployment, base.deployment, serving=said, **changes)
    return msgspec.structs.replace(base, deployment=mine)


OPENED, HOUR = at(500) - timedelta(hours=8), timedelta(hours=1)


def _ran(*shown: str, begin: datetime = OPENED) -> tuple[Watched, ...]:
    """Executions, ten minutes apart; `School` is the named error, any other word another."""
    return tuple(
        Watched(
            execution=f"{begin:%H}-{number}",
            digest=f"sha256:{begin:%H}",
            started_at=begin + number * timedelta(minutes=10),
            named=(error,) if error == "School" else (),
            errors=(error,) if error not in {"School", ""} else (),
        )
        for number, error in enumerate(shown)
    )


BEFORE = _ran(*["School", "", "", "timeout", "", ""] * 6, begin=OPENED - 6 * HOUR)
CLEAN = _ran(*[""] * 30)
CLEAN_BEFORE = _ran(*[""] * 36, begin=OPENED - 6 * HOUR)
_BLIND = Checkpoint(
    due_at=OPENED + 5 * HOUR, looked_at=OPENED + 5 * HOUR, unseen="the log did not answer"
)
_AWAY = Checkpoint(due_at=OPENED + 5 * HOUR, looked_at=OPENED + 5 * HOUR, away=True)


def _fixes(*names: str) -> tuple[Fix, ...]:
    return (Fix(commit=COMMIT, subject="the fix", errors=names),)


def _checkpoints(*looked: float | None) -> tuple[Checkpoint, ...]:
    """One an hour; each looked so many hours after it was due, or did not."""
    return tuple(
        Checkpoint(
            due_at=OPENED + number * HOUR,
            looked_at=None if late is None else OPENED + (number + late) * HOUR,
        )
        for number, late in enumerate(looked, 1)
    )


def _watch(
    *,
    before: tuple[Watched, ...] = BEFORE,
    since: tuple[Watched, ...] = CLEAN,
    fixes: tuple[Fix, ...] = _fixes("School"),
    checkpoints: tuple[Checkpoint, ...] = _checkpoints(0, 0, 0, 0, 0, 0),
) -> Observations:
    baseline = Baseline(executions=before, fixes=fixes)
    watch = Watch(opened_at=OPENED, baseline=baseline, checkpoints=checkpoints, executions=since)
    return _with(watch=WatchRecord(watch=watch))


UNREAD = (Difference(path="a.bin", kind=DifferenceKind.UNREAD),)
OTHERWISE = (Difference(path="b.py", kind=DifferenceKind.CHANGED),)
ARCHIVED = (
    Difference(path="c.py", kind=DifferenceKind.EXPORT_IGNORED),
    Difference(path="d.py", kind=DifferenceKind.EXPANDED),
)
_EQUAL = _image(against=COMMIT)
_LACKS = _source(presence=Presence.ABSENT, commit=OTHER)
_NOTHING_BUILT = Made(build=NONE, source=NONE, image=NONE)
_ELSEWHERE = "sha256:" + "f" * 64

_RIGHT = digest(1)

POINTS: tuple[Point, ...] = (
    ("dirt, and a builder in the dark",
     _with(HEALTHY.but(dirty=True), forward=Made(build=DARK, source=DARK, image=DARK)),
     "committed", "unseen"),
    ("a Dockerfile that is named and not there",
     _with(work_tree=_of(WorkTree, BASE.work_tree, not_there=("Dockerfile.prod",))), "committed",
     "unseen"),
    ("a bare repository", _with(work_tree=NONE), "committed", "skipped"),
    ("no remote is configured", _with(remote=NONE), "pushed", "unseen"),
    ("the remote has no such ref", _remote(tip=None, presence=Presence.ABSENT), "pushed", "broken"),
    ("squashed on the remote", _remote(equivalent=OTHER, equivalent_by="patch id"), "pushed",
     "holds"),
    ("rewritten later", _remote(presence=Presence.SUPERSEDED), "pushed", "holds"),
    ("a shallow clone", _remote(presence=Presence.UNKNOWN), "pushed", "unseen"),
    ("no source, an equal image", _forward(_EQUAL, source=DARK), "sourced", "holds"),
    ("no source, an image of another commit", _forward(BASE, source=DARK), "sourced", "unseen"),
    ("no record, an equal image", _forward(_EQUAL, build=DARK), "built", "holds"),
    ("no record, an image of another commit", _forward(BASE, build=DARK), "built", "unseen"),
    ("an upload of no known commit", _source(commit=None), "sourced", "unseen"),
    ("a change without effect, not built",
     msgspec.structs.replace(_LACKS, change=msgspec.structs.replace(
         BASE.change, effect=Effect.NONE)), "sourced", "holds"),
    ("a change with effect, not built", _LACKS, "sourced", "broken"),
    ("nobody can tell what the source has", _source(presence=Presence.UNKNOWN), "sourced",
     "unseen"),
    ("a source of which a file could not be compared", _source(differences=UNREAD), "sourced",
     "unseen"),
    ("a source that differs, beside a file that could not be compared",
     _source(differences=UNREAD + OTHERWISE), "sourced", "broken"),
    ("an image of which a file could not be compared", _image(differences=UNREAD), "packed",
     "unseen"),
    ("an image that differs, beside a file that could not be compared",
     _image(differences=UNREAD + OTHERWISE), "packed", "broken"),
    ("an image as `git archive` makes it", _image(differences=ARCHIVED), "packed", "holds"),
    ("a source off the ref", _source(on_ref=False), "sourced", "broken"),
    ("nobody can tell where the source is", _source(on_ref=None), "sourced", "unseen"),
    ("a build without an end", _build(state=BuildState.LOST), "built", "unseen"),
    ("a build without an end, and its image",
     _forward(_build(state=BuildState.LOST, pushed=()), image=NONE), "packed", "unseen"),
    ("a builder in the dark, and its image",
     _forward(BASE, build=DARK, image=NONE), "packed", "unseen"),
    ("success, and a step that may have pushed", _build(pushed=(), pushes_itself=True), "built",
     "unseen"),
    ("success, and an image that is named", _build(pushes_itself=True), "built", "holds"),
    ("a failure, and a step that may have pushed",
     _build(state=BuildState.FAILED, pushed=(), pushes_itself=True), "built", "broken"),
    ("another Dockerfile", _image(dockerfile="Dockerfile", built_with="Dockerfile.old"),
     "packed", "broken"),
    ("nothing was compared", _image(compared=0), "packed", "unseen"),
    ("another package than is asked for", _image(misfits=(INSTALLED,)), "packed", "broken"),
    ("a lock that is behind", _image(misfits=(LOCKED,)), "packed", "holds"),
    ("a lock that is behind, beside a file that could not be compared",
     _image(misfits=(LOCKED,), differences=UNREAD), "packed", "unseen"),
    ("an output of before the change", _image(outputs=(BEFORE_CHANGE,)), "packed", "broken"),
    ("an output that may be of before the change", _image(outputs=(DOUBTED,)), "packed", "holds"),
    ("pinned, and no name known", _with(registry=NONE), "published", "holds"),
    ("by a tag, and no name known", _with(HEALTHY.but(pinned=False), registry=NONE),
     "published", "broken"),
    ("the name is not there", _with(HEALTHY.but(pinned=False), registry=Registry(
        name="worker:latest", digest=None)), "published", "broken"),
    ("the name is elsewhere, and nobody could see who deploys by it",
     _with(HEALTHY.but(tag=0), deployment=DARK), "published", "unseen"),
    ("the name is elsewhere, and nothing is deployed",
     _with(HEALTHY.but(tag=0), deployment=NONE), "published", "broken"),
    ("a revision keeps its digest, whatever the name says",
     msgspec.structs.replace(observe(SERVES.but(pinned=False, tag=0))), "published", "holds"),
    ("an older revision of another digest serves beside",
     _service(("e1", _RIGHT), ("e0", _ELSEWHERE)), "deployed", "broken"),
    ("an older revision of another digest serves, and the registry is silent",
     msgspec.structs.replace(_service(("e0", _ELSEWHERE)), registry=DARK), "deployed", "broken"),
    ("an older revision serves until the new one is ready",
     _service(("e1", _RIGHT), ("e0", _ELSEWHERE), deploying=True), "deployed", "pending"),
    ("a revision that serves and does not say on what",
     _service(("e1", _RIGHT), ("e0", None)), "deployed", "unseen"),
    ("other bytes around the same files serve",
     _service(("e1", _RIGHT), digest=_RIGHT, latest="e1"), "deployed", "holds"),
    ("what serves is not what is newest", _service(("e1", _RIGHT), digest=_ELSEWHERE),
     "deployed", "holds"),
    ("nothing serves, and nobody says why", _service(), "deployed", "broken"),
    ("nothing serves, and the new one is on its way", _service(deploying=True), "deployed",
     "pending"),
    ("nothing serves, and the wrong one is on its way",
     _service(deploying=True, digest=_ELSEWHERE), "deployed", "broken"),
    ("nothing known to compare what serves with",
     msgspec.structs.replace(_service(("e0", _ELSEWHERE)), forward=_NOTHING_BUILT,
                             registry=Registry(name="worker", digest=None)),
     "deployed", "unseen"),
    ("a revision serves, and the service does not say so", _service(("e9", _RIGHT)), "ran",
     "unseen"),
    ("a volume over the code", _execution(mounts=("/app",), hidden=("app/job.py",)), "ran",
     "broken"),
    ("a command that is not the image's", _execution(overridden=("command",)), "ran", "unseen"),
    ("a command that is not the image's, and a failure",
     _execution(overridden=("command",), state=ExecutionState.FAILED), "ran", "broken"),
    ("an image that is not in the store", _deployment(digest=None), "deployed", "unseen"),
    ("other bytes around the same files", _deployment(digest=_ELSEWHERE, same_files=True),
     "deployed", "holds"),
    ("nothing known to compare with",
     _with(forward=_NOTHING_BUILT, registry=Registry(name="worker", digest=None)),
     "deployed", "unseen"),
    ("nothing built here, another name deployed",
     _with(forward=_NOTHING_BUILT, registry=Registry(name="worker", digest=_ELSEWHERE)),
     "deployed", "broken"),
    ("no deployment to compare with", _with(deployment=NONE), "ran", "unseen"),
    ("an execution without a digest", _execution(digest=None), "ran", "unseen"),
    ("a deployment without a digest", _deployment(digest=None), "ran", "unseen"),
    ("code from elsewhere", _execution(foreign_modules=("job (/data/job.py)",)), "ran", "broken"),
    ("redeployed since, same image", _deployment(since=at(301) + timedelta(hours=1)),
     "ran", "pending"),
    ("an error, and no run without the change",
     observe(HEALTHY.but(ran=Ran(fresh=True), looked_back=0, names_error=False)),
     "healed", "unseen"),
    ("an error that no run without the change had",
     observe(HEALTHY.but(ran=Ran(fresh=True), names_error=False)), "healed", "broken"),
    ("an error that an unknown image had", _shown("Overflow"), "healed", "unseen"),
    ("an error beside one that an unknown image had", _shown("Noise"), "healed", "broken"),
    ("an error of which an unknown image had some lines", _shown("Overflow", mixed=True), "healed",
     "broken"),
    ("no entries", _with(logs=NONE), "healed", "unseen"),
    ("a stack with the lines of another", _with(logs=_of(Logs, BASE.logs, errors=(MIXED,))),
     "healed", "unseen"),
    ("an end that nobody saw", _execution(state=ExecutionState.LOST), "healed", "unseen"),
    ("a clean watch", _watch(), "held", "holds"),
    ("a clean watch over no named error", _watch(fixes=()), "held", "holds"),
    ("it came back", _watch(since=_ran(*[""] * 29, "School")), "held", "broken"),
    ("it came back once the watch was over", _watch(since=_ran(*[""] * 39, "School")), "held",
     "holds"),
    ("a checkpoint without a look", _watch(checkpoints=_checkpoints(0, 0, None, 0, 0, 0)),
     "held", "broken"),
    ("the last checkpoint without a look", _watch(checkpoints=_checkpoints(0, 0, 0, None)),
     "held", "broken"),
    ("a look that came too late", _watch(checkpoints=_checkpoints(0, 1.1, 0, 0)), "held",
     "broken"),
    ("a look that came too early", _watch(checkpoints=_checkpoints(0, -0.1, 0, 0)), "held",
     "broken"),
    ("a late look", _watch(checkpoints=_checkpoints(0, 0.9, 0, 0, 0, 0)), "held", "holds"),
    ("a look that saw nothing, then one that did",
     _watch(checkpoints=(*_checkpoints(0, 0, 0, 0), _BLIND, _checkpoints(*[0] * 6)[5])),
     "held", "holds"),
    ("a last look that saw nothing",
     _watch(checkpoints=(*_checkpoints(0, 0, 0, 0), _BLIND)), "held", "unseen"),
    ("something else was deployed for a time",
     _watch(checkpoints=(*_checkpoints(0, 0, 0, 0), _AWAY, _checkpoints(*[0] * 6)[5])),
     "held", "unseen"),
    ("a known error, now in every run", _watch(since=_ran(*["timeout"] * 30)), "held", "broken"),
    ("a known error, about as often", _watch(since=_ran(*["", "timeout", "", "", ""] * 6)), "held",
     "holds"),
    ("a new error in one run", _watch(since=_ran(*[""] * 20, "KeyError")), "held", "unseen"),
    ("too few runs since", _watch(since=_ran("", "")), "held", "unseen"),
    ("one run since, and no named error", _watch(since=_ran(""), fixes=()), "held", "holds"),
    ("nothing ran since", _watch(since=()), "held", "unseen"),
    ("nothing ran before", _watch(before=(), fixes=()), "held", "unseen"),
    ("the named error was never there", _watch(before=CLEAN_BEFORE), "held", "unseen"),
    ("the watch goes on", _watch(checkpoints=_checkpoints(*[0] * 7, None, None)), "held",
     "pending"),
    ("an installed copy ran", _copies("image", ran=True, installed=True), "packed", "broken"),
    ("an installed copy may have run", _copies("image", ran=None, installed=True), "packed",
     "unseen"),
    ("another copy may have run", _copies("image", ran=None), "packed", "unseen"),
    ("another copy ran, and the image is right", _copies("image", ran=True), "packed", "holds"),
    ("an installed copy ran that nobody could compare",
     _copies("image", ran=True, lacks=False, installed=True), "packed", "unseen"),
    ("an idle copy in the image", _copies("image", ran=False, installed=True), "packed", "holds"),
    ("another copy ran", _copies("running", ran=True), "ran", "broken"),
    ("either copy may have run", _copies("running", ran=None), "ran", "unseen"),
    ("another copy ran that nobody could compare", _copies("running", ran=True, lacks=False), "ran",
     "unseen"),
    ("an installed copy ran, which is the image's fault",
     _copies("running", ran=True, installed=True), "ran", "holds"),
    ("an idle copy", _copies("running", ran=False), "ran", "holds"),
    ("the watch goes on, and it came back",
     _watch(since=_ran("School"), checkpoints=_checkpoints(*[0] * 7, None, None)), "held",
     "broken"),
    ("a watch without a checkpoint", _watch(checkpoints=()), "held", "unseen"),
    ("no watch was opened", _with(watch=NONE), "held", "unseen"),
    ("a watch in the dark", _with(watch=DARK), "held", "unseen"),
)  # fmt: skip

WITHOUT_EFFECT = (
    (msgspec.structs.replace(BASE.change, effect=Effect.NONE), Presence.PRESENT, "yes"),
    (msgspec.structs.replace(BASE.change, effect=Effect.NONE), Presence.ABSENT, "unknown"),
    (msgspec.structs.replace(BASE.change, effect=Effect.NONE, unplaced=("a.py",)),
     Presence.PRESENT, "unknown"),
)  # fmt: skip


def without_effect() -> list[str]:
    """What is said of changes that alter no image."""
    wrong = []
    for change, presence, wanted in WITHOUT_EFFECT:
        source = _of(Source, BASE.backward.source, presence=presence)
        made = msgspec.structs.replace(BASE.backward, source=source)
        seen = msgspec.structs.replace(BASE, change=change, backward=made)
        said = judge(seen, DIAGNOSES).answers.in_there
        if said != wanted:
            wrong.append(f"a change without effect in a {presence} source: {said}")
    return wrong


def shown_on_an_unknown_image() -> list[str]:
    """Whether it helped, where an execution of which nobody knows what it ran showed an error."""
    wrong = []
    earlier = (_error("School", 5, named="School"), _error("Noise", 9))
    for name, minute, named, wanted in (
        ("School", 8, "School", "unknown"),
        ("School", 4, "School", "yes"),
        ("Noise", 8, None, "yes"),
    ):
        shown = (_error(name, minute, named=named),)
        seen = _with(logs=_of(Logs, BASE.logs, earlier=earlier, on_unknown=shown))
        said = judge(seen, DIAGNOSES).answers.did_it_help
        if said != wanted:
            wrong.append(f"{name} shown in minute {minute} by an unknown image: {said}")
    return wrong


def hidden_by_a_volume() -> list[str]:
    """What is said where a volume hides files of the image, or where the image was started in
    another way: nobody knows what ran.
    """
    said = judge(_execution(mounts=("/app",), hidden=("app/job.py",)), DIAGNOSES).answers
    answers = (said.in_there, said.by_the_book, said.did_it_help)
    started = judge(_execution(overridden=("command",)), DIAGNOSES).answers.in_there
    wrong = [] if set(answers) == {"unknown"} else [f"below a volume: {answers}"]
    return wrong if started == "unknown" else [*wrong, f"with a command of its own: {started}"]


def by_the_book() -> list[str]:
    """What is said of sources and images with differences."""
    wrong = []
    for differences, wanted in ((UNREAD, "unknown"), (OTHERWISE, "no"), (ARCHIVED, "yes")):
        for name in ("source", "image"):
            station = getattr(BASE.backward, name)
            changed = {name: _of(type(station), station, differences=differences)}
            made = msgspec.structs.replace(BASE.backward, **changed)
            seen = msgspec.structs.replace(BASE, backward=made)
            said = judge(seen, DIAGNOSES).answers.by_the_book
            if said != wanted:
                wrong.append(f"a {name} with {differences[0].kind} files: {said}")
    for ran, wanted in ((True, "unknown"), (None, "unknown"), (False, "yes")):
        said = judge(_copies("running", ran=ran, installed=True), DIAGNOSES).answers.by_the_book
        if said != wanted:
            wrong.append(f"a second copy that ran ({ran}): {said}")
    return wrong
