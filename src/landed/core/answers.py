"""The three answers: is it in there, is it by the book, did it help."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from landed.core.model import (
    Absent,
    Answer,
    Answers,
    Effect,
    Link,
    Status,
    Unseen,
)
from landed.core.rules.differences import differing, seen_to_differ
from landed.core.seen import (
    Build,
    Execution,
    Image,
    Logs,
    Observations,
    Running,
    Share,
    Source,
)
from landed.core.words import listed, short

Reply = tuple[Answer, str]


def answer(seen: Observations, statuses: dict[Link, Status]) -> Answers:
    """All three, in the order in which they are asked."""
    inside = in_there(seen)
    book = _worst(_by_the_book(look) for look in seen.each())
    help_ = _worst(_did_it_help(look, statuses, inside[0]) for look in seen.each())
    return Answers(
        in_there=inside[0],
        by_the_book=book[0],
        did_it_help=help_[0],
        because={"in_there": inside[1], "by_the_book": book[1], "did_it_help": help_[1]},
    )


_WORST_FIRST = (Answer.NO, Answer.UNKNOWN, Answer.YES)


def _worst(replies: Iterable[Reply]) -> Reply:
    """Yes only where each is; one that is known not to be so decides."""
    return min(replies, key=lambda reply: _WORST_FIRST.index(reply[0]))


def in_there(seen: Observations) -> Reply:
    """Whether what runs contains the effect of the change, by content. Of a service that is all
    that takes traffic.
    """
    return _worst(_with_share(look, *_in_there(look)) for look in seen.each())


def _with_share(seen: Observations, answer: Answer, because: str) -> Reply:
    """The reply with the share of the traffic that it is about, where that is not all of it."""
    one = seen.execution
    if not isinstance(one, Execution) or one.percent in (None, 100):
        return answer, because
    return answer, f"{one.percent} % of the traffic goes to {one.id}: {because}"


def _in_there(seen: Observations) -> Reply:
    running = seen.running
    if isinstance(running, Unseen):
        return Answer.UNKNOWN, running.reason
    if isinstance(running, Absent):
        return Answer.NO, running.reason
    if seen.change.effect is Effect.NONE:
        return _without_effect(seen, running)
    execution = seen.execution
    if isinstance(execution, Execution) and execution.foreign_modules:
        return (
            Answer.UNKNOWN,
            f"{execution.called} ran code that is not its image's, so the image does not say",
        )
    if isinstance(execution, Execution) and execution.hidden:
        over = listed(execution.mounts)
        return Answer.UNKNOWN, f"a volume over {over} hides files of the image it should show"
    arrived = running.presence.arrived
    if arrived and isinstance(execution, Execution) and execution.overridden:
        what = listed(execution.overridden)
        return Answer.UNKNOWN, f"{execution.called} has its own {what}: other code may have run"
    if arrived is None:
        return Answer.UNKNOWN, running.because
    return (Answer.YES if arrived else Answer.NO), running.because


def _without_effect(seen: Observations, running: Running) -> Reply:
    """A change that alters no image is only as far as the source of what runs."""
    if seen.change.unplaced:
        return Answer.UNKNOWN, f"nothing of {listed(seen.change.unplaced)} reaches the image"
    source = seen.backward.source
    if isinstance(source, Source) and source.presence.arrived:
        return Answer.YES, "it changes nothing in the image, and what runs was built with it"
    return (
        Answer.UNKNOWN,
        f"it changes nothing in the image, so {short(running.digest)} cannot show it",
    )


def _by_the_book(seen: Observations) -> Reply:
    """Whether anyone could rebuild what runs, now, from the remote."""
    build, source, image = seen.backward.build, seen.backward.source, seen.backward.image
    if isinstance(seen.running, (Absent, Unseen)):
        return Answer.UNKNOWN, seen.running.reason
    for station in (build, source, image):
        if isinstance(station, (Absent, Unseen)):
            return Answer.UNKNOWN, station.reason
    execution = seen.execution
    if isinstance(execution, Execution) and execution.foreign_modules:
        return Answer.NO, "what ran also loaded code that is not in its image"
    if isinstance(execution, Execution) and execution.hidden:
        return Answer.UNKNOWN, "what lies in the volume that hides the image's files, nobody sees"
    if copy := next((c for c in seen.running.copies if c.ran is not False), None):
        which = "ran" if copy.ran else "may be what runs"
        return Answer.UNKNOWN, f"{copy.called} {which}, and no COPY of the source made that"
    # The loop has narrowed all three, which a type checker cannot see.
    assert isinstance(build, Build)  # noqa: S101
    assert isinstance(source, Source)  # noqa: S101
    assert isinstance(image, Image)  # noqa: S101
    if seen_to_differ(source.differences):
        return Answer.NO, "what runs was built from files that are in no commit of the remote"
    if seen_to_differ(image.differences):
        return Answer.NO, "the image that runs holds files that its source does not"
    if differing(source.differences) or differing(image.differences):
        return Answer.UNKNOWN, "some files of what runs could not be compared with their source"
    if source.on_ref is False and not source.on_remote:
        return Answer.NO, f"its source {short(source.commit or '')} is not on the remote"
    if source.commit is None or not (source.on_ref or source.on_remote):
        return Answer.UNKNOWN, "whether its source is on the remote, nobody could tell"
    if not image.compared:
        return Answer.UNKNOWN, "no file of the image could be compared with its source"
    only = " (source only: its base and its RUN steps are not pinned)" if build.unpinned else ""
    own = execution.overridden if isinstance(execution, Execution) else ()
    start = f"; the {listed(own)} that this one was started with stands in no commit" if own else ""
    return Answer.YES, f"anyone can build it again from {short(source.commit)}{only}{start}"


def _did_it_help(seen: Observations, statuses: dict[Link, Status], inside: Answer) -> Reply:
    """Whether an error that the change names was there before, and is gone."""
    healed = statuses[Link.HEALED]
    named = seen.change.named_errors
    if not named:
        return Answer.UNKNOWN, "no error is named that it should stop"
    if healed is Status.BROKEN:
        where = "what ran does not have it, and" if inside is Answer.NO else "the execution"
        return Answer.NO, f"{where} still shows an error"
    if healed is not Status.HOLDS:
        return Answer.UNKNOWN, "no execution shows yet whether it works"
    if inside is not Answer.YES:
        return Answer.UNKNOWN, "what runs is not proved to contain it"
    logs = seen.logs
    if not isinstance(logs, Logs):
        return Answer.UNKNOWN, "the entries could not be read"
    again = next((e for e in logs.with_change if e.named), None)
    if again is not None:
        return Answer.UNKNOWN, f"an earlier execution with the change still showed `{again.named}`"
    gone = sorted({e.named for e in logs.earlier if e.named})
    if not gone:
        return Answer.UNKNOWN, "the named error was not seen in earlier executions either"
    known = max(e.last_at for e in logs.earlier if e.named)
    later = next((e for e in logs.on_unknown if e.named and e.last_at > known), None)
    if later is not None:
        return (
            Answer.UNKNOWN,
            f"`{later.named}` was shown since by an execution on an unknown image",
        )
    rare = next((one for one in logs.shares if _likely_by_luck(one, logs.clean)), None)
    if rare is not None:
        before = f"`{rare.name}` was in {rare.hits} of {rare.of} executions before"
        more = next(n for n in itertools.count(1) if not _likely_by_luck(rare, logs.clean + n))
        return (
            Answer.UNKNOWN,
            f"{before}: it may be gone by luck; {more} more clean would tell",
        )
    return Answer.YES, f"`{gone[0]}` was there before, and is gone"


def _likely_by_luck(share: Share, clean: int) -> bool:
    """Whether so many clean executions are more likely than not, had nothing been mended."""
    return (1 - share.hits / share.of) ** clean > 0.5
